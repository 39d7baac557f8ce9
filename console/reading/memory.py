"""Figures that take seconds to compute are shown as last computed, and computed anew behind the reader's back.

Their age shows on the page (`as_of`). Everything that decisions hang on, such as a suggestion, is read each time.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeVar, cast

from schemas.errors import TerradriftError

FRESH_SECONDS: Final = 20.0
MOST_KEPT: Final = 200
Value = TypeVar("Value")
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Kept:
    value: Any
    at: float


class Memory:
    """Remembers answers by key; at most one computation of a key at a time. Bounded: the oldest used go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._running: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="figures")

    def get(self, key: Hashable, compute: Callable[[], Value], fresh_seconds: float = FRESH_SECONDS) -> Value:
        """The answer: at once where there is one, however old; the first time when it has been computed.

        Raises what `compute` raises, when there is nothing to show instead.
        """
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            if kept is None or self._clock() - kept.at > fresh_seconds:
                running = self._running.get(key) or self._begin(key, compute)
        if kept is not None:
            return cast(Value, kept.value)
        return cast(Value, running.result())

    def begin(self, key: Hashable, compute: Callable[[], Value]) -> None:
        """Have an answer computed, for whoever asks later."""
        with self._lock:
            if key not in self._running:
                self._begin(key, compute)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, key: Hashable, compute: Callable[[], Value]) -> Future[Any]:
        running = self._pool.submit(self._compute, key, compute)
        self._running[key] = running
        return running

    def _compute(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        try:
            value = compute()
            with self._lock:
                self._kept[key] = _Kept(value, self._clock())
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return value
        except TerradriftError as error:
            log.warning("%s", error)
            raise
        finally:
            with self._lock:
                self._running.pop(key, None)
