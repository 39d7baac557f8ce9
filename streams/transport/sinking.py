"""The sink on the batch path: ranges of records into ClickHouse, in a thread, as patient as an outage is long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from schemas.errors import UnavailableError
from schemas.topics import TABLE_HEADER
from streams.handlers.sink import CutRange, RangeCutter, SinkRecord
from streams.ports import Output
from streams.transport.delivery import Batches
from streams.transport.stages import Meter

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
PACE_SECONDS = 0.2
MOST_COLLECTED = 50_000
"""Records in memory beyond which the sink stops reading until a flush is done."""


class BegunRange(Protocol):
    @property
    def first(self) -> int: ...
    @property
    def next_offset(self) -> int: ...


class RowWriter(Protocol):
    """What the sink needs of a database: exact ranges, repeatable."""

    def resume(self, topic: str, partition: int, committed: int) -> Sequence[BegunRange]:
        """Ranges at or after `committed` that may be half written."""
        ...

    def write(
        self, topic: str, partition: int, first: int, next_offset: int, rows: Mapping[str, Sequence[bytes]]
    ) -> int:
        """Write a range; rows really new. Raises UnavailableError when a retry may help."""
        ...


class SinkDelivery:
    def __init__(self, writer: RowWriter, meter: Meter) -> None:
        self._writer = writer
        self._meter = meter
        self._cutters: dict[tuple[str, int], RangeCutter] = {}
        self._collected: dict[tuple[str, int], list[SinkRecord]] = {}
        self._flushed: asyncio.Future[None] | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def open(self, topic: str, partition: int, committed: int) -> int | None:
        place = topic, partition
        if place in self._cutters:
            return None
        begun = await self._patiently(self._writer.resume, topic, partition, committed)
        repeat = (begun[0].first, begun[0].next_offset) if begun else None
        self._cutters[place] = RangeCutter(topic, repeat)
        return repeat[0] if repeat else None

    def close(self, topic: str, partition: int) -> None:
        self._cutters.pop((topic, partition), None)
        self._collected.pop((topic, partition), None)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        """Collect; a flush a moment later writes everything there is. Few large inserts cost far less than many small."""
        for place, batch in batches.items():
            self._collected.setdefault(place, []).extend(_as_sink_record(raw) for raw in batch)
        flushed = self._flushed or asyncio.get_running_loop().create_future()
        if self._flushed is None:
            self._flushed = flushed
            self._flushing = asyncio.get_running_loop().create_task(self._flush(self._flushing))
        if sum(map(len, self._collected.values())) > MOST_COLLECTED:
            await asyncio.wait([flushed])
        return flushed

    async def _flush(self, previous: asyncio.Task[None] | None) -> None:
        """Write what has been collected by the time the flush before is done. The future tells those who wait."""
        if previous is not None:
            await asyncio.wait([previous])
        await asyncio.sleep(PACE_SECONDS)
        collected, self._collected = self._collected, {}
        flushed, self._flushed = self._flushed, None
        try:
            for (topic, partition), records in collected.items():
                await self._write_all(topic, partition, records)
        except BaseException as error:
            if flushed is not None and not flushed.done():
                flushed.set_exception(error)
            raise
        if flushed is not None and not flushed.done():
            flushed.set_result(None)

    async def _write_all(self, topic: str, partition: int, records: Sequence[SinkRecord]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        output = Output()
        for cut in self._cutters[topic, partition].cut(records):
            await self._write(topic, partition, cut)
            for table, lines in cut.rows.items():
                output.count("rows", table, len(lines))
        self._meter.batch("sink", len(records), loop.time() - started, output)

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._meter.positions(offsets)

    async def _write(self, topic: str, partition: int, cut: CutRange) -> None:
        await self._patiently(self._writer.write, topic, partition, cut.first, cut.next_offset, cut.rows)

    async def _patiently(self, act: Any, *arguments: Any) -> Any:
        """Call in a thread, again and again while ClickHouse is away: reports are late, nothing else."""
        wait = FIRST_WAIT
        while True:
            try:
                return await asyncio.to_thread(act, *arguments)
            except UnavailableError as error:
                log.warning("ClickHouse is not there, trying again in %.1f s: %s", wait, error)
                output = Output()
                output.count("sink_errors", type(error).__name__)
                self._meter.batch("sink", 0, 0.0, output)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)


def _as_sink_record(raw: Any) -> SinkRecord:
    table = next((value.decode() for name, value in raw.headers or () if name == TABLE_HEADER), "")
    return SinkRecord(raw.offset, table, raw.value)
