"""What no plan can beat: a Lagrangian bound by a price per EUR of potential and per hour for each rep.

    LB(l, m) = sum_i min_j (A_ij + l_j p_i + m_j w_i) - sum_j balance*(l_j) - sum_j overtime*(m_j)

with A the travel and change cost, * the convex conjugate over the loads a rep can have, and the minimum over ALL reps
the account may have. It holds for ANY prices, so it is always recomputed here from clipped prices: no solver status is
trusted. A limit on moves enters exactly: for given prices the best K accounts change, the others stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from solvers.objective import Costs
from solvers.penalty import Penalty
from solvers.problem import Floats, Ints

TEMPERATURES = (1000.0, 300.0, 60.0, 12.0)  # EUR; the minimum is smoothed less and less
ITERATIONS = 25
POTENTIAL_SCALE, HOURS_SCALE, MOVE_SCALE = 0.1, 10.0, 1000.0  # prices of similar size for L-BFGS
CHUNK = 2_500  # accounts priced at once, to bound memory


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    potential: Floats  # (k,) EUR per EUR of potential
    hours: Floats  # (k,) EUR per hour
    move: float = 0.0  # EUR per changed account; the certificate finds its own, this one serves the search for prices


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    value: float  # EUR a year: no plan costs less
    prices: Prices
    plan: Ints  # (n,) the cheapest rep of each account at these prices, within the limit on moves; not balanced


def zero_prices(reps: int) -> Prices:
    return Prices(np.zeros(reps), np.zeros(reps))


def certificate(costs: Costs, prices: Prices) -> Bound:
    """The bound these prices prove. Prices are clipped to the steepest slopes first."""
    p = costs.problem
    steep = costs.balance.steepest
    price = np.clip(np.nan_to_num(prices.potential), -steep, steep)
    wage = np.clip(np.nan_to_num(prices.hours), 0.0, costs.overtime.steepest)
    best, plan = np.empty(p.accounts), np.empty(p.accounts, np.int64)
    stay = np.full(p.accounts, np.inf)
    for start in range(0, p.accounts, CHUNK):
        rows = slice(start, start + CHUNK)
        priced = priced_pairs(costs, price, wage, rows)
        plan[rows] = priced.argmin(1)
        best[rows] = priced.min(1)
        stay[rows] = priced[np.arange(len(priced)), p.current[rows]]
    if p.max_moves is not None:
        _stay_but_for(p.max_moves, np.where(p.orphan, -np.inf, stay), best, plan, p.current)
    value = best.sum()
    value -= conjugate(costs.balance, price, p.potential.sum()).sum()
    value -= conjugate(costs.overtime, wage, p.hours.sum()).sum()
    return Bound(float(value), Prices(price, wage, prices.move), plan)


def priced_pairs(costs: Costs, price: Floats, wage: Floats, rows: slice = slice(None)) -> Floats:
    """(rows, k) EUR: the cost of each pair at the prices of its rep, inf where not allowed."""
    p = costs.problem
    return np.asarray(costs.fixed[rows] + p.potential[rows, None] * price + p.hours[rows, None] * wage)


def conjugate(penalty: Penalty, price: Floats, most: float) -> Floats:
    """(k,) max over loads of [0, most] of price * load - penalty(load); attained at a breakpoint."""
    points = penalty.breakpoints(most)
    return np.asarray((price * points - penalty(points)).max(0))


def warm_prices(costs: Costs, start: Prices, expired: Callable[[], bool] = lambda: False) -> Prices:
    """Prices by maximising the smoothed bound with L-BFGS, cooling down.

    `expired` is asked between temperatures, so a clock can end it early.
    """
    k, limited = costs.problem.reps, costs.problem.max_moves is not None
    scale = np.concatenate([np.full(k, POTENTIAL_SCALE), np.full(k, HOURS_SCALE), [MOVE_SCALE]])
    steep = costs.balance.steepest
    box = [(-steep, steep)] * k + [(0.0, costs.overtime.steepest)] * k + [(0.0, None if limited else 0.0)]
    bounds = [(a / s, None if b is None else b / s) for (a, b), s in zip(box, scale.tolist(), strict=True)]
    at = np.concatenate([start.potential, start.hours, [start.move]]) / scale
    for temperature in TEMPERATURES:
        if expired():
            break
        smooth = _Smoothed(costs, temperature, scale)
        at = minimize(smooth, at, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": ITERATIONS}).x
    prices = at * scale
    return Prices(prices[:k], prices[k : 2 * k], float(prices[-1]))


class _Smoothed:
    """Minus the bound with soft minima, and its gradient; what L-BFGS sees."""

    def __init__(self, costs: Costs, temperature: float, scale: Floats) -> None:
        p = costs.problem
        self.costs, self.temperature, self.scale = costs, temperature, scale
        self.balance_points = costs.balance.breakpoints(p.potential.sum())
        self.overtime_points = costs.overtime.breakpoints(p.hours.sum())
        self.balance_cost = costs.balance(self.balance_points)
        self.overtime_cost = costs.overtime(self.overtime_points)

    def __call__(self, scaled: Floats) -> tuple[float, Floats]:
        p, k = self.costs.problem, self.costs.problem.reps
        z = scaled * self.scale
        price, wage, move = z[:k], z[k : 2 * k], float(z[-1])
        value, load, hours, moved = 0.0, np.zeros(k), np.zeros(k), 0.0
        for start in range(0, p.accounts, CHUNK):
            rows = slice(start, start + CHUNK)
            priced = priced_pairs(self.costs, price, wage, rows)
            if move:
                priced += move * self.costs.changes[rows]
            least, share = _soft_minimum(priced, self.temperature, axis=1)
            value += least.sum()
            load += p.potential[rows] @ share
            hours += p.hours[rows] @ share
            if p.max_moves is not None:
                moved += float((share * self.costs.changes[rows]).sum())
        value -= move * (p.max_moves or 0)
        soft = 30 * self.temperature
        worst, at_load = _soft_minimum(self.balance_cost - price * self.balance_points, soft, axis=0)
        worst_hours, at_hours = _soft_minimum(self.overtime_cost - wage * self.overtime_points, soft, axis=0)
        value += worst.sum() + worst_hours.sum()
        slope = np.concatenate(
            [
                load - (at_load * self.balance_points).sum(0),
                hours - (at_hours * self.overtime_points).sum(0),
                [moved - (p.max_moves or 0)],
            ]
        )
        return -float(value), -slope * self.scale


def _soft_minimum(values: Floats, temperature: float, axis: int) -> tuple[Floats, Floats]:
    """The smoothed minimum along an axis (never above the true one) and the weight of each entry in it."""
    least = values.min(axis=axis, keepdims=True)
    share = np.exp((least - values) / temperature)
    total = share.sum(axis=axis, keepdims=True)
    share /= total
    return np.squeeze(least - temperature * np.log(total), axis), share


def _stay_but_for(most: int, stay: Floats, best: Floats, plan: Ints, current: Ints) -> None:
    """Only the `most` accounts that gain most leave their rep; in place. Orphans have stay = -inf and are free."""
    gain = stay - best
    leaving = np.flatnonzero(gain > 0)
    if len(leaving) <= most:
        return
    kept = leaving[np.argsort(-gain[leaving], kind="stable")[most:]]
    best[kept], plan[kept] = stay[kept], current[kept]


def reduced_costs(costs: Costs, prices: Prices) -> Floats:
    """(n, k) EUR by which a pair is dearer than the cheapest of its account, inf where not allowed."""
    priced = priced_pairs(costs, prices.potential, prices.hours) + prices.move * costs.changes
    return np.asarray(priced - priced.min(1, keepdims=True))
