"""What is special to each of the two brokers: the embedded one forgets, the local Kafka does not."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from infra.embedded.broker import EmbeddedBroker, MockCluster
from infra.embedded.child import StartError
from infra.embedded.files import FileLock, HeldError
from infra.embedded.kafka_local import LocalKafka
from schemas.errors import TerradriftError
from tests.support.real_kafka import a_local_kafka

pytestmark = pytest.mark.io

PROTOCOL = (2, 3)
ORDERS = TopicPartition("orders", 0)
RETAINED_BYTES = 5 * 1024 * 1024


def append(bootstrap: str, count: int, size_bytes: int = 10) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, api_version=PROTOCOL, linger_ms=0)
    for _ in range(count):
        producer.send("orders", b"x" * size_bytes, partition=0).get(20)
    producer.close()


def bounds(bootstrap: str) -> tuple[int, int]:
    """The first offset kept and the next one."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, api_version=PROTOCOL)
    try:
        return consumer.beginning_offsets([ORDERS])[ORDERS], consumer.end_offsets([ORDERS])[ORDERS]
    finally:
        consumer.close()


def test_each_start_of_the_embedded_broker_is_a_new_log_by_another_name(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path, {"orders": 1})
    first = broker.start()
    append(first.bootstrap, 3)
    assert bounds(first.bootstrap) == (0, 3)
    assert broker.stop() == 0
    second = broker.start()
    assert second.log_id != first.log_id
    assert bounds(second.bootstrap) == (0, 0)
    broker.stop()


def test_an_embedded_partition_keeps_its_newest_five_megabytes(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path, {"orders": 1})
    bootstrap = broker.start().bootstrap
    size = 500_000
    append(bootstrap, 20, size)
    begin, end = bounds(bootstrap)
    assert end == 20
    assert (end - begin) * size == pytest.approx(RETAINED_BYTES, abs=2 * size)
    broker.stop()


def test_a_topic_named_twice_is_refused() -> None:
    cluster = MockCluster()
    cluster.create_topic("orders", 1)
    with pytest.raises(TerradriftError, match="topic orders: "):
        cluster.create_topic("orders", 1)


def test_a_broker_with_an_impossible_topic_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="orders:0"):
        EmbeddedBroker(tmp_path, {"orders": 0}).start()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LocalKafka]:
    node = a_local_kafka(tmp_path)
    yield node
    node.stop()


def create_orders(bootstrap: str, partitions: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, api_version=PROTOCOL)
    admin.create_topics([NewTopic("orders", num_partitions=partitions, replication_factor=1)])
    admin.close()


@pytest.mark.kafka
def test_a_local_kafka_keeps_log_name_and_port_over_a_stop_and_a_kill(node: LocalKafka, tmp_path: Path) -> None:
    first = node.start()
    create_orders(first.bootstrap, 1)
    append(first.bootstrap, 3)
    with pytest.raises(HeldError):
        FileLock(tmp_path / "kafka" / "lock").acquire()  # the JVM itself holds it
    node.stop()

    assert node.start() == first
    append(first.bootstrap, 2)
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    assert node.stop() == -signal.SIGKILL

    assert node.start() == first
    assert bounds(first.bootstrap) == (0, 5)


@pytest.mark.kafka
def test_two_members_share_the_partitions_and_the_last_one_inherits_all(node: LocalKafka) -> None:
    """Only here: on the embedded broker the members of a group may race (see infra/embedded/broker.py)."""
    bootstrap = node.start().bootstrap
    create_orders(bootstrap, 3)

    async def scenario() -> tuple[list[int], int]:
        members = [
            AIOKafkaConsumer("orders", bootstrap_servers=bootstrap, group_id="pair", session_timeout_ms=6000)
            for _ in range(2)
        ]
        async with asyncio.timeout(60):
            await asyncio.gather(*(member.start() for member in members))
            while sum(len(member.assignment()) for member in members) != 3:
                await asyncio.sleep(0.05)
            shares = sorted(len(member.assignment()) for member in members)
            await members[1].stop()
            while len(members[0].assignment()) < 3:
                await asyncio.sleep(0.05)
        inherited = len(members[0].assignment())
        await members[0].stop()
        return shares, inherited

    assert asyncio.run(scenario()) == ([1, 2], 3)
