"""The best prices for the bound: Newton's method on the smoothed Lagrangian, the temperature falling.

Smoothing every minimum by a temperature makes the bound a smooth concave function of 2 k + 1 prices whose curvature is
a sum of small blocks, one per account. Far fewer prices than accounts: a Newton step costs one pass over the pairs and one
dense solve, where the simplex method needs thousands of pivots. Whatever comes out, `bound.certificate` decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solvers.bound import Bound, Prices, certificate, zero_prices
from solvers.objective import Costs
from solvers.penalty import Penalty
from solvers.problem import Floats

COLD = (30.0, 10.0, 3.0, 1.0, 0.3)  # EUR, temperatures of a first solve
WARM = (3.0, 1.0, 0.3)  # when the prices of a like problem are known
REACH = 20.0  # temperatures a pair may be dearer than the cheapest and still count
DRIFT = (0.02, 5.0, 300.0)  # prices may move so far, per EUR, per hour and per change, before pairs are chosen anew
FIRST_DRIFT = 5.0  # times as far while the first prices are found
STEPS = 60  # Newton steps at one temperature
RESIFTS = 12  # times the pairs are chosen anew at one temperature
CLOSE = 3e-4  # a stage ends when a step promises less than this share of the temperature per rep
RADIUS = (0.05, 40.0, 2_000.0)  # largest change of a price in one step: per EUR, per hour, per change
SOFT = 30.0  # temperature of the reps' penalties, as a multiple of the accounts'
LOOSE = 2.0  # prices may pass the steepest slopes on the way; the penalties' own ends pull them back
SLIGHT = 1e-7  # curvature added so that a flat direction stays put


def best_prices(
    costs: Costs,
    start: Prices | None = None,
    expired: Callable[[], bool] = lambda: False,
    temperatures: tuple[float, ...] = (),
) -> Bound:
    """The bound proved by the best prices found; `start` are prices of a like problem. Deterministic."""
    smooth = _Smooth(costs)
    first = zero_prices(costs.problem.reps) if start is None else start
    at = smooth.inside(np.concatenate([first.potential, first.hours, [first.move]]))
    drift = FIRST_DRIFT if start is None else 1.0
    for temperature in temperatures or (COLD if start is None else WARM):
        for _ in range(RESIFTS):
            smooth.sift(at, temperature, drift)
            at, done = _climb(smooth, at, temperature, expired)
            if done or expired():
                break
        drift = 1.0
    return certificate(costs, smooth.prices(at))


def _climb(smooth: _Smooth, at: Floats, temperature: float, expired: Callable[[], bool]) -> tuple[Floats, bool]:
    """Prices that maximise the smoothed bound over the sifted pairs; False when they have left the pairs' range."""
    radius, now = 1.0, smooth.look(at, temperature)
    for _ in range(STEPS):
        if smooth.drifted(at) or expired():
            return at, False
        step = now.newton_step(at, smooth, temperature)
        if float(step @ now.slope) < CLOSE * temperature * smooth.reps:
            return at, True
        longest = float((np.abs(step) / smooth.radius).max())
        length = min(1.0, radius / longest)
        while True:
            there = smooth.inside(at + length * step)
            then = smooth.look(there, temperature)
            if then.value >= now.value + 0.05 * float((there - at) @ now.slope):
                break
            length *= 0.3
            radius = 0.5 * radius
            if length < 1e-4:
                return at, True  # as good as the arithmetic allows
        if length * longest >= 0.99 * radius:
            radius = 2.0 * radius
        at, now = there, then
    return at, True


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    value: float
    slope: Floats  # (2 k + 1,)
    curvature: Floats  # (2 k + 1, 2 k + 1), minus the second derivative

    def newton_step(self, at: Floats, smooth: _Smooth, temperature: float) -> Floats:
        """The step to the top of the parabola; a price at its limit that wants out stays."""
        free = ~(((at <= smooth.low) & (self.slope < 0)) | ((at >= smooth.high) & (self.slope > 0)))
        step = np.zeros_like(at)
        inner = self.curvature[np.ix_(free, free)]
        inner[np.diag_indices_from(inner)] += smooth.slight[free] / temperature
        step[free] = np.linalg.solve(inner, self.slope[free])
        return step


class _Smooth:
    """The Lagrangian of a problem over chosen pairs, smoothed at any temperature."""

    def __init__(self, costs: Costs) -> None:
        p = costs.problem
        self.costs, self.reps = costs, p.reps
        self.limit = float(p.max_moves) if p.max_moves is not None else 0.0
        self.changes = costs.changes.astype(np.float64)
        self.balance = Hull(costs.balance, p.potential.sum())
        self.overtime = Hull(costs.overtime, p.hours.sum())
        steep, wage = np.full(p.reps, costs.balance.steepest), np.full(p.reps, costs.overtime.steepest)
        dearest = np.inf if p.max_moves is not None else 0.0
        self.low = np.concatenate([-LOOSE * steep, -LOOSE * wage, [0.0]])
        self.high = np.concatenate([LOOSE * steep, LOOSE * wage, [dearest]])
        self.radius = np.repeat(RADIUS, (p.reps, p.reps, 1))
        typical = (p.potential.sum() / p.reps, p.hours.sum() / p.reps, np.sqrt(p.accounts))
        self.slight = SLIGHT * (1.0 + np.repeat(typical, (p.reps, p.reps, 1)) ** 2)

    def inside(self, at: Floats) -> Floats:
        return np.asarray(np.clip(np.nan_to_num(at), self.low, self.high))

    def prices(self, at: Floats) -> Prices:
        return Prices(at[: self.reps], at[self.reps : -1], float(at[-1]))

    def sift(self, at: Floats, temperature: float, drift: float) -> None:
        """Choose the pairs that can matter at this temperature while the prices stay within `drift` of these."""
        from solvers.dual_kernel import cheap_pairs

        p = self.costs.problem
        self.sifted_at, self.room = at, drift * np.repeat(DRIFT, (self.reps, self.reps, 1))
        far = 2 * drift * (p.potential * DRIFT[0] + p.hours * DRIFT[1] + DRIFT[2] * (self.high[-1] > 0))
        self.pairs = cheap_pairs(self.costs.fixed, self.changes, p.potential, p.hours, at, REACH * temperature + far)

    def drifted(self, at: Floats) -> bool:
        """Whether a pair left out may have become the cheapest."""
        return bool((np.abs(at - self.sifted_at) > self.room).any())

    def look(self, at: Floats, temperature: float) -> _View:
        """Value, slope and curvature at these prices."""
        from solvers.dual_kernel import soft_minima

        p, k = self.costs.problem, self.reps
        slope, curvature = np.empty(2 * k + 1), np.empty((2 * k + 1, 2 * k + 1))
        value = soft_minima(self.pairs, p.potential, p.hours, at, temperature, slope, curvature)
        balance = self.balance.soft(at[:k], SOFT * temperature)
        overtime = self.overtime.soft(at[k:-1], SOFT * temperature)
        slope -= np.concatenate([balance[1], overtime[1], [self.limit]])
        curvature[np.diag_indices(2 * k)] += np.concatenate([balance[2], overtime[2]])
        return _View(value + balance[0] + overtime[0] - float(at[-1]) * self.limit, slope, curvature)


class Hull:
    """A penalty at the loads where its conjugate may be attained, one of them chosen softly per rep."""

    def __init__(self, penalty: Penalty, most: float) -> None:
        self.points = penalty.breakpoints(min(most, 2.0 * float(penalty.kinks.max(initial=0.0)) + 1.0))
        self.cost = penalty(self.points)

    def soft(self, price: Floats, temperature: float) -> tuple[float, Floats, Floats]:
        """Sum of the smoothed minima of penalty - price * load; (k,) mean load; (k,) its variance per EUR."""
        value = self.cost - price * self.points
        least = value.min(0)
        share = np.exp((least - value) / temperature)
        mass = share.sum(0)
        share /= mass
        mean = (share * self.points).sum(0)
        variance = (share * (self.points - mean) ** 2).sum(0)
        return float((least - temperature * np.log(mass)).sum()), mean, variance / temperature
