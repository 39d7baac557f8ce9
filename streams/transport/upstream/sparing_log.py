"""aiokafka says the same sentence a hundred times a second while a broker is away; once in ten seconds is enough."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

SECONDS = 10.0
CLIENT = "aiokafka"


class SparingHandler(logging.Handler):
    """Passes a kind of line on (to the root logger, unless told otherwise) at most once in `seconds`, with the number of those kept back.

    Lines are of one kind when their text without the values is the same. A few kinds there are; nothing grows.
    """

    def __init__(
        self,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
        pass_on: Callable[[logging.LogRecord], None] | None = None,
    ) -> None:
        super().__init__()
        self._pass_on = pass_on or logging.getLogger().handle
        self._seconds = seconds
        self._clock = clock
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.name, str(record.msg)
        now = self._clock()
        at, kept_back = self._said.get(kind, (float("-inf"), 0))
        if now - at < self._seconds:
            self._said[kind] = at, kept_back + 1
            return
        self._said[kind] = now, 0
        if kept_back:
            record.msg, record.args = f"{record.getMessage()} (and {kept_back} more like it)", ()
        self._pass_on(record)


def spare_the_log() -> None:
    """Have all that aiokafka logs go through one SparingHandler."""
    client = logging.getLogger(CLIENT)
    client.handlers = [SparingHandler()]
    client.propagate = False
