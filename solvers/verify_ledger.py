"""What a plan costs, by the judge's own plain arithmetic: no code is shared with the objective it checks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from solvers.problem import Floats, Problem
from solvers.verify import breaks


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
        """Road km a year: visits, out and back, shared by the visits of a tour, and the way from one account to the next."""
        p = self.problem
        straight = 2 * self._straight(p.distance_km[account], account, rep) / p.weights.visits_per_tour
        if p.detour_km is not None:
            straight += self._straight(p.detour_km[account], account, rep)
        return float(p.visits[account]) * straight * p.weights.road_factor

    def _straight(self, row: Floats, account: int, rep: int) -> float:
        """What is known of the km of an account to each rep (k,), and what counts where it is not."""
        now = int(self.problem.current[account])
        if now >= 0 and math.isnan(row[now]):
            return 0.0
        if not math.isnan(row[rep]):
            return float(row[rep])
        known = [float(km) for km in row if not math.isnan(km)]
        return float(row[now]) if now >= 0 else (math.fsum(known) / len(known) if known else 0.0)

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
