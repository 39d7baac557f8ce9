"""The inner loop of the search: a random walk over plans that cools down, compiled.

A step proposes one to three accounts that change their rep together: a move, a swap, a chain over three reps, or a
change given back for another one. It is taken when it gains, or loses little against the temperature (Metropolis).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvers.compiled import compiled
from solvers.problem import Floats, Ints

SINGLE, CHAIN, RING = 0.25, 0.45, 0.65  # cumulated odds of the kinds of proposal; the rest are swaps
GIVE_BACK = 0.5  # odds of giving a change back for another when no further account may change
MOST = 3  # accounts in one proposal


class Ground(NamedTuple):
    """What does not change during a walk. EUR; candidate reps of account i are rep[start[i] : start[i + 1]]."""

    fixed: Floats  # (n, k)
    changes: Floats  # (n, k) 1 where the account would change its rep
    potential: Floats
    hours: Floats
    balance_kinks: Floats  # (q, k)
    balance_signs: Floats
    balance_slopes: Floats
    overtime_kinks: Floats
    overtime_signs: Floats
    overtime_slopes: Floats
    free: Ints  # accounts with more than one candidate
    start: Ints
    rep: Ints
    most_changes: int  # below 0: no limit
    least_accounts: Ints  # (k,)
    most_accounts: Ints  # (k,)
    near_start: Ints  # neighbours in the graph: near[near_start[i] : near_start[i + 1]]; (1,) without a graph
    near: Ints
    break_price: float  # EUR per piece a territory falls into; inf: no new piece at all
    apart_start: Ints  # accounts that may not share a territory with i, likewise; (1,) without any
    apart: Ints


class Place(NamedTuple):
    """Where a walk stands; changed in place."""

    plan: Ints  # (n,)
    load: Floats  # (k,)
    hours: Floats  # (k,)
    accounts: Ints  # (k,) number of them
    members: Ints  # (k, f) free accounts of each rep, the first `size` of a row
    size: Ints  # (k,)
    slot: Ints  # (n,) column in `members`
    changed: Ints  # free accounts with another rep than today, the first tally[0]
    changed_slot: Ints  # (n,)
    tally: Ints  # changed free accounts; changed accounts in all
    random: NDArray[np.uint64]  # (1,) state of the generator
    seen: Ints  # (n,) marks of the graph search
    queue: Ints  # (n,)


@compiled
def _draw(state: NDArray[np.uint64]) -> float:
    """Uniform in [0, 1): xorshift64."""
    state[0] ^= state[0] << np.uint64(13)
    state[0] ^= state[0] >> np.uint64(7)
    state[0] ^= state[0] << np.uint64(17)
    return np.float64(state[0] >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def penalty(g: Ground, j: int, load: float, hours: float) -> float:
    """EUR for balance and overtime of one rep."""
    total = 0.0
    for q in range(len(g.balance_slopes)):
        over = g.balance_signs[q] * (load - g.balance_kinks[q, j])
        if over > 0:
            total += g.balance_slopes[q] * over
    for q in range(len(g.overtime_slopes)):
        over = g.overtime_signs[q] * (hours - g.overtime_kinks[q, j])
        if over > 0:
            total += g.overtime_slopes[q] * over
    return total


@compiled
def _groups(g: Ground, s: Place, i: int, j: int) -> int:
    """Connected groups, within territory j without i, that the neighbours of i in j belong to."""
    near = g.near[g.near_start[i] : g.near_start[i + 1]]
    wanted = 0
    for q in near:
        wanted += s.plan[q] == j
    if wanted <= 1:
        return wanted
    s.seen[0] += 1  # cell 0 holds the newest mark
    mark, found, groups = s.seen[0], 0, 0
    s.seen[i + 1] = mark
    for origin in near:
        if s.plan[origin] != j or s.seen[origin + 1] == mark:
            continue
        groups += 1
        s.queue[0], head, tail = origin, 0, 1
        s.seen[origin + 1] = mark
        while head < tail and found < wanted:
            at = s.queue[head]
            head += 1
            for q in near:
                if q == at:
                    found += 1
                    break
            for q in g.near[g.near_start[at] : g.near_start[at + 1]]:
                if s.plan[q] == j and s.seen[q + 1] != mark:
                    s.seen[q + 1] = mark
                    s.queue[tail] = q
                    tail += 1
        if found == wanted:
            break
    return groups


@compiled
def _give(g: Ground, s: Place, i: int, b: int) -> None:
    """Account i goes to rep b."""
    a = s.plan[i]
    last = s.members[a, s.size[a] - 1]
    s.members[a, s.slot[i]] = last
    s.slot[last] = s.slot[i]
    s.size[a] -= 1
    s.members[b, s.size[b]] = i
    s.slot[i] = s.size[b]
    s.size[b] += 1
    s.accounts[a] -= 1
    s.accounts[b] += 1
    s.load[a] -= g.potential[i]
    s.load[b] += g.potential[i]
    s.hours[a] -= g.hours[i]
    s.hours[b] += g.hours[i]
    if g.changes[i, b] > g.changes[i, a]:
        s.changed[s.tally[0]] = i
        s.changed_slot[i] = s.tally[0]
        s.tally[0] += 1
        s.tally[1] += 1
    elif g.changes[i, b] < g.changes[i, a]:
        s.tally[0] -= 1
        s.tally[1] -= 1
        last = s.changed[s.tally[0]]
        s.changed[s.changed_slot[i]] = last
        s.changed_slot[last] = s.changed_slot[i]
    s.plan[i] = b


@compiled
def _propose(g: Ground, s: Place, who: Ints, to: Ints) -> int:
    """Fill accounts and their new reps; the number of them, 0 for none."""
    i = g.free[int(_draw(s.random) * len(g.free))]
    a = s.plan[i]
    b = g.rep[g.start[i] + int(_draw(s.random) * (g.start[i + 1] - g.start[i]))]
    if a == b:
        return 0
    who[0], to[0] = i, b
    full = g.most_changes >= 0 and s.tally[1] >= g.most_changes
    if full and s.tally[0] > 0 and _draw(s.random) < GIVE_BACK:
        back = s.changed[int(_draw(s.random) * s.tally[0])]
        if back == i:
            return 1
        for q in range(g.start[back], g.start[back + 1]):
            if g.changes[back, g.rep[q]] == 0.0:
                who[1], to[1] = back, g.rep[q]
                return 2
    kind = _draw(s.random)
    if kind < SINGLE or s.size[b] == 0:
        return 1
    other = s.members[b, int(_draw(s.random) * s.size[b])]
    who[1], to[1] = other, a
    if kind >= RING:
        return 2
    c = g.rep[g.start[other] + int(_draw(s.random) * (g.start[other + 1] - g.start[other]))]
    if c == b:
        return 1
    to[1] = c
    if c == a or kind < CHAIN or s.size[c] == 0:
        return 2
    who[2], to[2] = s.members[c, int(_draw(s.random) * s.size[c])], a
    return 3


@compiled
def _worsening(
    g: Ground, s: Place, cost: Floats, who: Ints, to: Ints, width: int, touched: Ints, load: Floats, hours: Floats
) -> float:
    """EUR the total would change; fills the reps touched (-1 ends the list) with their new load and hours."""
    change, reps = 0.0, 0
    for m in range(width):
        i = who[m]
        change += g.fixed[i, to[m]] - g.fixed[i, s.plan[i]]
        for side in range(2):
            j = s.plan[i] if side == 0 else to[m]
            at = 0
            while at < reps and touched[at] != j:
                at += 1
            if at == reps:
                touched[at], load[at], hours[at] = j, s.load[j], s.hours[j]
                reps += 1
            sign = -1.0 if side == 0 else 1.0
            load[at] += sign * g.potential[i]
            hours[at] += sign * g.hours[i]
    touched[reps] = -1
    if not change < np.inf:
        return np.inf
    for at in range(reps):
        change += penalty(g, touched[at], load[at], hours[at]) - cost[touched[at]]
    return change


@compiled
def _circles(g: Ground, s: Place, i: int, j: int) -> int:
    """As `_groups`, but only what neighbours of i link among themselves joins them: never fewer, and 1 or none is exact.

    Nearly every proposal is decided by it alone, at a small part of the price of a search through the territory.
    """
    near = g.near[g.near_start[i] : g.near_start[i + 1]]
    wanted, reached = s.seen[0] + 1, s.seen[0] + 2
    s.seen[0] = reached
    for q in near:
        if s.plan[q] == j:
            s.seen[q + 1] = wanted
    circles = 0
    for origin in near:
        if s.seen[origin + 1] != wanted:
            continue
        circles += 1
        s.queue[0], head, tail = origin, 0, 1
        s.seen[origin + 1] = reached
        while head < tail:
            at = s.queue[head]
            head += 1
            for q in g.near[g.near_start[at] : g.near_start[at + 1]]:
                if s.seen[q + 1] == wanted:
                    s.seen[q + 1] = reached
                    s.queue[tail] = q
                    tail += 1
    return circles


@compiled
def _price(g: Ground, pieces: int) -> float:
    """EUR of so many pieces more."""
    if g.break_price < np.inf:
        return g.break_price * pieces
    return np.inf if pieces > 0 else 0.0


@compiled
def _at_least(g: Ground, s: Place, who: Ints, to: Ints, width: int) -> int:
    """Pieces that the changes add at least, by counting neighbours: cheap, and enough to refuse most of them."""
    pieces = 0
    for m in range(width):
        a, b, stay, join = s.plan[who[m]], to[m], 0, 0
        for q in g.near[g.near_start[who[m]] : g.near_start[who[m] + 1]]:
            at = s.plan[q]
            if at == a:
                stay += 1
            elif at == b:
                join += 1
            for other in range(width):
                if who[other] == q:
                    stay -= at == a
                    join += at != b and to[other] == b
        pieces -= stay == 0
        pieces += 1 - join if s.accounts[b] > 0 else -join
    return pieces


@compiled
def _take_back(g: Ground, s: Place, who: Ints, was: Ints, width: int) -> None:
    for m in range(width - 1, -1, -1):
        _give(g, s, who[m], was[m])


@compiled
def _keeps_numbers(g: Ground, s: Place, to: Ints, was: Ints, width: int) -> bool:
    """Whether the territories that give or get hold as many accounts as they may."""
    for m in range(width):
        if s.accounts[was[m]] < g.least_accounts[was[m]] or s.accounts[to[m]] > g.most_accounts[to[m]]:
            return False
    return True


@compiled
def _keeps_apart(g: Ground, s: Place, who: Ints, to: Ints, width: int) -> bool:
    """Whether nobody has come to share a territory across a barrier."""
    if len(g.apart_start) > 1:
        for m in range(width):
            for q in g.apart[g.apart_start[who[m]] : g.apart_start[who[m] + 1]]:
                if s.plan[q] == to[m]:
                    return False
    return True


@compiled
def _admit(g: Ground, s: Place, who: Ints, to: Ints, width: int, slack: float) -> float:
    """Make the changes if every rule allows them; the pieces added to territories, or inf when refused (nothing done)."""
    was, more = np.empty(MOST, np.int64), 0.0
    for m in range(width):
        was[m] = s.plan[who[m]]
        more += g.changes[who[m], to[m]] - g.changes[who[m], was[m]]
    if g.most_changes >= 0 and s.tally[1] + more > g.most_changes:
        return np.inf
    graph = len(g.near_start) > 1
    if graph and _price(g, _at_least(g, s, who, to, width)) > slack:
        return np.inf
    least, most = 0, 0  # pieces added, as far as links among neighbours tell
    for m in range(width):
        if graph:
            left, alone = _circles(g, s, who[m], was[m]), s.accounts[was[m]] == 1  # an emptied territory is no piece
            least += min(left, 1) - (not alone)
            most += left - (not alone)
        _give(g, s, who[m], to[m])
        if graph:
            joined, first = _circles(g, s, who[m], to[m]), s.accounts[to[m]] == 1
            least += (not first) - joined
            most += (not first) - min(joined, 1)
    good = not graph or _price(g, least) <= slack
    good = good and _keeps_numbers(g, s, to, was, width) and _keeps_apart(g, s, who, to, width)
    if good and least == most:
        return float(least)
    _take_back(g, s, who, was, width)
    if not good:
        return np.inf
    pieces = 0
    for m in range(width):
        pieces += _groups(g, s, who[m], was[m]) - (s.accounts[was[m]] > 1)
        _give(g, s, who[m], to[m])
        pieces += (s.accounts[to[m]] > 1) - _groups(g, s, who[m], to[m])
    if _price(g, pieces) <= slack:
        return float(pieces)
    _take_back(g, s, who, was, width)
    return np.inf


@compiled
def walk(g: Ground, s: Place, hot: float, cold: float, steps: int) -> float:
    """So many proposals while the temperature falls from `hot` to `cold` EUR; the EUR the total has changed."""
    k = len(s.load)
    cost = np.empty(k)
    for j in range(k):
        cost[j] = penalty(g, j, s.load[j], s.hours[j])
    who, to = np.empty(MOST, np.int64), np.empty(MOST, np.int64)
    touched, load, hours = np.empty(2 * MOST + 1, np.int64), np.empty(2 * MOST), np.empty(2 * MOST)
    cooling, temperature, total = (cold / hot) ** (1.0 / steps), hot, 0.0
    for _ in range(steps):
        temperature *= cooling
        width = _propose(g, s, who, to)
        if width == 0 or (width > 1 and who[0] == who[1]) or (width > 2 and (who[2] == who[0] or who[2] == who[1])):
            continue
        limit = -temperature * np.log(_draw(s.random) + 1e-300)
        change = _worsening(g, s, cost, who, to, width, touched, load, hours)
        graph = len(g.near_start) > 1
        hope = 2.0 * MOST * g.break_price if graph and g.break_price < np.inf else 0.0  # from pieces joined
        if not change <= limit + hope or (not graph and change > limit):
            continue
        pieces = _admit(g, s, who, to, width, limit - change)
        if pieces == np.inf:
            continue
        if hope > 0.0:
            change += pieces * g.break_price
        total += change
        at = 0
        while touched[at] >= 0:
            j = touched[at]
            cost[j] = penalty(g, j, s.load[j], s.hours[j])
            at += 1
    return total


@compiled
def elsewhere(g: Ground, s: Place, target: Ints, change: Floats) -> None:
    """For each account the best other rep of all, and the EUR the total would change; whatever the rules on plans."""
    n, k = g.fixed.shape
    cost = np.empty(k)
    for j in range(k):
        cost[j] = penalty(g, j, s.load[j], s.hours[j])
    for i in range(n):
        a, p, w = s.plan[i], g.potential[i], g.hours[i]
        leaving = penalty(g, a, s.load[a] - p, s.hours[a] - w) - cost[a] - g.fixed[i, a]
        target[i], change[i] = a, np.inf
        for j in range(k):
            if j == a or not g.fixed[i, j] + leaving - cost[j] < change[i]:
                continue
            total = g.fixed[i, j] + leaving + penalty(g, j, s.load[j] + p, s.hours[j] + w) - cost[j]
            if total < change[i]:
                target[i], change[i] = j, total


@compiled
def reassign(g: Ground, s: Place, i: int, b: int) -> None:
    """Account i, free or not, goes to rep b; the lists of free accounts are left alone, so no walk may follow."""
    a = s.plan[i]
    s.load[a] -= g.potential[i]
    s.load[b] += g.potential[i]
    s.hours[a] -= g.hours[i]
    s.hours[b] += g.hours[i]
    s.plan[i] = b
