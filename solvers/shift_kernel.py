"""The walk where territories must hang together: borders shift, and what a shift cuts off goes along. Compiled.

Nearly any other proposal would tear a territory. An account goes to the territory beyond the nearest border, or one not much
further, with all accounts on the way there; where its leaving cuts its territory, the small parts go along. Up to
three shifts, each from the territory that got the last, are taken or left as one (Metropolis).
"""

from __future__ import annotations

import numpy as np

from solvers.compiled import compiled
from solvers.problem import Ints
from solvers.walk_kernel import Ground, Place, _circles, _draw, _give, _groups, penalty

ALONE, IN_PAIRS = 0.4, 0.85  # cumulated odds of one shift and of two; the rest are three
SHIFTS = 3
ALONG = 16  # accounts that leave together at most
LONGEST, WIDEST = 6, 60  # accounts on the way to a border, and looked at to find one
SKIPS = 4.0  # borders passed over on the way to another one, fewer than that
FOUND = 0.01  # odds that a rep who serves nobody is proposed


@compiled
def _leaving(g: Ground, s: Place, i: int, group: Ints) -> int:
    """Fill `group` (ALONG,) with i and the parts of its territory that only i ties to the rest; their number, 0 for too many."""
    group[0] = i
    a = s.plan[i]
    if _circles(g, s, i, a) <= 1:
        return 1
    before = s.seen[0]
    s.seen[0] += 1
    s.seen[i + 1] = s.seen[0]
    taken, small, large, widest, widest_at = 1, 0, 0, 0, 0
    for origin in g.near[g.near_start[i] : g.near_start[i + 1]]:
        if s.plan[origin] != a or s.seen[origin + 1] > before:
            continue
        s.seen[0] += 1
        own = s.seen[0]
        s.seen[origin + 1] = own
        s.queue[0], head, tail, ends, joins = origin, 0, 1, True, False
        while head < tail and ends:
            at = s.queue[head]
            head += 1
            for q in g.near[g.near_start[at] : g.near_start[at + 1]]:
                if s.plan[q] != a or q == i or s.seen[q + 1] == own:
                    continue
                if s.seen[q + 1] > before:  # reached by an earlier search, which did not end either
                    ends, joins = False, True
                    break
                s.seen[q + 1] = own
                s.queue[tail] = q
                tail += 1
                if tail + 1 > ALONG:
                    ends = False
                    break
        if not ends:
            large += not joins
            continue
        small += 1
        if taken + tail > ALONG:
            return 0
        for m in range(tail):
            group[taken + m] = s.queue[m]
        if tail > widest:
            widest, widest_at = tail, taken
        taken += tail
    if large > 1 and _groups(g, s, i, a) - small > 1:
        return 0
    if large == 0:  # the whole piece is small: its widest part stays
        for m in range(widest_at, taken - widest):
            group[m] = group[m + widest]
        taken -= widest
    return taken


@compiled
def _cost_of_shift(g: Ground, s: Place, group: Ints, count: int, b: int) -> float:
    """EUR the total changes when these accounts of one territory go to rep b; inf where one may not."""
    a, change, load, hours = s.plan[group[0]], 0.0, 0.0, 0.0
    for m in range(count):
        change += g.fixed[group[m], b] - g.fixed[group[m], a]
        load += g.potential[group[m]]
        hours += g.hours[group[m]]
    if not change < np.inf:
        return np.inf
    change += penalty(g, a, s.load[a] - load, s.hours[a] - hours) - penalty(g, a, s.load[a], s.hours[a])
    return change + penalty(g, b, s.load[b] + load, s.hours[b] + hours) - penalty(g, b, s.load[b], s.hours[b])


@compiled
def _keeps(g: Ground, s: Place, who: Ints, was: Ints, count: int) -> bool:
    """Whether numbers of accounts, barriers and the limit on moves hold after these changes."""
    if g.most_changes >= 0 and s.tally[1] > g.most_changes:
        return False
    for m in range(count):
        i = who[m]
        b = s.plan[i]
        if s.accounts[was[m]] < g.least_accounts[was[m]] or s.accounts[b] > g.most_accounts[b]:
            return False
        if len(g.apart_start) > 1:
            for q in g.apart[g.apart_start[i] : g.apart_start[i + 1]]:
                if s.plan[q] == b:
                    return False
    return True


@compiled
def _way(g: Ground, s: Place, i: int, skip: int, parent: Ints, path: Ints) -> tuple[int, int]:
    """Fill `path` (LONGEST,) with accounts of one territory from a border to account i; their number and the rep beyond the border.

    The nearest border but for `skip` others; none: 0 and -1.
    """
    a = s.plan[i]
    s.seen[0] += 1
    mark = s.seen[0]
    s.seen[i + 1] = mark
    s.queue[0], parent[i], head, tail = i, -1, 0, 1
    while head < tail and tail < WIDEST:
        at = s.queue[head]
        head += 1
        first, degree = g.near_start[at], g.near_start[at + 1] - g.near_start[at]
        turn = int(_draw(s.random) * degree)
        for m in range(degree):
            q = g.near[first + (m + turn) % degree]
            if s.plan[q] == a:
                if s.seen[q + 1] != mark:
                    s.seen[q + 1] = mark
                    parent[q] = at
                    s.queue[tail] = q
                    tail += 1
                continue
            if skip > 0:
                skip -= 1
                continue
            length, on = 0, at
            while on >= 0 and length < LONGEST:
                path[length] = on
                length += 1
                on = parent[on]
            return (length, s.plan[q]) if on < 0 else (0, -1)
    return 0, -1


@compiled
def _goes_back(g: Ground, s: Place) -> tuple[int, int]:
    """A changed account and its rep of today, where it touches them; -1 for none."""
    i = s.changed[int(_draw(s.random) * s.tally[0])]
    for q in g.near[g.near_start[i] : g.near_start[i + 1]]:
        if g.changes[i, s.plan[q]] == 0.0:
            return i, s.plan[q]
    return -1, -1


@compiled
def shift(g: Ground, s: Place, hot: float, cold: float, steps: int) -> None:
    """So many proposals while the temperature falls from `hot` to `cold` EUR."""
    most = SHIFTS * LONGEST * ALONG
    who, was, group, path = (
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(ALONG, np.int64),
        np.empty(LONGEST, np.int64),
    )
    parent = np.empty(len(s.plan), np.int64)
    cooling, temperature = (cold / hot) ** (1.0 / steps), hot
    for _ in range(steps):
        temperature *= cooling
        i = g.free[int(_draw(s.random) * len(g.free))]
        kind, limit = _draw(s.random), -temperature * np.log(_draw(s.random) + 1e-300)
        left = 1 if kind < ALONE else (2 if kind < IN_PAIRS else 3)
        change, count, b = 0.0, 0, -1
        while left > 0:
            left -= 1
            if count > 0 and g.most_changes >= 0 and s.tally[1] > g.most_changes and s.tally[0] > 0:
                i, b = _goes_back(g, s)
                length, path[0] = (1 if i >= 0 else 0), i
            elif count > 0:
                if s.size[b] == 0:
                    break
                i = s.members[b, int(_draw(s.random) * s.size[b])]
                length, b = _way(g, s, i, 0 if _draw(s.random) < 0.7 else int(_draw(s.random) * SKIPS), parent, path)
            elif _draw(s.random) < FOUND:
                length, path[0], b = 1, i, int(_draw(s.random) * len(s.load))
                if s.accounts[b] > 0:
                    length = 0
            else:
                length, b = _way(g, s, i, 0 if _draw(s.random) < 0.7 else int(_draw(s.random) * SKIPS), parent, path)
            if length == 0 or s.plan[path[0]] == b:
                break
            if (length > 1 or left == 0) and change + _cost_of_shift(g, s, path, length, b) > limit:
                break
            for step in range(length):
                i = path[step]
                if s.plan[i] == b:
                    continue
                leaving = _leaving(g, s, i, group)
                change += _cost_of_shift(g, s, group, leaving, b) if leaving > 0 else np.inf
                if not change < np.inf or (left == 0 and step == length - 1 and change > limit):
                    change = np.inf
                    break
                for m in range(leaving):
                    who[count], was[count] = group[m], s.plan[i] if m == 0 else was[count - 1]
                    count += 1
                    _give(g, s, group[m], b)
            if change == np.inf:
                break
        if count > 0 and (change > limit or not _keeps(g, s, who, was, count)):
            for m in range(count - 1, -1, -1):
                _give(g, s, who[m], was[m])
