"""Facts that ClickHouse has for certain can be deleted from Kafka; what it may not have yet stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from infra.kafka.topics import provision
from infra.privacy.topics import drop_facts
from schemas.topics import FACTS, SINK_GROUP
from tests.support.real_kafka import a_local_kafka

pytestmark = [pytest.mark.io, pytest.mark.kafka]


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = a_local_kafka(tmp_path_factory.mktemp("system"))
    address = server.start()
    provision(address.bootstrap)
    yield address.bootstrap
    server.stop()


async def write(bootstrap: str, values: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for number in range(values):
            await producer.send_and_wait(FACTS.name, b"%d" % number, partition=number % 2)
    finally:
        await producer.stop()


async def commit(bootstrap: str, offset: int) -> None:
    """The sink has written everything of partition 0 before `offset`, and has said nothing of the others."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=SINK_GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(FACTS.name, 0)])
        await consumer.commit({TopicPartition(FACTS.name, 0): offset})
    finally:
        await consumer.stop()


async def left(bootstrap: str) -> list[int]:
    """The first offset that is still there, of partitions 0 and 1."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        places = [TopicPartition(FACTS.name, partition) for partition in (0, 1)]
        starts = await consumer.beginning_offsets(places)
        return [starts[place] for place in places]
    finally:
        await consumer.stop()


def test_what_the_sink_has_committed_goes_and_the_rest_stays(kafka: str) -> None:
    asyncio.run(write(kafka, 20))
    asyncio.run(commit(kafka, 0))
    assert drop_facts(kafka) == 0
    asyncio.run(commit(kafka, 7))
    assert drop_facts(kafka) == 7
    assert asyncio.run(left(kafka)) == [7, 0]
    assert drop_facts(kafka) == 0
