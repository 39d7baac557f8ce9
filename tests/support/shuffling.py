"""A feed as a bad line delivers it: late, out of order and some of it twice, all within the lateness that is allowed."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from infra.feeds.record import FeedRecord
from schemas.topics import TICKED

LATEST = timedelta(hours=23)
LATE_SHARE, TWICE_SHARE = 0.3, 0.05


def disturbed(records: Iterable[FeedRecord], rng: random.Random) -> Iterator[FeedRecord]:
    """Orders, visits and deals delayed by up to 23 hours, a twentieth of them sent again at another time. News keep their place.

    `records` in the order of their time. Nothing comes before its own time.
    """
    waiting: list[tuple[datetime, int, FeedRecord]] = []
    for number, record in enumerate(records):
        while waiting and waiting[0][0] <= record.at:
            yield heapq.heappop(waiting)[2]
        for again in range(2 if record.topic in TICKED and rng.random() < TWICE_SHARE else 1):
            late = record.topic in TICKED and (again or rng.random() < LATE_SHARE)
            arrives = record.at + (LATEST * rng.random() if late else timedelta())
            heapq.heappush(waiting, (arrives, 2 * number + again, record))
    while waiting:
        yield heapq.heappop(waiting)[2]
