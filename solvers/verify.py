"""The judge: checks a plan with plain arithmetic of its own, sharing no code with search or objective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solvers.problem import Problem
from solvers.solution import Move, Solution

CENT = 0.01
RELATIVE = 1e-9


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str  # machine word
    detail: str


def verify(problem: Problem, assignment: Sequence[str]) -> list[Violation]:
    """What is wrong with a plan given as the rep id of each account, in the problem's order; nothing wrong: empty."""
    p = problem
    if len(assignment) != p.accounts:
        return [Violation("complete", f"{len(assignment)} assignments for {p.accounts} accounts")]
    index = {rep: j for j, rep in enumerate(p.rep_ids)}
    found, moves = [], 0
    for i, (account, rep) in enumerate(zip(p.account_ids, assignment, strict=True)):
        now = int(p.current[i])
        if rep not in index:
            found.append(Violation("live reps", f"{account} is given to {rep!r}, who is no live rep"))
            continue
        if index[rep] == now:
            continue
        moves += now >= 0
        if now >= 0 and not p.movable[i]:
            found.append(Violation("held", f"{account} is held ({p.held_because[i]}) yet moves to {rep}"))
        if p.eligible is not None and not p.eligible[i, index[rep]]:
            found.append(Violation("eligible", f"{rep} may not serve {account}"))
    if p.max_moves is not None and moves > p.max_moves:
        found.append(Violation("max_moves", f"{moves} moves, {p.max_moves} allowed"))
    found += _budgets(p, [index.get(rep, -1) for rep in assignment])
    return found or _together(p, [index[rep] for rep in assignment])


def _budgets(p: Problem, plan: list[int]) -> list[Violation]:
    """The potential that may change hands, in all and at each rep. Orphans have to go somewhere and do not count."""
    found, of_rep = [], [0.0] * p.reps
    for i, rep in enumerate(plan):
        now = int(p.current[i])
        if now >= 0 and rep not in (-1, now):
            of_rep[now] += float(p.potential[i])
            of_rep[rep] += float(p.potential[i])
    moved = math.fsum(of_rep) / 2
    if p.move_budget is not None and moved > p.move_budget + CENT:
        found.append(Violation("move_budget", f"{moved:.2f} EUR change rep, {p.move_budget:.2f} allowed"))
    for j, rep_id in enumerate(p.rep_ids) if p.rep_move_budget is not None else ():
        if of_rep[j] > float(p.rep_move_budget[j]) + CENT:  # type: ignore[index]
            allowed = float(p.rep_move_budget[j])  # type: ignore[index]
            found.append(
                Violation("rep_move_budget", f"{of_rep[j]:.2f} EUR come or go at {rep_id}, {allowed:.2f} allowed")
            )
    return found


def _families(p: Problem, plan: list[int], today: list[int]) -> list[Violation]:
    """Members who share a rep today share one tomorrow; those without one join the family, where a rep of it may serve them."""
    found = []
    families: dict[int, list[int]] = {}
    for i, family in enumerate([] if p.family is None else p.family.tolist()):
        if family >= 0:
            families.setdefault(family, []).append(i)
    for members in families.values():
        shares: dict[int, set[int]] = {}
        for i in members:
            shares.setdefault(today[i], set()).add(plan[i])
        served = {rep for rep in shares if rep >= 0}
        parts = [rep for rep in served if len(shares[rep]) > 1]
        found += [_divided(p, [i for i in members if today[i] == rep]) for rep in parts]
        if not served and len(members) > 1 and len(shares[-1]) > 1 and _one_may_serve(p, members):
            found.append(_divided(p, members))
        kin = {plan[i] for i in members if today[i] >= 0}
        strays = [i for i in members if today[i] < 0 and served and plan[i] not in kin]
        found += [_divided(p, [i]) for i in strays if any(p.eligible is None or p.eligible[i, j] for j in served)]
    return found


def _one_may_serve(p: Problem, members: list[int]) -> bool:
    """Whether there is a rep who may serve all of them."""
    return p.eligible is None or any(all(p.eligible[i, j] for i in members) for j in range(p.reps))


def _divided(p: Problem, members: list[int]) -> Violation:
    names = ", ".join(p.account_ids[i] for i in members[:5])
    return Violation("family", f"the family of {names} is divided")


def _together(p: Problem, plan: list[int]) -> list[Violation]:
    """The rules that bind accounts to each other: numbers of accounts, barriers, territories in one piece."""
    found = []
    today = [int(j) for j in p.current]
    for j, rep in enumerate(p.rep_ids):
        count, before = plan.count(j), today.count(j)
        if p.most_accounts is not None and count > max(p.most_accounts, before):
            found.append(Violation("most_accounts", f"{rep} gets {count} accounts, {p.most_accounts} allowed"))
        if count < min(p.least_accounts, before):
            found.append(Violation("least_accounts", f"{rep} keeps {count} accounts, needs {p.least_accounts}"))
    for a, b in [] if p.apart is None else p.apart.tolist():
        if plan[a] == plan[b] and not today[a] == today[b] >= 0:
            names = f"{p.account_ids[a]} and {p.account_ids[b]}"
            found.append(Violation("apart", f"{names} come to share {p.rep_ids[plan[a]]} across a barrier"))
    found += _families(p, plan, today)
    if p.contiguity == "hard" and breaks(p, plan) > breaks(p, today):
        found.append(
            Violation("contiguity", f"territories fall into {breaks(p, plan)} more pieces, today {breaks(p, today)}")
        )
    return found


def breaks(p: Problem, plan: Sequence[int]) -> int:
    """Pieces of all territories on the neighbour graph beyond one each; accounts of nobody (-1) do not count."""
    if p.edges is None or p.contiguity == "off":
        return 0
    near: list[list[int]] = [[] for _ in plan]
    for a, b in p.edges.tolist():
        if plan[a] == plan[b] >= 0:
            near[a].append(b)
            near[b].append(a)
    seen, pieces = [False] * len(plan), 0
    for origin, rep in enumerate(plan):
        if rep < 0 or seen[origin]:
            continue
        pieces, waiting = pieces + 1, [origin]
        seen[origin] = True
        while waiting:
            for other in near[waiting.pop()]:
                if not seen[other]:
                    seen[other] = True
                    waiting.append(other)
    return pieces - len({rep for rep in plan if rep >= 0})


def verify_solution(problem: Problem, solution: Solution) -> list[Violation]:
    """Everything `verify` checks, and every claim: ids, moves, objective, terms, worth, balances, bound and gap."""
    if solution.account_ids != problem.account_ids:
        return [Violation("complete", "the solution speaks of other accounts")]
    found = verify(problem, solution.assignment)
    if found:
        return found
    ledger = Ledger(problem, solution.assignment)
    found += _moves_match(problem, solution)
    found += _differs("objective", "after", ledger.total(), solution.after.total_eur)
    for name, value in ledger.terms().items():
        found += _differs("terms", name, value, getattr(solution.after, name))
    for move in solution.moves:
        found += _worth_holds(problem, ledger, move)
    found += _balances_match(ledger, solution)
    if solution.after.total_eur < solution.bound_eur - CENT - RELATIVE * abs(solution.bound_eur):
        found.append(Violation("bound", f"plan {solution.after.total_eur} is below its bound {solution.bound_eur}"))
    if solution.after.total_eur > solution.before.total_eur + CENT:
        found.append(Violation("no harm", "the plan is worse than doing nothing"))
    gap = max(0.0, ledger.total() - solution.bound_eur) / max(solution.bound_eur, 1.0)
    return found + _differs("gap", "gap", gap, solution.gap)


class Ledger:
    """The cost of one plan, account by account and rep by rep."""

    def __init__(self, problem: Problem, assignment: Sequence[str]) -> None:
        self.problem = p = problem
        index = {rep: j for j, rep in enumerate(p.rep_ids)}
        self.plan = [index[rep] for rep in assignment]
        share = [float(c) / math.fsum(p.capacity) for c in p.capacity]
        potential, hours = math.fsum(p.potential), math.fsum(p.hours)
        ready = [float(c) for c in p.capacity]
        if p.seniority is not None:
            ready = [c * float(s) for c, s in zip(ready, p.seniority, strict=True)]
        self.ready = ready
        self.target = [potential * r / math.fsum(ready) for r in ready]
        self.free = [p.weights.hours_slack * hours * s for s in share]
        own: list[list[int]] = [[] for _ in share]
        for i, j in enumerate(self.plan):
            own[j].append(i)
        self.load = [math.fsum(p.potential[i] for i in accounts) for accounts in own]
        self.hours = [math.fsum(p.hours[i] for i in accounts) for accounts in own]

    def terms(self) -> dict[str, float]:
        """Cost by term, named as in the solution's terms."""
        p, plan = self.problem, self.plan
        w = p.weights
        km = math.fsum(self.km(i, j) for i, j in enumerate(plan))
        reps = range(p.reps)
        return {
            "travel_km": km,
            "travel_eur": km * w.travel_per_km,
            "accounts_changed": float(sum(self._changes(i, j) for i, j in enumerate(plan))),
            "change_eur": math.fsum(self.change(i, j) for i, j in enumerate(plan)),
            "balance_eur": math.fsum(self.balance(j, self.load[j]) for j in reps),
            "overtime_eur": math.fsum(self.overtime(j, self.hours[j]) for j in reps),
            "contiguity_eur": self.pieces_eur(plan),
            "pieces": float(breaks(p, plan)),
            "overtime_hours": math.fsum(max(0.0, self.hours[j] - self.free[j]) for j in reps),
            "deviation_points": math.fsum(
                100 * abs(self.load[j] - self.target[j]) / self.target[j] for j in reps if self.target[j] > 0
            ),
        }

    def total(self) -> float:
        return math.fsum(v for name, v in self.terms().items() if name.endswith("_eur"))

    def change_by(self, account: int, rep: int) -> float:
        """EUR the total changes when this account alone goes to `rep`."""
        now, p, i = self.plan[account], self.problem, account
        if rep == now:
            return 0.0
        loads = ((now, -1.0), (rep, 1.0))
        shift = [self.balance(j, self.load[j] + s * p.potential[i]) - self.balance(j, self.load[j]) for j, s in loads]
        shift += [self.overtime(j, self.hours[j] + s * p.hours[i]) - self.overtime(j, self.hours[j]) for j, s in loads]
        road = (self.km(i, rep) - self.km(i, now)) * p.weights.travel_per_km
        put = [*self.plan[:i], rep, *self.plan[i + 1 :]]
        torn = self.pieces_eur(put) - self.pieces_eur(self.plan)
        return math.fsum([road, torn, self.change(i, rep) - self.change(i, now), *shift])

    def pieces_eur(self, plan: Sequence[int]) -> float:
        """The price of pieces, where contiguity is preferred."""
        p = self.problem
        return p.weights.territory_piece * breaks(p, plan) if p.contiguity == "preferred" else 0.0

    def km(self, account: int, rep: int) -> float:
        """Road km a year: visits, out and back, shared by the visits of a tour."""
        p = self.problem
        row, now = p.distance_km[account], int(p.current[account])
        if now >= 0 and math.isnan(row[now]):
            return 0.0
        straight = float(row[rep])
        if math.isnan(straight):
            known = [float(d) for d in row if not math.isnan(d)]
            straight = float(row[now]) if now >= 0 else (math.fsum(known) / len(known) if known else 0.0)
        return float(p.visits[account]) / p.weights.visits_per_tour * 2 * straight * p.weights.road_factor

    def change(self, account: int, rep: int) -> float:
        w = self.problem.weights
        changes = self._changes(account, rep)
        return w.handover + w.churn_share * float(self.problem.potential[account]) if changes else 0.0

    def _changes(self, account: int, rep: int) -> bool:
        return int(self.problem.current[account]) not in (-1, rep)

    def balance(self, rep: int, load: float) -> float:
        w, target = self.problem.weights, self.target[rep]
        steps = [target * w.balance_free, *(target * knee for knee in w.balance_knees), math.inf]
        return _climb(abs(load - target), steps, w.balance_slopes)

    def overtime(self, rep: int, hours: float) -> float:
        w, free = self.problem.weights, self.free[rep]
        return _climb(hours, [free, 1.15 * free, math.inf], (w.overtime, w.overtime_hard))


def _climb(amount: float, steps: Sequence[float], slopes: Sequence[float]) -> float:
    """Cost of an amount, each stretch between two steps at its slope."""
    stretches = zip(steps, steps[1:], slopes, strict=False)
    return math.fsum(slope * max(0.0, min(amount, end) - start) for start, end, slope in stretches)


def _moves_match(problem: Problem, solution: Solution) -> list[Violation]:
    claimed = {m.account_id: (m.from_rep, m.to_rep) for m in solution.moves}
    names = ("", *problem.rep_ids)
    today = [names[int(j) + 1] for j in problem.current]
    changes = zip(problem.account_ids, today, solution.assignment, strict=True)
    real = {account: (old, new) for account, old, new in changes if old != new}
    return [] if claimed == real else [Violation("moves", "the moves listed are not those of the assignment")]


def _worth_holds(problem: Problem, ledger: Ledger, move: Move) -> list[Violation]:
    """The worth of a move, recomputed, its shares, and the least a move must earn."""
    p, i = problem, problem.account_ids.index(move.account_id)
    to, now = ledger.plan[i], int(p.current[i])
    if now >= 0:
        worth = ledger.change_by(i, now)
    else:
        ways = [j for j in range(p.reps) if j != to and (p.eligible is None or p.eligible[i, j])]
        worth = min((ledger.change_by(i, j) for j in ways), default=0.0)
    found = _differs("worth", move.account_id, worth, move.worth_eur)
    found += _differs("shares", move.account_id, move.worth.total_eur, move.worth_eur)
    if now >= 0 and worth < p.min_move_worth - CENT and _may_be_undone(p, ledger.plan, i):
        found.append(Violation("min_move_worth", f"{move.account_id} earns {worth:.2f}, less than {p.min_move_worth}"))
    return found


def _may_be_undone(p: Problem, plan: list[int], account: int) -> bool:
    """Whether the plan keeps every rule without this one move; a move that others rest on cannot be judged alone."""
    names = [p.rep_ids[j] for j in plan]
    names[account] = p.rep_ids[int(p.current[account])]
    return not verify(p, names)


def _balances_match(ledger: Ledger, solution: Solution) -> list[Violation]:
    found = []
    for j, rep in enumerate(solution.reps):
        found += _differs("balances", f"potential of {rep.rep_id}", ledger.load[j], rep.after.potential_eur)
        found += _differs("balances", f"hours of {rep.rep_id}", ledger.hours[j], rep.after.hours)
    per_capacity = np.array(ledger.load) / np.array(ledger.ready)
    std = 100 * float(np.std(per_capacity) / np.mean(per_capacity)) if per_capacity.any() else 0.0
    return found + _differs("balances", "spread", std, solution.spread_after.std_percent)


def _differs(rule: str, what: str, right: float, claimed: float) -> list[Violation]:
    if math.isclose(right, claimed, rel_tol=1e-7, abs_tol=CENT):
        return []
    return [Violation(rule, f"{what}: claimed {claimed}, is {right}")]
