"""The smoothed Lagrangian of all accounts with slope and curvature: the loop over accounts and reps, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.compiled import compiled
from solvers.problem import Floats, Ints

NEGLIGIBLE = 20.0  # temperatures above the cheapest pair: exp(-20) of a share
TINY_SHARE = 1e-4  # shares too small to bend the bound


class Pairs(NamedTuple):
    """The pairs worth pricing, account after account: those of account i are start[i] to start[i + 1]."""

    start: Ints  # (n + 1,)
    rep: Ints
    cost: Floats  # EUR without prices
    changes: Floats  # 1 where the account would change its rep


@compiled
def cheap_pairs(
    fixed: Floats, changes: Floats, potential: Floats, hours: Floats, prices: Floats, reach: Floats
) -> Pairs:
    """The pairs at most reach[i] EUR dearer than the cheapest of their account i at these prices (2 k + 1,)."""
    n, k = fixed.shape
    price, wage, move = prices[:k], prices[k : 2 * k], prices[2 * k]
    start = np.zeros(n + 1, np.int64)
    for fill in range(2):
        if fill == 0:
            rep, cost, change = np.empty(0, np.int64), np.empty(0), np.empty(0)
        else:
            rep, cost, change = np.empty(start[n], np.int64), np.empty(start[n]), np.empty(start[n])
        at = 0
        for i in range(n):
            best = np.inf
            for j in range(k):
                best = min(best, fixed[i, j] + price[j] * potential[i] + wage[j] * hours[i] + move * changes[i, j])
            for j in range(k):
                if fixed[i, j] + price[j] * potential[i] + wage[j] * hours[i] + move * changes[i, j] <= best + reach[i]:
                    if fill == 1:
                        rep[at], cost[at], change[at] = j, fixed[i, j], changes[i, j]
                    at += 1
            start[i + 1] = at
    return Pairs(start, rep, cost, change)


@compiled
def soft_minima(
    pairs: Pairs,
    potential: Floats,
    hours: Floats,
    prices: Floats,
    temperature: float,
    slope: Floats,
    curvature: Floats,
) -> float:
    """Sum over accounts of the smoothed minimum of their priced pairs, EUR.

    `prices` (2 k + 1,): per EUR and rep, per hour and rep, per change. Fills `slope` (2 k + 1,): the potential, hours
    and changes of the soft plan; and `curvature` (2 k + 1, 2 k + 1), minus the second derivative.
    """
    n, k = len(potential), (len(prices) - 1) // 2
    widest = 0
    for i in range(n):
        widest = max(widest, pairs.start[i + 1] - pairs.start[i])
    value, share, near = np.empty(widest), np.empty(widest), np.empty(widest, np.int64)
    slope[:] = 0.0
    curvature[:] = 0.0
    total = 0.0
    for i in range(n):
        first, last = pairs.start[i], pairs.start[i + 1]
        p, w, best = potential[i], hours[i], np.inf
        for q in range(first, last):
            j = pairs.rep[q]
            v = pairs.cost[q] + prices[j] * p + prices[k + j] * w + prices[2 * k] * pairs.changes[q]
            value[q - first] = v
            best = min(best, v)
        width, mass = 0, 0.0
        for q in range(last - first):
            if value[q] < best + NEGLIGIBLE * temperature:
                near[width] = q + first
                share[width] = np.exp((best - value[q]) / temperature)
                mass += share[width]
                width += 1
        total += best - temperature * np.log(mass)
        moved = 0.0
        for a in range(width):
            share[a] /= mass
            j = pairs.rep[near[a]]
            slope[j] += share[a] * p
            slope[k + j] += share[a] * w
            moved += share[a] * pairs.changes[near[a]]
        slope[2 * k] += moved
        if width == 1:
            continue
        pp, pw, ww = p * p / temperature, p * w / temperature, w * w / temperature
        curvature[2 * k, 2 * k] += moved * (1.0 - moved) / temperature
        for a in range(width):
            s, j = share[a], pairs.rep[near[a]]
            if s < TINY_SHARE:
                continue
            bent = s * (pairs.changes[near[a]] - moved) / temperature
            curvature[j, 2 * k] += p * bent
            curvature[k + j, 2 * k] += w * bent
            curvature[j, j] += pp * s
            curvature[j, k + j] += pw * s
            curvature[k + j, k + j] += ww * s
            for b in range(width):
                t, other = s * share[b], pairs.rep[near[b]]
                curvature[j, other] -= pp * t
                curvature[j, k + other] -= pw * t
                curvature[k + j, k + other] -= ww * t
    for j in range(k):
        curvature[2 * k, j], curvature[2 * k, k + j] = curvature[j, 2 * k], curvature[k + j, 2 * k]
        for other in range(k):
            curvature[k + other, j] = curvature[j, k + other]
    return total
