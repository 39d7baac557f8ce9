"""What a batch consumer needs: someone who opens partitions and takes batches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Batches = Mapping[tuple[str, int], Sequence[Any]]
"""(topic, partition) -> records in the order of offsets."""


class Delivery(Protocol):
    async def open(self, topic: str, partition: int, committed: int) -> int | None:
        """Prepare an assigned partition whose group stands at `committed` (0: nowhere yet).

        Returns the offset to read from where that is another one. Opening an open partition changes nothing.
        """
        ...

    def close(self, topic: str, partition: int) -> None:
        """The partition is no longer ours; whatever it holds in memory goes."""
        ...

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        """Handle the aiokafka records of one fetch. None: all durable already; else a future that says when.

        Any exception stops the worker with nothing of the batch committed.
        """
        ...

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Offsets that are committed now, for the metrics."""
        ...
