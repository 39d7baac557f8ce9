"""The one Apache Kafka node of a benchmark, and the segments of orders in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from benchmarks.streams.orders import DAYS, Line, Workload, ticks_of_day
from infra.embedded.kafka_local import LocalKafka
from infra.feeds.connection import client_options
from infra.kafka.topics import provision
from schemas.topics import ACTIVITY_PARTITIONS, ORDERS, TOPICS, VISIT_REPORTS

BATCH_BYTES = 256 * 1024
"""As the publisher of feeds batches."""
MOST_IN_FLIGHT = 200


@dataclass(frozen=True, slots=True)
class Segment:
    """The records [start, end) of each partition of the orders topic: ticks and repetitions among `orders` different ones."""

    start: tuple[int, ...]
    end: tuple[int, ...]
    orders: int
    repetitions: int

    @property
    def records(self) -> int:
        return sum(self.end) - sum(self.start)


class Node:
    """A running node with Terradrift's topics."""

    def __init__(self, bootstrap: str, log_id: str) -> None:
        self.bootstrap = bootstrap
        self.log_id = log_id

    def provision(self) -> None:
        provision(self.bootstrap)

    def create(self, topic: str, partitions: int = ACTIVITY_PARTITIONS) -> None:
        """One more topic, such as the changelog of a peer."""
        with self._admin() as admin:
            admin.create_topics([NewTopic(topic, partitions, 1)])

    def renew(self, keep: Sequence[str] = (ORDERS.name, VISIT_REPORTS.name)) -> None:
        """Throw away what the engine wrote, as on the first day; the inputs stay."""
        doomed = [topic.name for topic in TOPICS if topic.name not in keep]
        with self._admin() as admin:
            admin.delete_topics(doomed)
            _wait_until_gone(admin, doomed)
        self.provision()

    def load(self, workload: Workload) -> tuple[Segment, Segment]:
        """Append an earlier order of each account, then the year; the two segments."""
        return asyncio.run(self._load(workload))

    def load_clock(self) -> None:
        """The publisher's ticks on the visit reports, so that days close."""
        asyncio.run(self._write(VISIT_REPORTS.name, (line for day in range(DAYS) for line in ticks_of_day(day))))

    def stand(self, group: str, segment: Segment) -> None:
        """Let a group begin at a segment."""
        asyncio.run(self._stand(group, segment))

    async def _load(self, workload: Workload) -> tuple[Segment, Segment]:
        before = await self._ends(ORDERS.name)
        earlier, _ = await self._write(ORDERS.name, workload.earlier_orders())
        middle = await self._ends(ORDERS.name)
        different, again = await self._write(ORDERS.name, workload.lines())
        after = await self._ends(ORDERS.name)
        return Segment(before, middle, earlier, 0), Segment(middle, after, different, again)

    async def _write(self, topic: str, lines: Iterable[Line]) -> tuple[int, int]:
        """Write record batches, compressed as our producers do; (different orders, repetitions)."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type="lz4",
            acks="all",
            max_batch_size=BATCH_BYTES,
            enable_idempotence=True,
        )
        await producer.start()
        try:
            return await _send_all(producer, topic, lines)
        finally:
            await producer.stop()

    async def _ends(self, topic: str) -> tuple[int, ...]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=None)
        await consumer.start()
        try:
            places = [TopicPartition(topic, partition) for partition in range(ACTIVITY_PARTITIONS)]
            ends = await consumer.end_offsets(places)
            return tuple(ends[place] for place in places)
        finally:
            await consumer.stop()

    def ends(self, topic: str) -> tuple[int, ...]:
        return asyncio.run(self._ends(topic))

    async def _stand(self, group: str, segment: Segment) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(ORDERS.name, partition) for partition in range(ACTIVITY_PARTITIONS)]
            consumer.assign(places)
            await consumer.commit(dict(zip(places, segment.start, strict=True)))
        finally:
            await consumer.stop()

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        admin = KafkaAdminClient(**client_options(self.bootstrap))
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def running_node(folder: Path) -> Iterator[Node]:
    """An Apache Kafka of its own in a folder, with all topics, stopped at the end."""
    kafka = LocalKafka(folder)
    address = kafka.start()
    try:
        node = Node(address.bootstrap, address.log_id)
        node.provision()
        yield node
    finally:
        kafka.stop()


async def _send_all(producer: AIOKafkaProducer, topic: str, lines: Iterable[Line]) -> tuple[int, int]:
    open_batches = {partition: producer.create_batch() for partition in range(ACTIVITY_PARTITIONS)}
    sent: list[asyncio.Future[Any]] = []
    seen: set[bytes] = set()
    orders = 0

    async def send(partition: int) -> None:
        open_batches[partition].close()
        sent.append(await producer.send_batch(open_batches[partition], topic, partition=partition))
        open_batches[partition] = producer.create_batch()
        if len(sent) > MOST_IN_FLIGHT:
            await asyncio.gather(*sent)
            sent.clear()

    for line in lines:
        if b'"order_id"' in line.value:
            orders += 1
            seen.add(line.value[13:45])
        while open_batches[line.partition].append(key=line.key, value=line.value, timestamp=None) is None:
            await send(line.partition)
    for partition, batch in list(open_batches.items()):
        if batch.record_count():
            await send(partition)
    await asyncio.gather(*sent)
    return len(seen), orders - len(seen)


def _wait_until_gone(admin: Any, topics: Sequence[str]) -> None:
    for _ in range(200):
        try:
            left = set(admin.list_topics()) & set(topics)
        except UnknownTopicOrPartitionError:
            left = set()
        if not left:
            return
        time.sleep(0.1)
    raise KafkaError(f"topics do not go away: {', '.join(topics)}")
