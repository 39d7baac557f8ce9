"""The fewest moves within a tolerance as an integer programme for OR-Tools' CP-SAT, on chosen pairs of account and rep.

An account may join a territory only where an account one step nearer to it joins too (or is of it and stays), so what is
added hangs together; whether what is left hangs together is checked on each plan found and cut off when it does not.
Whole numbers throughout: potential in 100,000ths of the rep's fair share, hours in hundredths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from solvers.objective import Costs
from solvers.problem import Floats, Ints

SHARE = 100_000  # units of a fair share
HOUR = 100
CHEAPEN = 0.25  # of the work goes into making a plan of so few moves cheap
CUTS = 12  # times a plan that tears a territory is cut off and the programme solved again
Pairs = Mapping[tuple[int, int], int]  # (account, rep) -> steps in the graph to the rep's territory; 0 without a graph


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a plan: loads within `tolerance` of the fair share, hours within `capacity` (k,)."""

    tolerance: float
    capacity: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A plan of few moves; no plan of the chosen pairs has fewer than `least`."""

    plan: Ints
    moves: int
    least: int


class FewMovesModel:
    """One programme; `near` are the neighbours of each account, empty where contiguity does not count."""

    def __init__(
        self, costs: Costs, wish: Wish, pairs: Pairs, near: list[list[int]], work: float, seconds: float
    ) -> None:
        self.costs, self.wish, self.pairs, self.near = costs, wish, pairs, near
        self.work, self.seconds = work, seconds
        self.model = cp_model.CpModel()
        self.take = {pair: self.model.new_bool_var("") for pair in sorted(pairs)}
        self.leaving: dict[int, list[cp_model.IntVar]] = {}
        for (account, _), taken in self.take.items():
            self.leaving.setdefault(account, []).append(taken)
        self._one_rep_each()
        self._loads()
        self._numbers()
        self._barriers()
        if near:
            self._ways()

    def fewest(self, hint: Ints | None = None) -> Counted | None:
        """The plan with the fewest moves found, then the cheapest of so many; None when there is none."""
        served = self.costs.problem.current >= 0
        moves = [taken for (account, _), taken in self.take.items() if served[account]]
        self.model.minimize(sum(moves))
        plan, least = self._solve(hint)
        if plan is None:
            return None
        count = self._moves(plan)
        self.model.add(sum(moves) <= count)
        self.model.minimize(sum(self._extra(pair) * taken for pair, taken in self.take.items()))
        self.work *= CHEAPEN
        cheaper, _ = self._solve(plan)
        return Counted(plan if cheaper is None else cheaper, count, least)

    def _solve(self, hint: Ints | None) -> tuple[Ints | None, int]:
        """A plan that hangs together, or None; and a bound on the programme's value."""
        least = 0
        for _ in range(CUTS):
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.random_seed = 7
            solver.parameters.max_deterministic_time = self.work
            solver.parameters.max_time_in_seconds = self.seconds
            self.model.clear_hints()  # type: ignore[no-untyped-call]
            if hint is not None:
                for (account, rep), taken in self.take.items():
                    self.model.add_hint(taken, bool(hint[account] == rep))
            status = solver.solve(self.model)
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                return None, least
            least = max(least, round(np.ceil(solver.best_objective_bound - 1e-6)))
            plan = self.costs.problem.current.copy()
            for (account, rep), taken in self.take.items():
                if solver.boolean_value(taken):
                    plan[account] = rep
            if not self.near or not self._cut(plan):
                return plan, least
            hint = plan
        return None, least

    def _moves(self, plan: Ints) -> int:
        return int(self.costs.changes[np.arange(len(plan)), plan].sum())

    def _extra(self, pair: tuple[int, int]) -> int:
        """EUR a year that the pair costs more than today's."""
        account, now = pair[0], self.costs.problem.current[pair[0]]
        return round(float(self.costs.fixed[pair] - (self.costs.fixed[account, now] if now >= 0 else 0.0)))

    def _holds(self, account: int, rep: int) -> cp_model.LinearExpr | int:
        """1 when the rep serves the account."""
        if self.costs.problem.current[account] == rep:
            return 1 - sum(self.leaving.get(account, []))
        return self.take.get((account, rep), 0)

    def _one_rep_each(self) -> None:
        for account, taken in self.leaving.items():
            if self.costs.problem.current[account] < 0:
                self.model.add_exactly_one(taken)
            else:
                self.model.add_at_most_one(taken)

    def _loads(self) -> None:
        p, costs = self.costs.problem, self.costs
        hours = np.round(p.hours * HOUR).astype(np.int64)
        slack = round(SHARE * self.wish.tolerance * 0.999)
        coming, going = self._flows()
        for rep in range(p.reps):
            share = np.round(p.potential * (SHARE / max(float(costs.target[rep]), 1e-9))).astype(np.int64)
            own = p.current == rep
            change = [(i, taken, 1) for i, taken in coming[rep]] + [(i, taken, -1) for i, taken in going[rep]]
            load = int(share[own].sum()) + sum(sign * int(share[i]) * taken for i, taken, sign in change)
            work = int(hours[own].sum()) + sum(sign * int(hours[i]) * taken for i, taken, sign in change)
            if change:
                self.model.add_linear_constraint(load, SHARE - slack, SHARE + slack)
                self.model.add(work <= int(self.wish.capacity[rep] * HOUR))
            elif not SHARE - slack <= load <= SHARE + slack:
                self.model.add_bool_or([])  # nothing can help this rep

    def _flows(self) -> tuple[list[list[tuple[int, cp_model.IntVar]]], list[list[tuple[int, cp_model.IntVar]]]]:
        reps = range(self.costs.problem.reps)
        coming: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in reps]
        going: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in reps]
        for (account, rep), taken in self.take.items():
            coming[rep].append((account, taken))
            if self.costs.problem.current[account] >= 0:
                going[self.costs.problem.current[account]].append((account, taken))
        return coming, going

    def _numbers(self) -> None:
        p = self.costs.problem
        if p.least_accounts == 0 and p.most_accounts is None:
            return
        before = np.bincount(p.current[p.current >= 0], minlength=p.reps).tolist()
        coming, going = self._flows()
        for rep in range(p.reps):
            count = before[rep] + sum(taken for _, taken in coming[rep]) - sum(taken for _, taken in going[rep])
            self.model.add(count >= min(p.least_accounts, before[rep]))
            if p.most_accounts is not None:
                self.model.add(count <= max(p.most_accounts, before[rep]))

    def _barriers(self) -> None:
        p = self.costs.problem
        for a, b in [] if p.apart is None else p.apart.tolist():
            for rep in range(p.reps):
                if (a, rep) in self.take or (b, rep) in self.take:
                    self.model.add(self._holds(a, rep) + self._holds(b, rep) <= 1)

    def _ways(self) -> None:
        """Who joins follows one who is a step nearer to the territory."""
        current = self.costs.problem.current
        for (account, rep), taken in self.take.items():
            steps = self.pairs[account, rep]
            nearer = [
                self._holds(other, rep)
                for other in self.near[account]
                if (current[other] == rep if steps == 1 else self.pairs.get((other, rep)) == steps - 1)
            ]
            self.model.add(taken <= sum(nearer))

    def _cut(self, plan: Ints) -> bool:
        """Forbid the pieces a plan tears off its territories; whether there were any more than today."""
        torn = False
        for rep in range(self.costs.problem.reps):
            pieces = _pieces(self.near, np.flatnonzero(plan == rep).tolist())
            today = _pieces(self.near, np.flatnonzero(self.costs.problem.current == rep).tolist())
            if len(pieces) <= max(len(today), 1):
                continue
            torn = True
            for piece in sorted(pieces, key=len)[:-1]:
                around = sorted({q for i in piece for q in self.near[i]} - set(piece))
                reached = sum(self._holds(q, rep) for q in around)
                for i in piece:
                    self.model.add(self._holds(i, rep) <= reached)
        return torn


def _pieces(near: list[list[int]], members: list[int]) -> list[list[int]]:
    """Connected groups of some accounts."""
    left, pieces = set(members), []
    for origin in members:
        if origin not in left:
            continue
        left.discard(origin)
        piece = [origin]
        for at in piece:
            for other in near[at]:
                if other in left:
                    left.discard(other)
                    piece.append(other)
        pieces.append(piece)
    return pieces
