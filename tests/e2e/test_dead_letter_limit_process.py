"""A feed that is mostly rubbish stops the real worker; with a mended setting it goes on, and every message has one outcome."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from infra.embedded.broker import EmbeddedBroker
from infra.feeds.connection import client_options
from infra.feeds.lag import lags
from schemas.topics import DEAD_LETTERS, ENGINE_GROUP, FACTS, ORDERS, TOPICS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]
WINDOW = 200
GOOD, BAD = 150, 450
SETTINGS = f'[company]\nunknown_accounts = "create"\n[feed]\ndead_letter_window = {WINDOW}\n'


@pytest.fixture
def bootstrap(tmp_path: Path) -> Iterator[str]:
    broker = EmbeddedBroker(tmp_path / "system", {topic.name: topic.partitions for topic in TOPICS})
    yield broker.start().bootstrap
    broker.stop()


def worker(bootstrap: str, config: Path, log: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "TERRADRIFT_KAFKA": bootstrap,
        "TERRADRIFT_LOG_ID": "the-log",
        "TERRADRIFT_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "TERRADRIFT_CONFIG": str(config),
        "TERRADRIFT_METRICS_PORT": "0",
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            (sys.executable, "-m", "streams.cli", "worker"), cwd=ROOT, env=environment, stdout=output, stderr=output
        )


def publish(bootstrap: str) -> None:
    """Orders of one account, a good one among three bad ones."""
    producer = KafkaProducer(**client_options(bootstrap))
    for number in range(GOOD + BAD):
        order = {"event_id": f"o{number}", "occurred_at": "2025-03-03T10:00:00Z", "order_id": f"o{number}",
                 "account_id": "a1", "amount": "1.00" if number % 4 == 0 else "much", "currency": "EUR"}  # fmt: skip
        producer.send(ORDERS.name, key=b"a1", value=json.dumps(order).encode())
    producer.flush(30)
    producer.close()


def records(bootstrap: str, topic: str) -> list[Any]:
    """Everything the topic holds."""
    consumer = KafkaConsumer(**client_options(bootstrap))
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: list[Any] = []
    while any(consumer.position(place) < ends[place] for place in partitions):
        for batch in consumer.poll(500).values():
            found += batch
    consumer.close()
    return found


def trickle(bootstrap: str, start: int, count: int) -> None:
    """Orders that will be refused."""
    producer = KafkaProducer(**client_options(bootstrap))
    for number in range(start, start + count):
        producer.send(ORDERS.name, key=b"a1", value=f'{{"event_id": "t{number}"}}'.encode())
    producer.flush(30)
    producer.close()


def letters(bootstrap: str) -> int:
    """Dead letters, each counted once."""
    return len({record.key for record in records(bootstrap, DEAD_LETTERS.name)})


def all_buried_or_over(bootstrap: str, refused: int, process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None or letters(bootstrap) == refused


def until(
    condition: Callable[[], bool], process: subprocess.Popen[bytes] | None, log: Path, seconds: float = 120
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)


def test_a_flood_of_refusals_stops_the_worker_and_a_mended_setting_lets_it_go_on(
    bootstrap: str, tmp_path: Path
) -> None:
    config, log = tmp_path / "terradrift.toml", tmp_path / "worker.log"
    config.write_text(SETTINGS)
    publish(bootstrap)

    stopped = worker(bootstrap, config, log)
    try:
        assert stopped.wait(120) != 0
    finally:
        stopped.kill()
    last = [line for line in log.read_text().splitlines() if line.startswith("schemas.errors.TerradriftError: ")][-1]
    assert (
        "messages were refused, more than 50% of 200 or more (feed.max_dead_letter_share, feed.dead_letter_window)"
        in last
    )
    assert lags(bootstrap, {ENGINE_GROUP: (ORDERS.name,)})[ENGINE_GROUP][ORDERS.name] > 0, "nothing of it is committed"

    config.write_text(f"{SETTINGS}max_dead_letter_share = 0.9\n")
    going = worker(bootstrap, config, log)
    try:
        until(lambda: lags(bootstrap, {ENGINE_GROUP: (ORDERS.name,)})[ENGINE_GROUP][ORDERS.name] == 0, going, log)
    finally:
        going.send_signal(signal.SIGTERM)
        assert going.wait(60) == 0, log.read_text()

    # what was written but not yet committed comes a second time, byte for byte, under the id of the first: one row
    told = {record.key: record.value for record in records(bootstrap, DEAD_LETTERS.name)}
    assert len({record.value for record in records(bootstrap, DEAD_LETTERS.name)}) == len(told), (
        "none differs from itself"
    )
    assert sorted(json.loads(value)["offset"] for value in told.values()) == [n for n in range(GOOD + BAD) if n % 4]
    accepted = b"\n".join(record.value for record in records(bootstrap, FACTS.name))
    assert all(f'"o{number}"'.encode() in accepted for number in range(0, GOOD + BAD, 4))


def test_a_supervisor_that_starts_it_again_and_again_does_not_bury_the_feed_bit_by_bit(
    bootstrap: str, tmp_path: Path
) -> None:
    """Bad orders in trickles, each smaller than what stops a worker that has just begun."""
    config = tmp_path / "terradrift.toml"
    config.write_text(SETTINGS)
    for start in range(0, 160, 40):
        log = tmp_path / f"worker{start}.log"
        running = worker(bootstrap, config, log)
        trickle(bootstrap, start, 40)
        try:
            until(partial(all_buried_or_over, bootstrap, start + 40, running), None, log)
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait(10)
    assert letters(bootstrap) <= WINDOW // 2
    assert "messages were refused, more than 50% of 200 or more" in log.read_text()
