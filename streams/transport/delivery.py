"""What a batch consumer needs: someone who opens partitions and takes batches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Batches = Mapping[tuple[str, int], Sequence[Any]]
"""(topic, partition) -> records in the order of offsets."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Where to read an opened partition from (None: where its group stands), and up to where it is known already."""

    start: int | None = None
    known: int = 0


class Delivery(Protocol):
    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        """Prepare an assigned partition whose group stands at `committed` (0: nowhere yet).

        Opening an open partition changes nothing. Any exception stops the worker.
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

    def missed(self, topic: str, records: int) -> None:
        """So many records were deleted before they were read, for the metrics."""
        ...

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Offsets that are committed now, for the metrics."""
        ...
