"""The engine as the worker wires it, for measuring: the one place that changes when the worker's wiring does.

Compare streams/worker.py. What is not the worker's: groups of a run's own, state restored from a prepared topic, and a
delivery that counts.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.streams.orders import Line, partition_of
from infra.clickhouse.client import Access
from infra.clickhouse.sink import Sink
from schemas.events import Event, Tick
from schemas.ids import region_partition
from schemas.row_ranges import RowRange
from schemas.settings import Company, Settings
from schemas.topics import (
    ACCOUNTS,
    ACTIVITY_PARTITIONS,
    ACTIVITY_STATE,
    FACTS,
    REGION_EVENTS,
    TICK_KEY,
    TOPICS,
    Topic,
)
from streams.agents import StagesApp, build_app
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.handlers.region.stage import RegionStage
from streams.handlers.sink import RangeCutter, as_block
from streams.ports import MemoryStore, Output, PartitionHandler, Record, Stage, Store
from streams.ready import make_ready
from streams.solver_pool import SolverPool
from streams.table import Table
from streams.transport.changelog import restore
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.delivery import Delivery
from streams.transport.producer import BatchProducer
from streams.transport.sinking import SinkDelivery
from streams.transport.stages import Meter, StageDelivery
from streams.transport.upstream.lean_fetch import fetch_lean_records
from streams.worker import collect_rarely

Wrap = Callable[[Delivery], Delivery]
RECEIVED_MS = 1_900_000_000_000
KNOWN = Settings()
CREATING = Settings(company=Company(unknown_accounts="create"))
SLICE = 5_000


def as_the_worker_does() -> None:
    """What streams/worker.py sets for its process."""
    fetch_lean_records()
    make_ready()
    collect_rarely()


def connection_to(bootstrap: str) -> dict[str, Any]:
    return {"bootstrap_servers": bootstrap.split(","), "security_protocol": "PLAINTEXT"}


def engine_app(
    bootstrap: str, log_id: str, group: str, whole: bool, state_topic: str, meter: Meter, wrap: Wrap
) -> StagesApp:
    """The activity stage alone, its state restored from `state_topic`; or the whole engine, which makes accounts as it goes."""
    as_the_worker_does()
    connection = connection_to(bootstrap)
    producer = BatchProducer(connection)
    pool = SolverPool(producer.send, lambda *_: None)
    settings = CREATING if whole else KNOWN
    stages: tuple[Stage, ...] = (ActivityStage(settings, log_id),)
    if whole:
        stages = (*stages, IntakeStage(settings, log_id), RegionStage(settings, log_id))

    async def open_store(topic: str, partition: int) -> Store:
        store = Table() if topic == ACTIVITY_STATE.name else MemoryStore()
        await restore(connection, topic if whole else state_topic, partition, store)
        return store

    delivery = wrap(StageDelivery(stages, producer, open_store, pool.submit, meter, DeadLetterLimit(settings.feed)))
    topics = [topic for stage in stages for topic in stage.topics]
    app = build_app(group, bootstrap, {"security_protocol": "PLAINTEXT"}, topics, delivery)
    app.opening = (producer.start,)
    app.closing = (pool.close, producer.stop)
    return app


def waiting_for_regions(app: StagesApp, committed: Mapping[tuple[str, int], int]) -> int:
    """Messages of the regions' logs that the engine has written and not yet committed."""
    consumer = app.consumer
    return sum(
        max(int(consumer.highwater(tp) or 0) - committed.get((tp.topic, tp.partition), 0), 0)
        for tp in consumer.assignment()
        if tp.topic == REGION_EVENTS.name
    )


def sink_app(bootstrap: str, log_id: str, group: str, access: Access, meter: Any, wrap: Wrap) -> StagesApp:
    """The sink on the facts alone."""
    delivery = wrap(SinkDelivery(Sink(access, log_id), meter))
    return build_app(group, bootstrap, {"security_protocol": "PLAINTEXT"}, [FACTS.name], delivery)


def sink_ranges(partition: int, raw: Sequence[Any], rows: int) -> Iterator[RowRange]:
    """Consumed facts of one partition as the sink cuts them, about so many rows a range."""
    blocks = [as_block(FACTS.name, each.offset, each.headers, each.value) for each in raw]
    return RangeCutter(FACTS.name, partition, most_rows=rows).cut(blocks)


def activity_handler(partition: int, create: bool = False) -> PartitionHandler:
    """A partition of the activity stage with nothing in its memory."""
    return ActivityStage(CREATING if create else KNOWN, "benchmark").open(partition, Table())


def fold(handler: PartitionHandler, topic: str, lines: Sequence[Line], first_offset: int = 0) -> Iterator[Output]:
    """Hand lines of one partition to a handler, a slice at a time; what it says of each."""
    for start in range(0, len(lines), SLICE):
        part = lines[start : start + SLICE]
        offset = first_offset + start
        yield handler.handle([
            Record(topic, line.partition, offset + i, RECEIVED_MS, line.key, line.value) for i, line in enumerate(part)
        ])  # fmt: skip


class StateWriter:
    """Writes a partition of account states as the engine would have: folded, into a changelog."""

    def __init__(self, bootstrap: str, state_topic: str, partition: int) -> None:
        self._connection = connection_to(bootstrap)
        self._topic = state_topic
        self._partition = partition
        self._handler = activity_handler(partition)
        self._producer = BatchProducer(self._connection)
        self._sent: list[asyncio.Future[Any]] = []

    async def start(self) -> None:
        as_the_worker_does()
        await self._producer.start()

    async def stop(self) -> None:
        await asyncio.gather(*self._sent)
        await self._producer.stop()

    async def accounts(self, lines: Sequence[Line]) -> None:
        for output in fold(self._handler, ACCOUNTS.name, lines):
            await self._keep(output)

    async def orders(self, topic: str, start: int, end: int) -> None:
        """Read the records [start, end) back and fold them: state and log then agree on offsets."""
        consumer = AIOKafkaConsumer(**self._connection, group_id=None, max_partition_fetch_bytes=1_048_576)
        await consumer.start()
        try:
            place = TopicPartition(topic, self._partition)
            consumer.assign([place])
            consumer.seek(place, start)
            while start < end:
                for batch in (await consumer.getmany(place, timeout_ms=500)).values():
                    records = batch[: bisect_left(batch, end, key=lambda record: record.offset)]
                    for at in range(0, len(records), SLICE):
                        await self._keep(self._handler.handle(records[at : at + SLICE]))
                    start = batch[-1].offset + 1
        finally:
            await consumer.stop()

    async def _keep(self, output: Output) -> None:
        _refuse_refusals(output)
        self._sent += await self._producer.send_state(self._topic, self._partition, output.state)
        if len(self._sent) > SLICE:
            await asyncio.gather(*self._sent)
            self._sent.clear()


async def write_facts(bootstrap: str, lines: Sequence[Line], topic: str) -> dict[str, int]:
    """Fold lines and write only the facts they become; how many of each table."""
    producer = BatchProducer(connection_to(bootstrap))
    await producer.start()
    told: dict[str, int] = {}
    by_partition: dict[int, list[Line]] = {}
    for line in lines:
        by_partition.setdefault(line.partition, []).append(line)
    try:
        for partition, mine in sorted(by_partition.items()):
            sent: list[asyncio.Future[Any]] = []
            for output in fold(activity_handler(partition, create=True), topic, mine):
                sent += await producer.send([emit for emit in output.emits if emit.topic == FACTS.name])
                for (name, table), count in output.counts.items():
                    if name == "facts":
                        told[table] = told.get(table, 0) + count
            await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return told


class CountingMeter:
    """What the handlers counted, by name and label."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None:  # noqa: ARG002 - the meter's contract
        for (name, label), amount in output.counts.items():
            key = f"{name}|{label}"
            self.counts[key] = self.counts.get(key, 0) + amount

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Committed offsets are watched by the delivery."""


def region_handler(partition: int) -> PartitionHandler:
    """A partition of the region stage with nothing in its memory."""
    return RegionStage(KNOWN, "benchmark").open(partition, MemoryStore())


class RegionLog:
    """The log of one region as the activity and intake stages write it, from events, without Kafka."""

    def __init__(self, region_id: str) -> None:
        self.partition = region_partition(region_id, REGION_EVENTS.partitions)
        self._activity = [ActivityStage(KNOWN, "benchmark").open(p, MemoryStore()) for p in range(ACTIVITY_PARTITIONS)]
        self._intake = IntakeStage(KNOWN, "benchmark").open(0, MemoryStore())
        self._offsets: dict[tuple[str, int], int] = {}
        self._written = 0
        self._waiting: list[Record] = []

    def say(self, topic: Topic, events: Iterable[Event]) -> None:
        """Events of a topic; all of one call are handled as one batch a partition."""
        by_partition: dict[int, list[Record]] = {}
        for event in events:
            key = str(getattr(event, topic.key)).encode()
            partition = partition_of(key) if topic.partitions > 1 else 0
            by_partition.setdefault(partition, []).append(self._record(topic, partition, key, event))
        for partition, records in by_partition.items():
            handler = self._intake if topic.partitions == 1 else self._activity[partition]
            self._keep(handler.handle(records))

    def tick(self, tick: Tick) -> None:
        """Time has passed, on every partition."""
        for topic in (topic for topic in TOPICS if topic.carries_ticks):
            for partition in range(topic.partitions):
                handler = self._intake if topic.partitions == 1 else self._activity[partition]
                self._keep(handler.handle([self._record(topic, partition, TICK_KEY, tick)]))

    def take(self) -> list[Record]:
        """What was written since the last call."""
        taken, self._waiting = self._waiting, []
        return taken

    def _record(self, topic: Topic, partition: int, key: bytes, event: Event) -> Record:
        offset = self._offsets.get((topic.name, partition), 0)
        self._offsets[topic.name, partition] = offset + 1
        return Record(topic.name, partition, offset, RECEIVED_MS, key, event.model_dump_json().encode())

    def _keep(self, output: Output) -> None:
        _refuse_refusals(output)
        for emit in output.emits:
            if emit.topic == REGION_EVENTS.name and emit.partition == self.partition:
                self._waiting.append(
                    Record(emit.topic, emit.partition, self._written, RECEIVED_MS, emit.key, emit.value)
                )
                self._written += 1


def _refuse_refusals(output: Output) -> None:
    """Raise RuntimeError when a record was refused: a benchmark's own records are all good."""
    refused = {name: n for name, n in output.counts.items() if name[0] == "dead_letters"}
    if refused:
        raise RuntimeError(f"the benchmark's own records were refused: {refused}")
