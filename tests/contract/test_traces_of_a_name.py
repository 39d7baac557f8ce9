"""A name is found in whatever topic it stands, as text, inside a refused message or packed; a Kafka that goes away is said."""

from __future__ import annotations

import asyncio
import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from infra.embedded.broker import EmbeddedBroker
from infra.kafka.topics import provision
from infra.privacy.topics import PERSONAL_TOPICS, names_in, traces
from schemas.errors import UnavailableError
from schemas.topics import ACCOUNTS, DEAD_LETTERS, FACTS, MARKET_EVENTS, REGION_STATE, TOPICS
from tests.support.real_kafka import a_local_kafka

pytestmark = pytest.mark.io
NAME = "Zoë Weaver"
LETTER = b64encode(json.dumps({"account_id": "p9", "name": NAME}, ensure_ascii=False).encode()).decode()
RECORDS = [
    (ACCOUNTS.name, b"p9", json.dumps({"account_id": "p9", "name": NAME}).encode()),
    (ACCOUNTS.name, b"p9", b'{"account_id":"p9"}'),
    (ACCOUNTS.name, b"p8", b'{"account_id":"p8","name":"Somebody Else"}'),
    (FACTS.name, b"p9", json.dumps({"kind": "account", "id": "p9", "name": NAME}, ensure_ascii=False).encode()),
    (FACTS.name, b"p9", b'{"kind":"rep","id":"p9","name":"A Rep of that id"}'),
    (MARKET_EVENTS.name, b"m1", json.dumps({"market_event_id": "m1", "note": f"{NAME} retires"}).encode()),
    (DEAD_LETTERS.name, b"d1", json.dumps({"dead_letter_id": "d1", "payload_base64": LETTER}, separators=(",", ":")).encode()),
    (REGION_STATE.name, b"a|0|learner|alerts", zlib.compress(f"note: {NAME}".encode() * 9, 1)),
    (REGION_STATE.name, b"a|0|learner|own", b"xylophone, and no packed piece"),
]  # fmt: skip
WHERE = {ACCOUNTS.name: 1, FACTS.name: 1, MARKET_EVENTS.name: 1, DEAD_LETTERS.name: 1, REGION_STATE.name: 1}


def embedded(folder: Path) -> EmbeddedBroker:
    return EmbeddedBroker(folder, {topic.name: topic.partitions for topic in TOPICS})


@pytest.fixture(
    scope="module",
    params=[pytest.param("embedded"), pytest.param("local Apache Kafka", marks=pytest.mark.kafka)],
)
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("system")
    server = embedded(folder) if request.param == "embedded" else a_local_kafka(folder)
    bootstrap = server.start().bootstrap
    if request.param != "embedded":
        provision(bootstrap)
    asyncio.run(write(bootstrap))
    yield bootstrap
    server.stop()


async def write(bootstrap: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for topic, key, value in RECORDS:
            await producer.send_and_wait(topic, value, key=key)
        await producer.send_and_wait(ACCOUNTS.name, None, key=b"gone")
    finally:
        await producer.stop()


def test_every_topic_that_can_carry_a_name_is_read_and_told(kafka: str) -> None:
    found = {trace.topic: trace for trace in traces(kafka, [NAME])}
    assert list(found) == [topic.name for topic in PERSONAL_TOPICS]
    assert {name: trace.records for name, trace in found.items() if trace.records} == WHERE
    assert found[ACCOUNTS.name].read == 4


def test_a_name_that_clickhouse_has_erased_is_still_known_while_kafka_holds_it(kafka: str) -> None:
    assert names_in(kafka, "account", "p9") == (NAME,)
    assert names_in(kafka, "rep", "p9") == ("A Rep of that id",)
    assert names_in(kafka, "account", "nobody") == ()


def test_what_was_read_before_the_broker_went_away_holds(tmp_path: Path) -> None:
    server = embedded(tmp_path)
    bootstrap = server.start().bootstrap
    asyncio.run(write(bootstrap))
    asked = traces(bootstrap, [NAME], patience=3.0)
    before = [next(asked), next(asked)]
    server.stop()
    with pytest.raises(UnavailableError, match="Kafka at"):
        next(asked)
    assert [(trace.topic, trace.records) for trace in before] == [("visit-reports", 0), (ACCOUNTS.name, 1)]
