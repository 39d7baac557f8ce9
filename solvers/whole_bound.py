"""A bound that knows that accounts are whole: no rep gets three tenths of one to meet the corridor to the cent.

The bound of `bound` prices a load and the hours of each rep; at its best prices some accounts are shared, and the penalties fit
to the cent. Here each account i has a worth u_i instead, paid to whoever takes it, and each rep j takes the whole accounts that
suit it best:

    LB(u) = sum_i u_i + sum_j min over sets S of [ sum_{i in S} (A_ij - u_i) + balance_j(S) + overtime_j(S) ]

holds for ANY u: every plan is one S for each rep, and each u_i is then paid once and taken off once. What the inner minimum is at
least, is a knapsack around what the prices say (`whole_kernel`). At u between the cheapest and the second cheapest rep of
each account the value is that of `bound` at least; from there u rises where nobody takes the account and falls where two
do (Held and Karp's subgradient method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.bound import Bound, Prices, conjugate, priced_pairs
from solvers.objective import Costs
from solvers.penalty import Penalty
from solvers.problem import Floats

if TYPE_CHECKING:
    from solvers.whole_kernel import Reps

FURTHEST = 1.0  # mean potentials an account's worth lies above its cheapest rep at most
ROUNDS, ROUNDS_AGAIN = 12, 4  # of the climb; again: from the prices of a like problem, when the time is short
AIM = 0.01  # share of the bound by which the climb aims to pass it
STRIDE, SHORTER = 0.3, 0.5  # share of the way there in one step; what it becomes after PATIENCE rounds without gain
PATIENCE = 4
ROUNDING = 1e-10  # share of the bound taken off for the arithmetic of its many sums
SLIGHT = 0.02  # mean potentials added, so that the worth of the smallest account moves too


def whole_bound(costs: Costs, bound: Bound, expired: Callable[[], bool] = lambda: False, rounds: int = ROUNDS) -> Bound:
    """The same bound, or a higher one; its prices and plan stay. Deterministic."""
    from solvers.whole_kernel import of_whole

    p = costs.problem
    scale = max(float(p.potential.mean()), 1.0)
    mobility = np.sqrt(p.potential / scale + SLIGHT)
    reps = _reps(costs, bound.prices)
    fee = 0.0 if p.max_moves is None else bound.prices.move * p.max_moves
    worth = _between(reps.priced, FURTHEST * scale)
    count = np.empty(p.accounts, np.int64)
    stride, fruitless, best, top = STRIDE, 0, -np.inf, (worth, 0.0, np.zeros(p.accounts))
    for _ in range(rounds):
        value = of_whole(reps, worth, count) - fee
        here = (worth, value, np.asarray(1.0 - count))
        fruitless += 1
        if value > best:
            best, top, fruitless = value, here, 0
        elif fruitless > PATIENCE:
            stride, fruitless, here = SHORTER * stride, 0, top
        worth, value, slope = here
        step = mobility * slope
        if expired() or not slope.any():
            break
        height = max(bound.value + AIM * abs(bound.value) - value, AIM * abs(bound.value) / 4)
        worth = worth + stride * height / float(slope @ step) * step
    return replace(bound, value=max(bound.value, float(best) - ROUNDING * abs(float(best))))


def _between(priced: Floats, furthest: float) -> Floats:
    """(n,) half a way from the cheapest to the second cheapest rep of each account."""
    cheapest, second = np.partition(np.concatenate([priced, np.full((1, priced.shape[1]), np.inf)]), 1, axis=0)[:2]
    return np.asarray(cheapest + np.minimum((second - cheapest) / 2, furthest))


def _reps(costs: Costs, prices: Prices) -> Reps:
    from solvers.whole_kernel import Reps

    p, load, hours = costs.problem, costs.problem.potential.sum(), costs.problem.hours.sum()
    priced = priced_pairs(costs, prices.potential, prices.hours)
    if p.max_moves is not None:
        priced = priced + prices.move * costs.changes
    balance, overtime = _lines(costs.balance, prices.potential, load), _lines(costs.overtime, prices.hours, hours)
    return Reps(
        priced=np.ascontiguousarray(priced.T),
        conjugate=conjugate(costs.balance, prices.potential, load) + conjugate(costs.overtime, prices.hours, hours),
        potential=p.potential,
        hours=p.hours,
        balance_slope=balance[0],
        balance_base=balance[1],
        overtime_slope=overtime[0],
        overtime_base=overtime[1],
    )


def _lines(penalty: Penalty, price: Floats, most: float) -> tuple[Floats, Floats]:
    """(k, 3) slopes and values at none of lines under penalty - price * amount + conjugate: level, and the penalty's next slopes."""
    up = np.cumsum([0.0, *(s for s, sign in zip(penalty.slopes, penalty.signs, strict=True) if sign > 0)])
    down = np.cumsum([0.0, *(s for s, sign in zip(penalty.slopes, penalty.signs, strict=True) if sign < 0)])
    slopes = np.unique(np.concatenate([up, -down]))
    after, before = np.searchsorted(slopes, price, "right"), np.searchsorted(slopes, price, "left") - 1
    above = np.where(after < len(slopes), slopes[np.minimum(after, len(slopes) - 1)], price)
    below = np.where(before >= 0, slopes[np.maximum(before, 0)], price)
    at = conjugate(penalty, price, most)
    others = (price, above, below)
    return (
        np.stack([other - price for other in others], axis=1),
        np.stack([at - conjugate(penalty, other, most) for other in others], axis=1),
    )
