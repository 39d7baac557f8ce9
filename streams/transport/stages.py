"""Stages on the batch path: a partition's state is restored, its batches handled, the output made durable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from schemas.topics import RESTORED_HEADER
from streams.ports import Emit, Output, PartitionHandler, Record, SolveRequest, Stage
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.delivery import Batches
from streams.transport.producer import BatchProducer

SLICE = 1_000
"""Records handled between two breaths of the event loop."""


class Meter(Protocol):
    """Where counts go. Handlers return numbers; the edge reports them."""

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None: ...

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


ReadState = Callable[[str, int], Awaitable[dict[bytes, bytes]]]


class StageDelivery:
    """Serves several stages of one app; each topic belongs to exactly one stage."""

    def __init__(
        self,
        stages: Sequence[Stage],
        producer: BatchProducer,
        read_state: ReadState,
        solve: Callable[[SolveRequest], None],
        meter: Meter,
        limit: DeadLetterLimit,
    ) -> None:
        self._stage_of = {topic: stage for stage in stages for topic in stage.topics}
        self._producer = producer
        self._read_state = read_state
        self._solve = solve
        self._meter = meter
        self._limit = limit
        self._handlers: dict[tuple[str, int], PartitionHandler] = {}

    async def open(self, topic: str, partition: int, committed: int) -> int | None:  # noqa: ARG002 - the contract names it
        stage = self._stage_of[topic]
        place = stage.name, partition
        if place not in self._handlers:
            state = await self._read_state(stage.state_topic, partition) if stage.state_topic else {}
            self._handlers[place] = stage.open(partition, state)
        return self._handlers[place].start_offset(topic)

    def close(self, topic: str, partition: int) -> None:
        self._handlers.pop((self._stage_of[topic].name, partition), None)

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        """Handle every batch, then write all output at once: large record batches cost the next stage least."""
        loop = asyncio.get_running_loop()
        emits: list[Emit] = []
        futures: list[asyncio.Future[Any]] = []
        solves: list[SolveRequest] = []
        for (topic, partition), batch in batches.items():
            stage = self._stage_of[topic]
            handler = self._handlers[stage.name, partition]
            for records in _slices(batch):
                started = loop.time()
                output = handler.handle(records)
                self._meter.batch(stage.name, len(records), loop.time() - started, output)
                self._limit.note(
                    len(records), sum(n for (name, _), n in output.counts.items() if name == "dead_letters")
                )
                emits += output.emits
                solves += output.solves
                if output.state:
                    futures += await self._producer.send_state(stage.state_topic, partition, output.state)
                await asyncio.sleep(0)
        futures += await self._producer.send(emits)
        for request in solves:
            self._solve(request)
        return asyncio.gather(*futures) if futures else None

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self._meter.positions(offsets)


def _slices(batch: Sequence[Any]) -> Iterator[list[Record]]:
    for start in range(0, len(batch), SLICE):
        yield [as_record(raw) for raw in batch[start : start + SLICE]]


def as_record(raw: Any) -> Record:
    """An aiokafka ConsumerRecord as our value."""
    restored = bool(raw.headers) and any(name == RESTORED_HEADER for name, _ in raw.headers)
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, restored)
