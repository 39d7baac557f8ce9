"""Where a soft plan is torn: accounts that come to a rep without anything between them and what the rep has today. Compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.compiled import compiled
from solvers.problem import Floats, Ints


class Found(NamedTuple):
    """Cuts: account[c] comes to rep[c] only with one of ring[start[c] : start[c + 1]]."""

    account: Ints
    rep: Ints
    start: Ints
    ring: Ints


@compiled
def _flood(
    near_start: Ints, near: Ints, queue: Ints, tail: int, seen: Ints, mark: int, share: Floats, least: float
) -> int:
    """From the first `tail` accounts of the queue, marked already, through all unmarked ones of at least that share."""
    head = 0
    while head < tail:
        at = queue[head]
        head += 1
        for q in near[near_start[at] : near_start[at + 1]]:
            if seen[q] == 0 and share[q] > least:
                seen[q] = mark
                queue[tail] = q
                tail += 1
    return tail


@compiled
def torn(near_start: Ints, near: Ints, today: Ints, shares: Floats, least: float, strong: float) -> Found:
    """The cuts that a soft plan breaks.

    `near_start` (n + 1,), `near`: neighbours; `today` (n,) rep of each account, -1 for nobody; `shares` (k, n) of each account
    at each rep. Accounts of a share above `least` tie others to the territory; cuts are told for those above `strong`.
    """
    k, n = shares.shape
    account, rep, start, rings = (
        [np.int64(0) for _ in range(0)],
        [np.int64(0) for _ in range(0)],
        [np.int64(0)],
        [np.int64(0) for _ in range(0)],
    )
    seen, reach, queue, flow = (
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
    )
    everywhere = np.ones(n)
    for j in range(k):
        share = shares[j]
        seen[:] = 0
        tail = 0
        for i in range(n):
            if today[i] == j:
                seen[i] = 1
                queue[tail] = i
                tail += 1
        if tail == 0:
            continue
        _flood(near_start, near, queue, tail, seen, 1, share, least)
        for first in range(n):
            if seen[first] != 0 or share[first] <= strong:
                continue
            seen[first] = 2
            queue[0] = first
            size = _flood(near_start, near, queue, 1, seen, 2, share, least)
            # 2: the part, 3: its neighbours; from the accounts of today as far as neither is in the way
            reach[:] = 0
            for m in range(size):
                reach[queue[m]] = 2
            for m in range(size):
                for q in near[near_start[queue[m]] : near_start[queue[m] + 1]]:
                    if reach[q] == 0:
                        reach[q] = 3
            tail = 0
            for i in range(n):
                if today[i] == j and reach[i] == 0:
                    reach[i] = 1
                    flow[tail] = i
                    tail += 1
            _flood(near_start, near, flow, tail, reach, 1, everywhere, 0.0)
            begin = len(rings)
            for i in range(n):
                if reach[i] != 3:
                    continue
                outside = today[i] == j
                for q in near[near_start[i] : near_start[i + 1]]:
                    outside = outside or reach[q] == 1
                if outside:
                    rings.append(np.int64(i))
            end = len(rings)
            told = 0
            for m in range(size):
                if share[queue[m]] > strong:
                    if told > 0:
                        for c in range(begin, end):
                            rings.append(rings[c])
                    told += 1
                    account.append(np.int64(queue[m]))
                    rep.append(np.int64(j))
                    start.append(np.int64(len(rings)))
    return Found(np.array(account), np.array(rep), np.array(start), np.array(rings))
