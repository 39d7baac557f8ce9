"""What would change the advice: between which potentials of its account a move still pays, all else as planned."""

from __future__ import annotations

import numpy as np

from solvers.objective import Costs
from solvers.problem import Floats, Ints

FARTHEST = 10.0  # times the potential that is looked at; beyond it nobody asks
STEPS = 400  # of the way from nothing to there, closer where potentials are small


class TurningPoints:
    """Of one plan (n,). Fair shares, hours and everybody else's potential stay what they are."""

    def __init__(self, costs: Costs, plan: Ints) -> None:
        self.costs, self.plan = costs, plan
        self.load, _ = costs.loads(plan)

    def of(self, account: int, back: int, worth_eur: float) -> tuple[float | None, float | None]:
        """EUR of potential below and above which the account had better be with `back`; None where there is no such point.

        `worth_eur` is what the move earns at today's potential. The relation put at risk grows with the potential, and the
        balance of both territories bends at the kinks of its price, so a move may pay in the middle only.
        """
        potential = float(self.costs.problem.potential[account])
        if potential <= 0 or worth_eur < 0 or back == self.plan[account]:
            return None, None
        tried = potential * FARTHEST * np.linspace(0.0, 1.0, STEPS + 1) ** 2
        earned = worth_eur + self._bends(account, back, tried) - self._bends(account, back, np.array([potential]))
        lost = earned < 0
        below, above = np.flatnonzero(lost & (tried < potential)), np.flatnonzero(lost & (tried > potential))
        low = _crossing(tried, earned, int(below[-1]), int(below[-1]) + 1) if len(below) else None
        high = _crossing(tried, earned, int(above[0]), int(above[0]) - 1) if len(above) else None
        return low, high

    def _bends(self, account: int, back: int, potential: Floats) -> Floats:
        """The part of a move's worth that depends on the account's potential, at each of them; EUR a year."""
        costs, now = self.costs, int(self.plan[account])
        without = float(self.load[now] - costs.problem.potential[account])
        there = float(self.load[back])
        balance = costs.balance(there + potential, back) - costs.balance(without + potential, now)
        changed = float(costs.changes[account, now]) - float(costs.changes[account, back])
        return np.asarray(balance - changed * costs.problem.weights.churn_share * potential)


def _crossing(at: Floats, worth: Floats, lost: int, kept: int) -> float:
    """Where the worth is nothing between two neighbours, one with a loss and one without; straight in between."""
    share = worth[kept] / (worth[kept] - worth[lost])
    return float(at[kept] + share * (at[lost] - at[kept]))
