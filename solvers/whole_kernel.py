"""The least that whole accounts cost each rep beyond its prices: a knapsack for each rep, by dynamic programming, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.compiled import compiled
from solvers.problem import Floats, Ints

COARSE, FINE = 150, 800  # cells on either side of where a rep stands, to which amounts are rounded


class Reps(NamedTuple):
    """n accounts and k reps at given prices. EUR; a misfit is what a penalty is above what its price charges."""

    priced: Floats  # (k, n) each pair at the prices of its rep, inf where not allowed
    conjugate: Floats  # (k,) of balance and overtime at these prices
    potential: Floats  # (n,)
    hours: Floats  # (n,)
    balance_slope: Floats  # (k, t) lines that lie nowhere above the misfit of a load: the slope,
    balance_base: Floats  # (k, t) and the value at none
    overtime_slope: Floats
    overtime_base: Floats


@compiled
def _under(slope: Floats, base: Floats, amount: float) -> float:
    """EUR of the highest of the lines, at least none."""
    most = 0.0
    for t in range(len(slope)):
        most = max(most, base[t] + slope[t] * amount)
    return most


@compiled
def _useful(slope: Floats, limit: float, cost: Floats, more: Floats, chosen: Ints) -> int:
    """The changes that may repay their cost, first all that lower the amount; their number."""
    up, down, m = 0.0, 0.0, 0
    for s in slope:
        up, down = max(up, s), max(down, -s)
    for falling in (True, False):
        for i in range(len(cost)):
            if cost[i] < limit and (more[i] < 0.0) == falling and cost[i] < (-up if falling else down) * more[i]:
                chosen[m] = i
                m += 1
    return m


@compiled
def _within(
    slope: Floats, base: Floats, amount: float, cost: Floats, more: Floats, limit: float, cells: int, chosen: Ints
) -> tuple[float, int]:
    """EUR that no subset of the changes undercuts, with the misfit it leaves, or `limit`; `chosen` gets a subset, and its size.

    Amounts are rounded to cells, to the side where that matters less, and what it may gain is taken off the cost. A
    subset that leaves the cells on its way counts with its cost alone.
    """
    count = _useful(slope, limit, cost, more, chosen)
    up, down, away, largest, here = 0.0, 0.0, 0.0, 0.0, _under(slope, base, amount)
    for t in range(len(slope)):
        up, down = max(up, slope[t]), max(down, -slope[t])
        if slope[t] != 0.0 and base[t] + slope[t] * amount == here:
            away = here / abs(slope[t])
    for m in range(count):
        largest = max(largest, abs(more[chosen[m]]))
    if count == 0 or largest == 0.0:
        return limit, 0
    width = 2.0 * (largest + away) / cells
    step, price, gifts = np.empty(count, np.int64), np.empty(count), 0.0
    for m in range(count):
        step[m] = int(np.floor(more[chosen[m]] / width))
        over = more[chosen[m]] - step[m] * width
        if up * (width - over) < down * over:
            step[m] += 1
        price[m] = cost[chosen[m]] - min(up * (width - over), down * over)
        gifts += min(price[m], 0.0)
    least = np.full(2 * cells + 1, np.inf)
    taken = np.zeros((count, 2 * cells + 1), np.bool_)
    least[cells], low, high, lost, dear = 0.0, cells, cells, np.inf, limit - gifts
    for m in range(count):
        by = step[m]
        if by < 0:
            for x in range(low, min(-by, high + 1)):
                lost = min(lost, least[x] + price[m])
            for x in range(max(low + by, 0), high + by + 1):
                there = least[x - by] + price[m]
                if there < least[x] and there < dear:
                    least[x], taken[m, x], low = there, True, min(low, x)
        else:
            for x in range(max(low, 2 * cells + 1 - by), high + 1):
                lost = min(lost, least[x] + price[m])
            for x in range(min(high + by, 2 * cells), low + by - 1, -1):
                there = least[x - by] + price[m]
                if there < least[x] and there < dear:
                    least[x], taken[m, x], high = there, True, max(high, x)
    best, at = limit, cells
    for x in range(low, high + 1):
        if least[x] < best:
            total = least[x] + _under(slope, base, amount + (x - cells) * width)
            if total < best:
                best, at = total, x
    kept = count
    if best < limit:
        for m in range(count - 1, -1, -1):
            if taken[m, at]:
                at -= step[m]
                kept -= 1
                chosen[kept] = chosen[m]
    for m in range(kept, count):
        chosen[m - kept] = chosen[m]
    return min(best, lost + gifts), count - kept


@compiled
def _knapsack(
    slope: Floats, base: Floats, amount: float, cost: Floats, more: Floats, chosen: Ints, other: Ints
) -> tuple[float, int]:
    """The same in two passes: what the coarse one finds says which changes need not be looked at in the fine one."""
    limit, proved, size = _under(slope, base, amount), 0.0, 0
    for cells in (COARSE, FINE):
        told, many = _within(slope, base, amount, cost, more, limit, cells, other)
        proved, total, at = max(proved, told), 0.0, amount
        for m in range(many):
            total += cost[other[m]]
            at += more[other[m]]
        total += _under(slope, base, at)
        if many > 0 and total < limit:
            limit, size = total, many
            chosen[:many] = other[:many]
        if proved >= limit:
            break
    return min(proved, limit), size


@compiled
def of_whole(r: Reps, worth: Floats, count: Ints) -> float:
    """EUR a year that no plan undercuts, each account being worth so much to whoever takes it; `count` (n,): how many take it."""
    k, n = r.priced.shape
    count[:] = 0
    total = float(worth.sum())
    cost, more_load, more_hours = np.empty(n), np.empty(n), np.empty(n)
    chosen, others, spare = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    for j in range(k):
        load, hours, own = 0.0, 0.0, 0.0
        for i in range(n):
            gain = r.priced[j, i] - worth[i]
            sign = 1.0
            if gain < 0.0:
                sign = -1.0
                own += gain
                load += r.potential[i]
                hours += r.hours[i]
                count[i] += 1
            cost[i], more_load[i], more_hours[i] = abs(gain), sign * r.potential[i], sign * r.hours[i]
        least, size = _knapsack(r.balance_slope[j], r.balance_base[j], load, cost, more_load, chosen, spare)
        if _under(r.overtime_slope[j], r.overtime_base[j], hours) > least:
            other, many = _knapsack(r.overtime_slope[j], r.overtime_base[j], hours, cost, more_hours, others, spare)
            if other > least:
                least, size, chosen[:many] = other, many, others[:many]
        for m in range(size):
            count[chosen[m]] += -1 if r.priced[j, chosen[m]] < worth[chosen[m]] else 1
        total += own - r.conjugate[j] + max(least, 0.0)
    return total
