"""Stages on the batch path: a partition's state is restored, its batches handled, the output made durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.topics import DEAD_LETTERS
from streams.ports import Emit, Output, PartitionHandler, Record, SolveRequest, Stage, Store
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.delivery import Batches, Opened
from streams.transport.lost_log import LostLogError
from streams.transport.producer import BatchProducer

SLICE = 5_000
"""Records handled between two breaths of the event loop."""


class Meter(Protocol):
    """Where counts go. Handlers return numbers; the edge reports them."""

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None: ...

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


def report_missed(meter: Meter, stage: str, topic: str, records: int) -> None:
    """Count records that went before they were read."""
    output = Output()
    output.count("missed", topic, records)
    meter.batch(stage, 0, 0.0, output)


OpenStore = Callable[[str, int], Awaitable[Store]]


@dataclass(slots=True)
class _Said:
    """What one delivery has to write besides the state of stages that write it first."""

    emits: list[Emit] = field(default_factory=list)
    late_state: list[tuple[str, int, Mapping[bytes, bytes | None]]] = field(default_factory=list)
    solves: list[SolveRequest] = field(default_factory=list)


class StageDelivery:
    """Serves several stages of one app; each topic belongs to exactly one stage.

    The order of writing is what makes a crash harmless, see `Stage.state_first`: state of such stages, then all output,
    then state of the other stages, each durable before the next; and one delivery after the other.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        producer: BatchProducer,
        open_store: OpenStore,
        solve: Callable[[SolveRequest], None],
        meter: Meter,
        limit: DeadLetterLimit,
    ) -> None:
        self._stage_of = {topic: stage for stage in stages for topic in stage.topics}
        self._producer = producer
        self._open_store = open_store
        self._solve = solve
        self._meter = meter
        self._limit = limit
        self._handlers: dict[tuple[str, int], PartitionHandler] = {}
        self._stores: dict[tuple[str, int], Store] = {}
        self._written: asyncio.Task[None] | None = None

    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        stage = self._stage_of[topic]
        place = stage.name, partition
        if place not in self._handlers:
            store = await self._open_store(stage.state_topic, partition)
            self._handlers[place] = stage.open(partition, store)
            if stage.state_first:  # the others read it once
                self._stores[place] = store
        handler = self._handlers[place]
        known = handler.known_until(topic)
        if known is not None and stage.state_first and known < committed:
            raise LostLogError.of_state(f"partition {partition} of {topic}", stage.state_topic, committed, known)
        return Opened(handler.start_offset(topic, committed), known or 0)

    def close(self, topic: str, partition: int) -> None:
        place = self._stage_of[topic].name, partition
        self._handlers.pop(place, None)
        store = self._stores.pop(place, None)
        if store is not None:
            store.close()

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        """Handle every batch, then write all output at once: large record batches cost the next stage least."""
        said = _Said()
        first: list[asyncio.Future[Any]] = []
        for (topic, partition), batch in batches.items():
            stage = self._stage_of[topic]
            for start in range(0, len(batch), SLICE):
                output = self._handle(stage, topic, partition, batch[start : start + SLICE])
                said.emits += output.emits
                said.solves += output.solves
                if output.state and stage.state_first:
                    first += await self._producer.send_state(stage.state_topic, partition, output.state)
                elif output.state:
                    said.late_state.append((stage.state_topic, partition, output.state))
                await asyncio.sleep(0)
        self._written = asyncio.get_running_loop().create_task(self._write(self._written, first, said))
        return self._written

    def _handle(self, stage: Stage, topic: str, partition: int, records: Sequence[Record]) -> Output:
        started = time.perf_counter()
        try:
            output = self._handlers[stage.name, partition].handle(records)
        except Exception as defect:
            first, last = records[0], records[-1]
            defect.add_note(
                f"The {stage.name} stage failed at topic {topic}, partition {partition}, in the records of offsets "
                f"{first.offset} to {last.offset}. Nothing of them is committed; they come again at the next start."
            )
            raise
        self._meter.batch(stage.name, len(records), time.perf_counter() - started, output)
        self._judge(topic, len(records), output)
        return output

    def _judge(self, topic: str, records: int, output: Output) -> None:
        """Whether the feed is still good. Our own ticks say nothing of it, and would outnumber the messages of a quiet one."""
        buried = sum(n for (name, _), n in output.counts.items() if name == "dead_letters")
        self._limit.note(topic, max(records - output.counts.get(("ticks", topic), 0), buried), buried)
        if buried:
            stamp = self._limit.stamp()
            output.emits = [_stamped(emit, stamp) if emit.topic == DEAD_LETTERS.name else emit for emit in output.emits]

    async def _write(
        self, previous: asyncio.Task[None] | None, first: Sequence[asyncio.Future[Any]], said: _Said
    ) -> None:
        """Done when all of it is durable. Nothing is written after a failure."""
        if previous is not None:
            await previous
        await asyncio.gather(*first)
        await asyncio.gather(*await self._producer.send(said.emits))
        for request in said.solves:
            self._solve(request)
        for topic, partition, state in said.late_state:
            await asyncio.gather(*await self._producer.send_state(topic, partition, state))

    def missed(self, topic: str, records: int) -> None:
        report_missed(self._meter, self._stage_of[topic].name, topic, records)

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._meter.positions(offsets)


def _stamped(letter: Emit, stamp: tuple[str, bytes]) -> Emit:
    return Emit(letter.topic, letter.partition, letter.key, letter.value, letter.table, (*letter.more_headers, stamp))
