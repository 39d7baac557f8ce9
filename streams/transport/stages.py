"""Stages on the batch path: a partition's state is restored, its batches handled, the output made durable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from schemas.topics import RESTORED_HEADER
from streams.ports import Output, PartitionHandler, Record, SolveRequest, Stage
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
    ) -> None:
        self._stage_of = {topic: stage for stage in stages for topic in stage.topics}
        self._producer = producer
        self._read_state = read_state
        self._solve = solve
        self._meter = meter
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

    async def deliver(self, topic: str, partition: int, batch: Sequence[Any]) -> asyncio.Future[Any] | None:
        stage = self._stage_of[topic]
        handler = self._handlers[stage.name, partition]
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Any]] = []
        for records in _slices(batch):
            started = loop.time()
            output = handler.handle(records)
            self._meter.batch(stage.name, len(records), loop.time() - started, output)
            futures += await self._producer.send(output.emits)
            if output.state:
                futures += await self._producer.send_state(stage.state_topic, partition, output.state)
            for request in output.solves:
                self._solve(request)
            await asyncio.sleep(0)
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
