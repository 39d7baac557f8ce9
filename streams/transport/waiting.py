"""Calls to the world that the watchdog must know as waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.ports import Store
from streams.transport.progress import Excuses
from streams.transport.sinking import BegunRange, RowWriter
from streams.transport.stages import OpenStore


class WaitingWriter:
    """A writer of rows whose calls are known as waits for ClickHouse."""

    def __init__(self, writer: RowWriter, excuses: Excuses) -> None:
        self._writer = writer
        self._excuses = excuses

    def resume(self, *arguments: Any, **named: Any) -> Sequence[BegunRange]:
        with self._excuses.during("ClickHouse"):
            return self._writer.resume(*arguments, **named)

    def write(self, *arguments: Any, **named: Any) -> int:
        with self._excuses.during("ClickHouse"):
            return self._writer.write(*arguments, **named)


def waiting_for_state(open_store: OpenStore, excuses: Excuses) -> OpenStore:
    """`open_store`, known as a wait: the state of many accounts takes minutes to read."""

    async def open_patiently(topic: str, partition: int) -> Store:
        with excuses.during("its state"):
            return await open_store(topic, partition)

    return open_patiently
