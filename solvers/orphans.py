"""Where a solve begins: everyone stays, and accounts that nobody serves get a rep without breaking a rule.

The cheapest rep one by one does it nearly always. Where a neighbour graph, barriers or numbers of accounts leave that no
way, an integer programme over the orphans (and, in small regions, everybody) finds one or shows that there is none; then
another one over the orphans finds by how little the rules must give.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from solvers.objective import Costs
from solvers.problem import ORPHAN, Ints, Problem, ProblemError
from solvers.search import cheapest_insertion, keeps_today, without_low_worth
from solvers.verdict import some

SMALL = 5_000  # pairs of account and rep up to which accounts that are served may move too
WORK = 20.0  # CP-SAT's deterministic units


def baseline(costs: Costs) -> Ints:
    """The plan (n,) of doing nothing but placing the orphans. Raises ProblemError when no plan keeps the rules."""
    p = costs.problem
    plan = cheapest_insertion(costs, p.current)
    if not p.orphan.any() or keeps_today(costs, plan):
        return plan
    found = _Programme(costs, np.flatnonzero(p.orphan).tolist()).solve()
    if found is None and costs.fixed.size <= SMALL:
        found = _Programme(costs, np.flatnonzero(p.orphan | p.movable).tolist()).solve()
    if found is None:
        raise ProblemError([_verdict(p)])
    return without_low_worth(costs, found, found)


def nearest(costs: Costs) -> Ints | None:
    """A plan (n,) that places the orphans and breaks as little as can be, barriers last and numbers of accounts first; None
    when none was found."""
    return _Programme(costs, np.flatnonzero(costs.problem.orphan).tolist(), gives=True).solve()


def _verdict(p: Problem) -> str:
    orphans = some([p.account_ids[i] for i in np.flatnonzero(p.orphan)])
    rules = ["contiguity"] if p.contiguity == "hard" else []
    rules += ["barriers"] if p.apart is not None and len(p.apart) else []
    rules += ["numbers of accounts"] if p.least_accounts or p.most_accounts is not None else []
    return (
        f"no plan was found that gives a rep to each account without one and keeps {' and '.join(rules)}: {orphans}; "
        "make contiguity preferred, lift a barrier or let more reps serve them"
    )


@dataclass(slots=True)
class _Programme:
    """Reps for some accounts, all others staying. Accounts that stay and touch count as one node of the graph."""

    costs: Costs
    loose: list[int]  # accounts that get a rep
    gives: bool = False  # rules may give, by as little as can be, and nothing else counts
    free: set[int] = field(init=False)
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    take: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    crossed: list[cp_model.LinearExpr] = field(default_factory=list)  # pairs of accounts for which barriers give
    torn: cp_model.IntVar | int = 0  # pieces more than there may be
    over: cp_model.IntVar | int = 0  # accounts more than a territory may have

    def __post_init__(self) -> None:
        self.free = set(self.loose)

    def solve(self) -> Ints | None:
        """A plan that keeps every rule, the cheapest by travel and change, or gives least; None when none was found."""
        p, free = self.costs.problem, self.free
        for i in self.loose:
            ways = np.flatnonzero(self.costs.allowed[i]).tolist()
            self.take |= {(i, j): self.model.new_bool_var("") for j in ways}
            self.model.add_exactly_one(self.take[i, j] for j in ways)
        self._numbers()
        for (i, j), beyond in self._barred().items():
            self.model.add(self.take[i, j] <= self._crossing(beyond))
        for a, b in [] if p.apart is None else p.apart.tolist():
            for j in range(p.reps) if a in free and b in free else ():
                if not p.current[a] == p.current[b] == j:
                    self.model.add(self._holds(a, j) + self._holds(b, j) - self._crossing() <= 1)
        if p.contiguity == "hard":
            self._pieces()
        changed = [taken for (i, j), taken in self.take.items() if self.costs.changes[i, j]]
        if p.max_moves is not None:
            self.model.add(sum(changed) <= p.max_moves)
        self.model.minimize(self._given() if self.gives else self._cost())
        return self._plan()

    def _cost(self) -> cp_model.LinearExpr | int:
        return sum(round(float(self.costs.fixed[pair])) * taken for pair, taken in self.take.items())

    def _given(self) -> cp_model.LinearExpr | int:
        """How far the rules give: one pair across a barrier weighs more than all pieces, one piece more than all numbers."""
        all_numbers = self.costs.problem.accounts + 1
        all_pieces = len(self.loose) + 1
        return all_numbers * all_pieces * sum(self.crossed) + all_numbers * self.torn + self.over

    def _crossing(self, pairs: int = 1) -> cp_model.IntVar | int:
        """1 where a barrier gives, for so many pairs of accounts."""
        if not self.gives:
            return 0
        gives = self.model.new_bool_var("")
        self.crossed.append(pairs * gives)
        return gives

    def _slack(self, most: int) -> cp_model.IntVar | int:
        return self.model.new_int_var(0, most, "") if self.gives else 0

    def _plan(self) -> Ints | None:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = WORK
        if solver.solve(self.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        plan = self.costs.problem.current.copy()
        for (i, j), taken in self.take.items():
            if solver.boolean_value(taken):
                plan[i] = j
        return plan if self.gives or keeps_today(self.costs, plan) else None

    def _holds(self, account: int, rep: int) -> cp_model.LinearExpr | int:
        if account in self.free:
            return self.take.get((account, rep), 0)
        return int(self.costs.problem.current[account] == rep)

    def _barred(self) -> Counter[tuple[int, int]]:
        """Loose accounts and the reps who keep so many from beyond a barrier, and not these today."""
        p, free = self.costs.problem, self.free
        pairs = [] if p.apart is None else np.concatenate([p.apart, p.apart[:, ::-1]]).tolist()
        found = ((i, int(p.current[other])) for i, other in sorted(pairs) if i in free and other not in free)
        return Counter((i, j) for i, j in found if p.current[i] != j and (i, j) in self.take)

    def _numbers(self) -> None:
        p = self.costs.problem
        before = np.bincount(p.current[p.current >= 0], minlength=p.reps).tolist()
        self.over = self._slack(p.accounts)
        for j in range(p.reps):
            staying = sum(1 for i in np.flatnonzero(p.current == j).tolist() if i not in self.free)
            count = staying + sum(taken for (_, rep), taken in self.take.items() if rep == j)
            if p.least_accounts:
                self.model.add(count >= min(p.least_accounts, before[j]))
            if p.most_accounts is not None:
                spare = max(before[j] - p.most_accounts, 0)  # who has more today keeps them, and gets none
                more = self.model.new_int_var(spare, p.accounts, "")
                self.model.add_max_equality(more, [self.over, spare])
                self.model.add(count <= p.most_accounts + more)

    def _pieces(self) -> None:
        """Each piece has one root; everyone else hangs on a neighbour of the same rep, one level below it."""
        p = self.costs.problem
        node, near = _contracted(p, self.free)
        count = max(node) + 1
        level = [self.model.new_int_var(0, count, "") for _ in range(count)]
        root = [self.model.new_bool_var("") for _ in range(count)]
        holder = dict(zip(node, range(p.accounts), strict=True))  # any account of a node stands for it
        parents: list[list[cp_model.IntVar]] = [[] for _ in range(count)]
        for a, b in near:
            for child, parent in ((a, b), (b, a)):
                hangs = self.model.new_bool_var("")
                parents[child].append(hangs)
                self.model.add(level[child] >= level[parent] + 1).only_enforce_if(hangs)
                for j in range(p.reps):
                    self.model.add(self._holds(holder[child], j) <= self._holds(holder[parent], j)).only_enforce_if(
                        hangs
                    )
        for at in range(count):
            self.model.add(root[at] + sum(parents[at]) == 1)
        used = [self.model.new_bool_var("") for _ in range(p.reps)]
        for j in range(p.reps):
            self.model.add(used[j] <= sum(self._holds(i, j) for i in holder.values()))
        self.torn = self._slack(len(self.loose))
        self.model.add(sum(root) <= _breaks_today(p) + p.more_pieces + sum(used) + self.torn)


def _contracted(p: Problem, free: set[int]) -> tuple[list[int], list[tuple[int, int]]]:
    """The node of each account, and the edges between nodes."""
    edges = [] if p.edges is None else p.edges.tolist()
    parent = list(range(p.accounts))

    def top(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in edges:
        if a not in free and b not in free and p.current[a] == p.current[b]:
            parent[top(a)] = top(b)
    number: dict[int, int] = {}
    node = [number.setdefault(top(i), len(number)) for i in range(p.accounts)]
    pairs = sorted({(min(node[a], node[b]), max(node[a], node[b])) for a, b in edges if node[a] != node[b]})
    return node, pairs


def _breaks_today(p: Problem) -> int:
    """Pieces of today's territories beyond one each; accounts of nobody do not count."""
    served = set(np.flatnonzero(p.current != ORPHAN).tolist())
    node, _ = _contracted(p, set(range(p.accounts)) - served)
    return len({node[i] for i in served}) - len({int(p.current[i]) for i in served})
