"""How far each partition may be committed: writes are confirmed in any order, and count in the order of offsets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from faust.types import TP

MOST_IN_FLIGHT = 64
InFlight = deque[tuple[int, asyncio.Future[Any]]]
"""Batches that are not durable yet: the offset after each, and the future that says when it is."""


class Durable:
    """Offsets up to which all that was handled is durable; `failed` is called with the error of a write."""

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._reached: dict[TP, int] = {}
        self._pending: dict[TP, InFlight] = {}

    def get(self, tp: TP) -> int | None:
        return self._reached.get(tp)

    def all(self) -> dict[TP, int]:
        return dict(self._reached)

    def reach(self, tp: TP, offset: int) -> None:
        """All before `offset` is durable: the state of the partition says so."""
        self._reached[tp] = offset

    def forget(self, tp: TP) -> None:
        self._reached.pop(tp, None)
        self._pending.pop(tp, None)

    def under_way(self, partitions: Iterable[TP]) -> list[asyncio.Future[Any]]:
        return [future for tp in partitions for _, future in self._pending.get(tp, ())]

    async def follow(self, tp: TP, after: int, future: asyncio.Future[Any] | None) -> None:
        """Count on `after` once this batch and all before it are durable. Few batches may be in flight: waits for room."""
        pending = self._pending.setdefault(tp, deque())
        if future is None:  # nothing to write; yet the batches before it may still be under way
            future = asyncio.get_running_loop().create_future()
            future.set_result(None)
        if len(pending) >= MOST_IN_FLIGHT:
            await asyncio.wait([pending[0][1]])
        pending.append((after, future))
        future.add_done_callback(lambda _: self._settle(tp, pending))

    def _settle(self, tp: TP, pending: InFlight) -> None:
        """Move over the batches that are done, in order."""
        while pending and pending[0][1].done():
            after, future = pending[0]
            error = asyncio.CancelledError() if future.cancelled() else future.exception()
            if error is not None:  # stays in front: nothing behind it may ever be committed
                self._failed(error)
                return
            pending.popleft()
            if self._pending.get(tp) is pending:  # else the partition was revoked meanwhile
                self._reached[tp] = after
