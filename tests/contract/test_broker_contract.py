"""What the system asks of a Kafka broker, tried on the embedded one and on a local Apache Kafka with the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka import Consumer, Producer
from kafka import KafkaAdminClient, KafkaConsumer
from kafka import TopicPartition as AdminPartition
from kafka.admin import NewTopic
from kafka.structs import OffsetAndMetadata

from infra.embedded.addresses import BrokerAddress
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.kafka_local import LocalKafka
from tests.support.real_kafka import a_local_kafka

pytestmark = pytest.mark.io

TOPICS = [f"contract.{number}" for number in range(8)]
PARTITIONS = 3
BATCH = 40
SECONDS = 40
PROTOCOL = (2, 3)  # of kafka-python; see infra/embedded/broker.py


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker and the name of a topic nobody else uses."""

    bootstrap: str
    new_topic: Callable[[], str]


@pytest.fixture(
    scope="module",
    params=[pytest.param("embedded"), pytest.param("local Apache Kafka", marks=pytest.mark.kafka)],
)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("system")
    unused = iter(TOPICS)
    server: EmbeddedBroker | LocalKafka
    if request.param == "embedded":
        server = EmbeddedBroker(folder, dict.fromkeys(TOPICS, PARTITIONS))
        address = server.start()
    else:
        server, address = start_local_kafka(folder)
    yield Broker(address.bootstrap, lambda: next(unused))
    server.stop()


def start_local_kafka(folder: Path) -> tuple[LocalKafka, BrokerAddress]:
    server = a_local_kafka(folder)
    address = server.start()
    admin = KafkaAdminClient(bootstrap_servers=address.bootstrap, api_version=PROTOCOL)
    admin.create_topics([NewTopic(name, num_partitions=PARTITIONS, replication_factor=1) for name in TOPICS])
    admin.close()
    return server, address


async def send(broker: Broker, topic: str, values: list[bytes], partition: int = 0) -> list[int]:
    """Produce idempotently, acknowledged by all; the offsets given."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        sent = [await producer.send(topic, value, partition=partition) for value in values]
        return [(await one).offset for one in sent]
    finally:
        await producer.stop()


async def take(broker: Broker, topic: str, group: str, count: int, *, commit: bool = True) -> list[bytes]:
    """Join the group, read `count` values, commit the position after the last, leave."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
    )
    await consumer.start()
    values: list[bytes] = []
    try:
        async with asyncio.timeout(SECONDS):
            while len(values) < count:
                record = await consumer.getone()
                values.append(record.value)
        if commit:
            await consumer.commit({TopicPartition(topic, 0): record.offset + 1})
    finally:
        await consumer.stop()
    return values


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_an_idempotent_producer_is_given_consecutive_offsets(broker: Broker) -> None:
    topic = broker.new_topic()
    assert asyncio.run(send(broker, topic, numbered(BATCH))) == list(range(BATCH))


def test_a_topic_has_the_partitions_it_was_given(broker: Broker) -> None:
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, api_version=PROTOCOL)
    assert consumer.partitions_for_topic(broker.new_topic()) == set(range(PARTITIONS))
    consumer.close()


def test_a_group_resumes_after_what_it_has_committed_and_nowhere_else(broker: Broker) -> None:
    topic, group = broker.new_topic(), f"group-{uuid4().hex}"
    asyncio.run(send(broker, topic, numbered(BATCH)))
    assert asyncio.run(take(broker, topic, group, 15)) == numbered(15)
    assert asyncio.run(take(broker, topic, group, 5, commit=False)) == numbered(20)[15:]
    assert asyncio.run(take(broker, topic, group, BATCH - 15)) == numbered(BATCH)[15:]


def test_an_administrator_sees_ends_and_committed_offsets_and_so_the_lag(broker: Broker) -> None:
    topic, group = broker.new_topic(), f"group-{uuid4().hex}"
    asyncio.run(send(broker, topic, numbered(BATCH)))
    asyncio.run(take(broker, topic, group, 15))
    partition = AdminPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, api_version=PROTOCOL)
    begins, ends = consumer.beginning_offsets([partition]), consumer.end_offsets([partition])
    consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap, api_version=PROTOCOL)
    committed = admin.list_group_offsets({group: [partition]})
    admin.close()
    assert (begins[partition], ends[partition]) == (0, BATCH)
    assert committed_offset(committed, group, partition) == 15


def committed_offset(answer: object, group: str, partition: AdminPartition) -> int:
    assert isinstance(answer, dict)
    offsets = answer.get(group, answer)
    position = offsets[partition]
    assert isinstance(position, OffsetAndMetadata)
    return int(position.offset)


def test_the_two_other_clients_understand_the_same_log(broker: Broker) -> None:
    topic = broker.new_topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True})
    for value in numbered(BATCH):
        producer.produce(topic, value=value, partition=0)
    assert producer.flush(SECONDS) == 0
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": uuid4().hex, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    values: list[bytes] = []
    while len(values) < BATCH:
        messages = consumer.consume(BATCH, timeout=SECONDS)
        assert messages, "nothing more within the deadline"
        values += [message.value() for message in messages if message.error() is None]
    consumer.close()
    assert values == numbered(BATCH)
