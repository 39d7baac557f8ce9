"""How event time goes through a batch: after which records a day closes, and which events come too late for theirs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from streams.handlers.activity.clock import PartitionClock
from streams.handlers.activity.times import Ints


class Passage:
    """One batch of one ticking topic. Records are named by their index in it, and heard in that order.

    An epoch lies between two closings. `ends` are the records that closed a day, `marks` the days they closed, and
    `closed` the newest closed day (since 1970) in each epoch.
    """

    def __init__(self, topic: str, clock: PartitionClock) -> None:
        self._topic = topic
        self._clock = clock
        self.ends: list[int] = []
        self.marks: list[date] = []
        self.closed: list[int] = [clock.closed_day]
        self._repeated: list[int] = []

    def go(
        self, ticks: list[int], tick_ms: Callable[[int], int | None], at: Ints, times: Ints, again: NDArray[np.bool_]
    ) -> None:
        """Move the clock with the ticks and with the events `at`; `again` are those that come again after a crash."""
        indices = at.tolist()
        start = 0
        for tick in ticks:
            end = bisect_left(indices, tick)
            self._hear_events(indices[start:end], times[start:end], again[start:end])
            start = end
            at_ms = tick_ms(tick)
            if at_ms is not None:
                if self._clock.is_newest(self._topic, at_ms):
                    self._repeated.append(tick)
                self._advance(tick, at_ms)
        self._hear_events(indices[start:], times[start:], again[start:])

    @property
    def must_mark(self) -> bool:
        """Whether what moved the clock last before a crash came again, and no day was closed after it: its mark may be lost."""
        last_end = self.ends[-1] if self.ends else -1
        return any(index > last_end for index in self._repeated)

    def epochs(self, at: Ints) -> Ints:
        """The epoch of each event; one that closed a day belongs to the epoch it ended."""
        return np.searchsorted(np.array(self.ends, dtype=np.int64), at, side="left")

    def _hear_events(self, indices: list[int], times: Ints, again: NDArray[np.bool_]) -> None:
        if not indices:
            return
        newest = self._clock.newest(self._topic)
        peaks = np.maximum.accumulate(np.maximum(times, newest)).tolist()
        for i in np.flatnonzero(again).tolist():
            if int(times[i]) == (peaks[i - 1] if i else newest):
                self._repeated.append(indices[i])
        first = 0
        while (first := bisect_left(peaks, self._clock.closes_at(self._topic), first)) < len(peaks):
            self._advance(indices[first], peaks[first])
            first += 1
        self._clock.move(self._topic, peaks[-1])

    def _advance(self, index: int, at_ms: int) -> None:
        day = self._clock.advance(self._topic, at_ms)
        if day is not None:
            self.ends.append(index)
            self.marks.append(day)
            self.closed.append(self._clock.closed_day)
