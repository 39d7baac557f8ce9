"""Knowing that a batch is in hand: a partition whose very first batch never comes back has no position yet to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from streams.transport.delivery import Batches, Delivery
from streams.transport.progress import Standing


class InHand:
    """A delivery that counts what it has been given and what is done."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._begun = 0
        self._done = 0

    def standing(self) -> Standing:
        """As of a partition: one more for every call that came back, and a lag while one has not."""
        return Standing(self._done, self._begun - self._done)

    async def open(self, topic: str, partition: int, committed: int) -> int | None:
        self._begun += 1
        try:
            return await self._delivery.open(topic, partition, committed)
        finally:
            self._done += 1

    def close(self, topic: str, partition: int) -> None:
        self._delivery.close(topic, partition)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        self._begun += 1
        try:
            return await self._delivery.deliver(batches)
        finally:
            self._done += 1

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._delivery.committed(offsets)
