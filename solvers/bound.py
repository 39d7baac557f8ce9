"""What no plan can beat: a Lagrangian bound by a price per EUR of potential and per hour for each rep.

    LB(l, m) = sum_i min_j (A_ij + l_j p_i + m_j w_i) - sum_j balance*(l_j) - sum_j overtime*(m_j)

with A the travel and change cost, * the convex conjugate over the loads a rep can have, and the minimum over ALL reps
the account may have. It holds for ANY prices, so it is always recomputed here from clipped prices: no solver status is
trusted. A limit on moves enters exactly: for given prices the best K accounts change, the others stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.objective import Costs
from solvers.penalty import Penalty
from solvers.problem import Floats, Ints

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
