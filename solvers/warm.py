"""What one solve hands to the next of a like problem: prices and plan, by id, so that rosters may change in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solvers.bound import Prices
from solvers.problem import ORPHAN, Ints, Problem
from solvers.solution import Solution


@dataclass(frozen=True, slots=True)
class WarmStart:
    """Prices per rep id (EUR per EUR, EUR per hour), the price of a move in EUR, and the rep id of each account id."""

    prices: Mapping[str, tuple[float, float]]
    move_price: float
    plan: Mapping[str, str]

    @classmethod
    def of(cls, solution: Solution) -> WarmStart:
        return cls(
            prices={price.rep_id: (price.per_potential, price.per_hour) for price in solution.prices},
            move_price=solution.move_price,
            plan=dict(zip(solution.account_ids, solution.assignment, strict=True)),
        )

    def prices_for(self, problem: Problem) -> Prices:
        """Those of the problem's reps; a rep not known then starts at 0."""
        known = [self.prices.get(rep, (0.0, 0.0)) for rep in problem.rep_ids]
        return Prices(np.array([p for p, _ in known]), np.array([w for _, w in known]), self.move_price)

    def plan_for(self, problem: Problem) -> Ints:
        """(n,) rep index of each account as then planned where that is still allowed, else as today, -1 for nobody."""
        index = {rep: j for j, rep in enumerate(problem.rep_ids)}
        planned = np.array([index.get(self.plan.get(account, ""), ORPHAN) for account in problem.account_ids])
        rows = np.arange(problem.accounts)
        good = (planned >= 0) & problem.allowed()[rows, planned]
        return np.where(good, planned, problem.current)
