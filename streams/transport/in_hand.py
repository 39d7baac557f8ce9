"""Knowing what is in hand: a partition that never gets open, or whose very first batch never comes back, has no position yet
to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from streams.transport.delivery import Batches, Delivery, Opened
from streams.transport.progress import IN_HAND, OPENING, Place, Standing


class InHand:
    """A delivery that counts what it has been given and what is done."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._openings = _Calls()
        self._batches = _Calls()

    def standings(self) -> Mapping[Place, Standing]:
        """As of partitions: one more for every call that came back, and a lag while one has not."""
        return {OPENING: self._openings.standing(), IN_HAND: self._batches.standing()}

    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        with self._openings.one():
            return await self._delivery.open(topic, partition, committed)

    def close(self, topic: str, partition: int) -> None:
        self._delivery.close(topic, partition)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        with self._batches.one():
            return await self._delivery.deliver(batches)

    def missed(self, topic: str, records: int) -> None:
        self._delivery.missed(topic, records)

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._delivery.committed(offsets)


class _Calls:
    def __init__(self) -> None:
        self._begun = 0
        self._done = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        self._begun += 1
        try:
            yield
        finally:
            self._done += 1

    def standing(self) -> Standing:
        return Standing(self._done, self._begun - self._done)
