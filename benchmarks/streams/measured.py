"""A delivery that measures the one inside: CPU from the first tenth of the records to the last commit, and the opening."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.streams.job import CpuWindow, Job, peak_mb, report, resident_mb
from streams.transport.delivery import Batches, Delivery, Opened

Counts = Callable[[], Mapping[str, int]]
Positions = dict[tuple[str, int], int]
Extra = Callable[[Positions], bool]


class MeasuredDelivery:
    """Ends the process with its result once the job's records are handled and their offsets committed."""

    def __init__(
        self, inner: Delivery, job: Job, result: str, counts: Counts, also_done: Extra = lambda _: True
    ) -> None:
        self._inner = inner
        self._job = job
        self._result = result
        self._counts = counts
        self._also_done = also_done
        self._window = CpuWindow(job.events)
        self._handled = 0
        self._committed: Positions = {(job.topic, partition): offset for partition, offset in enumerate(job.start)}
        self._opening = 0.0
        self._opened = 0.0
        self._resident_mb = 0.0
        self._opening_peak_mb = 0.0

    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        self._opening = self._opening or time.monotonic()
        # The whole engine begins in the middle of a log, with a state that knows nothing of what came before.
        opened = await self._inner.open(topic, partition, 0 if self._job.options.get("whole") else committed)
        self._opened = time.monotonic()
        # Only the job's topic is real: the accounts of a prepared state were folded without a log of theirs.
        return opened if topic == self._job.topic else Opened(opened.start, 0)

    def close(self, topic: str, partition: int) -> None:
        self._inner.close(topic, partition)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        if not self._resident_mb:
            self._opening_peak_mb = peak_mb()
            gc.collect()
            self._resident_mb = resident_mb()
            if self._job.options.get("only_open"):
                self._finish({})
        mine = self._without_strangers(batches)
        counted = sum(len(records) for (topic, _), records in mine.items() if topic == self._job.topic)
        if counted:
            self._window.begin()
        future = await self._inner.deliver(mine) if mine else None
        self._handled += counted
        self._window.note(self._handled)
        return future

    def missed(self, topic: str, records: int) -> None:
        self._inner.missed(topic, records)

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._inner.committed(offsets)
        self._committed.update(offsets)
        done = all(self._committed[self._job.topic, partition] >= end for partition, end in enumerate(self._job.end))
        if done and self._handled >= self._job.events and self._also_done(self._committed):
            self._finish(self._window.result(self._handled))

    def _without_strangers(self, batches: Batches) -> dict[tuple[str, int], Any]:
        """What other cases have put behind this job's records is not ours."""
        mine: dict[tuple[str, int], Any] = {}
        for (topic, partition), records in batches.items():
            end = self._job.end[partition] if topic == self._job.topic else None
            strange = end is not None and records[-1].offset >= end
            kept = records[: bisect_left(records, end, key=lambda record: record.offset)] if strange else records
            if len(kept):
                mine[topic, partition] = kept
        return mine

    def _finish(self, measured: dict[str, Any]) -> None:
        opening = {
            "opening_seconds": self._opened - self._opening,
            "opening_peak_mb": self._opening_peak_mb,
            "resident_mb": self._resident_mb,
        }
        report(self._result, {**measured, **opening, "counts": dict(self._counts())})
        os._exit(0)  # the group's leave-taking is not measured
