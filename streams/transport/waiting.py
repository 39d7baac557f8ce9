"""Calls to the world that the watchdog must know as waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.transport.progress import Excuses
from streams.transport.sinking import BegunRange, RowWriter


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
