"""The sink on the batch path: ranges of records into ClickHouse, in a thread, as patient as an outage is long."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Protocol, TypeVar

from schemas.errors import TakenOverError, UnavailableError
from schemas.row_ranges import RowBlock, RowRange
from streams.handlers.sink import RangeCutter, as_block
from streams.ports import Output
from streams.transport.delivery import Batches, Opened
from streams.transport.stages import Meter, report_missed

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
PACE_SECONDS = 0.2
ENOUGH_ROWS = 50_000
"""Rows in memory that are written at once, without waiting for more."""
MOST_ROWS, MOST_BYTES = 200_000, 64_000_000
"""What is held in memory at most; beyond it the sink stops reading until a flush has taken what there is."""

T = TypeVar("T")
Place = tuple[str, int]


class BegunRange(Protocol):
    @property
    def first(self) -> int: ...
    @property
    def next_offset(self) -> int: ...


class RowWriter(Protocol):
    """What the sink needs of a database: exact ranges, repeatable."""

    def resume(self, topic: str, partition: int, committed: int) -> Sequence[BegunRange]:
        """Take a partition over; the ranges at or after `committed` that may be half written."""
        ...

    def write(self, ranges: Sequence[RowRange]) -> int:
        """Write ranges, one a partition; rows really new. Raises UnavailableError when a retry may help."""
        ...


@dataclass(slots=True, eq=False)
class _Lane:
    """An open partition: what was read and not yet taken by a flush. Closing it lets go of both."""

    cutter: RangeCutter
    collected: list[RowBlock] = field(default_factory=list)
    rows: int = 0
    size: int = 0  # bytes

    def add(self, block: RowBlock) -> None:
        self.collected.append(block)
        self.rows += block.rows
        self.size += len(block.value)

    def take(self) -> list[RowBlock]:
        taken, self.collected, self.rows, self.size = self.collected, [], 0, 0
        return taken


@dataclass(slots=True, eq=False)
class _Flush:
    """One flush to come. `done` is for the batches in it, `taken` tells that memory is free again, `enough` hastens it."""

    done: asyncio.Future[None]
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)


class SinkDelivery:
    """Collects what is read, writes it a moment later. A closed partition is forgotten: what it held is not committed
    and comes again, here or elsewhere."""

    def __init__(self, writer: RowWriter, meter: Meter) -> None:
        self._writer = writer
        self._meter = meter
        self._lanes: dict[Place, _Lane] = {}
        self._next: _Flush | None = None
        self._latest: asyncio.Future[None] | None = None
        self._flushing: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks only weakly

    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        if (topic, partition) in self._lanes:
            return Opened()
        begun = await self._patiently(lambda: asyncio.to_thread(self._writer.resume, topic, partition, committed))
        repeat = (begun[0].first, begun[0].next_offset) if begun else None
        self._lanes[topic, partition] = _Lane(RangeCutter(topic, partition, repeat))
        return Opened(*repeat) if repeat else Opened()

    def close(self, topic: str, partition: int) -> None:
        self._lanes.pop((topic, partition), None)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        """Collect; a flush a moment later writes everything there is. Few large inserts cost far less than many small."""
        for (topic, partition), batch in batches.items():
            lane = self._lanes[topic, partition]
            for raw in batch:
                lane.add(as_block(topic, raw.offset, raw.headers or (), raw.value))
        if self._next is None:
            previous, self._latest = self._latest, asyncio.get_running_loop().create_future()
            self._next = _Flush(self._latest)
            task = asyncio.get_running_loop().create_task(self._flush(self._next, previous))
            self._flushing.add(task)
            task.add_done_callback(self._flushing.discard)
        coming = self._next
        rows, size = (sum(lane.rows for lane in self._lanes.values()), sum(lane.size for lane in self._lanes.values()))
        if rows >= ENOUGH_ROWS or size >= MOST_BYTES // 2:
            coming.enough.set()
        if rows >= MOST_ROWS or size >= MOST_BYTES:
            await coming.taken.wait()
        return coming.done

    async def _flush(self, flush: _Flush, previous: asyncio.Future[None] | None) -> None:
        """Write what has been collected by the time the flush before is done. The future tells those who wait."""
        try:
            if previous is not None:
                await asyncio.wait([previous])
                previous.result()  # a defect there is the end here, too
            await _at_most(PACE_SECONDS, flush.enough)
            self._next = None
            taken = [(lane, blocks) for lane in self._lanes.values() if (blocks := lane.take())]
            flush.taken.set()
            # What a cutter holds of an unfinished repetition counts as done: the ledger leads back to its first offset.
            for ranges in zip_longest(*(lane.cutter.cut(blocks) for lane, blocks in taken)):
                await self._write(
                    [(lane, cut) for (lane, _), cut in zip(taken, ranges, strict=True) if cut is not None]
                )
        except BaseException as error:
            flush.taken.set()
            if not flush.done.done():
                flush.done.set_exception(error)
            if not isinstance(error, Exception):
                raise
        if not flush.done.done():
            flush.done.set_result(None)

    async def _write(self, ranges: Sequence[tuple[_Lane, RowRange]]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        written = await self._patiently(lambda: self._attempt(ranges))
        output = Output()
        for block in _blocks(written):
            output.count("rows", block.table, block.rows)
        self._meter.batch("sink", sum(len(cut.blocks) for cut in written), loop.time() - started, output)

    async def _attempt(self, ranges: Sequence[tuple[_Lane, RowRange]]) -> list[RowRange]:
        """Write what is still ours of these ranges, and say which that was."""
        while asked := self._still_ours(ranges):
            try:
                await asyncio.to_thread(self._writer.write, asked)
                return asked
            except TakenOverError as error:
                if any(cut.place in error.places for cut in self._still_ours(ranges)):
                    raise  # we never gave it up: this process was away for longer than it knows
        return []

    def _still_ours(self, ranges: Sequence[tuple[_Lane, RowRange]]) -> list[RowRange]:
        return [cut for lane, cut in ranges if self._lanes.get(cut.place) is lane]

    def missed(self, topic: str, records: int) -> None:
        report_missed(self._meter, "sink", topic, records)

    def committed(self, offsets: Mapping[Place, int]) -> None:
        self._meter.positions(offsets)

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Call again and again while ClickHouse is away: reports are late, nothing else."""
        wait = FIRST_WAIT
        while True:
            try:
                return await act()
            except UnavailableError as error:
                log.warning("ClickHouse takes no rows, trying again in %.1f s: %s", wait, error)
                output = Output()
                output.count("sink_errors", type(error).__name__)
                self._meter.batch("sink", 0, 0.0, output)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)


def _blocks(ranges: Sequence[RowRange]) -> Iterator[RowBlock]:
    return (block for cut in ranges for block in cut.blocks)


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
