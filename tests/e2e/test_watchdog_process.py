"""The watchdog in real processes: one that is stuck ends with its reason, one that waits for ClickHouse does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from infra.embedded.broker import EmbeddedBroker
from infra.feeds.connection import client_options
from schemas.topics import DEAD_LETTERS, ORDERS, TOPICS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
STALL_SECONDS = 10
STUCK_WORKER = """
import asyncio, sys, time
from streams.handlers.activity.stage import ActivityStage
from streams.transport.stages import StageDelivery
from streams import worker

worker.make_ready = lambda: None  # it would try the stage out

class Stuck:
    def start_offset(self, topic, committed):
        return None
    def known_until(self, topic):
        return None
    def handle(self, records):
        time.sleep(3600)

async def never(self, batches):
    await asyncio.Event().wait()

if sys.argv[1] == "holds the event loop":
    ActivityStage.open = lambda self, *arguments, **named: Stuck()
else:
    StageDelivery.deliver = never
sys.exit(worker.run_role("worker"))
"""

FETCHLESS_WORKER = """
import sys
from streams import agents, worker
from streams.transport.consumer import BatchConsumer

worker.make_ready = lambda: None  # it would try the stage out
agents.ENDS_SECONDS = 3.0
deliver = BatchConsumer._deliver

async def deliver_and_fetch_no_more(self, records):
    await deliver(self, records)
    fetching = self._thread._ensure_consumer()._fetcher._fetch_task
    self._thread.thread_loop.call_soon_threadsafe(fetching.cancel)
    print("nobody fetches any more", flush=True)

BatchConsumer._deliver = deliver_and_fetch_no_more
sys.exit(worker.run_role("worker"))
"""

WORKER_IN_A_HUNG_REBALANCE = """
import asyncio, sys
from streams import worker
from streams.transport import rebalancing
from streams.transport.upstream.consumer import MendedConsumer

worker.make_ready = lambda: None  # it would try the stage out
rebalancing.REBALANCE_SECONDS = 5.0

async def never(self, assigned, generation_id=0):
    await asyncio.Event().wait()

MendedConsumer.on_partitions_assigned = never
sys.exit(worker.run_role("worker"))
"""

BROKEN_WORKER = """
import sys
from streams.handlers.activity.stage import ActivityStage
from streams import worker

worker.make_ready = lambda: None  # it would try the stage out

class Broken:
    def start_offset(self, topic, committed):
        return None
    def known_until(self, topic):
        return None
    def handle(self, records):
        raise KeyError("a line nobody has tried")

ActivityStage.open = lambda self, *arguments, **named: Broken()
sys.exit(worker.run_role("worker"))
"""

SINK_LEFT_ALONE = """
import sys
from streams import worker

assert callable(worker.knock_to_write)
worker.knock_to_write = lambda access: None  # it was there when the sink knocked, and is gone since
sys.exit(worker.run_role("sink"))
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A broker with one order and one dead letter waiting, a ClickHouse that is not there, a watchdog in a hurry."""
    broker = EmbeddedBroker(tmp_path / "system", {topic.name: topic.partitions for topic in TOPICS})
    address = broker.start()
    publish(address.bootstrap, ORDERS.name, b"a1")
    publish(address.bootstrap, DEAD_LETTERS.name, b"l1")
    config = tmp_path / "terradrift.toml"
    config.write_text(f"[feed]\nstall_exit_seconds = {STALL_SECONDS}\n")
    yield os.environ | {
        "TERRADRIFT_KAFKA": address.bootstrap,
        "TERRADRIFT_LOG_ID": address.log_id,
        "TERRADRIFT_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "TERRADRIFT_CONFIG": str(config),
        "TERRADRIFT_METRICS_PORT": "0",
    }
    broker.stop()


def publish(bootstrap: str, topic: str, key: bytes) -> None:
    """A message that will be refused."""
    producer = KafkaProducer(**client_options(bootstrap))
    producer.send(topic, key=key, value=b"{}")
    producer.flush(30)
    producer.close()


def test_a_worker_whose_handler_has_a_defect_ends_and_names_stage_topic_partition_and_offsets(
    environment: dict[str, str],
) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", BROKEN_WORKER), cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "a line nobody has tried" in said
    assert re.search(r"activity stage failed at topic orders, partition \d+, in the records of offsets 0 to 0", said)


@pytest.mark.parametrize("how", ["holds the event loop", "waits for ever"])
def test_a_worker_whose_handler_is_stuck_ends_and_says_why(environment: dict[str, str], how: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", STUCK_WORKER, how), cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    (reason,) = [line for line in ended.stderr.splitlines() if line.startswith("StalledError: ")]
    assert "the worker has made no progress for " in reason
    assert ("its event loop does not come round" if how == "holds the event loop" else "does not come back") in reason
    assert "most recent call first" in ended.stderr, "where each thread stood"
    assert ("in handle" in ended.stderr) == (how == "holds the event loop")


def test_a_worker_whose_fetches_died_while_it_was_caught_up_ends_once_messages_have_come(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            (sys.executable, "-c", FETCHLESS_WORKER), cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 120
        while "nobody fetches any more" not in log.read_text():
            assert worker.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        time.sleep(2 * STALL_SECONDS)
        assert worker.poll() is None, "caught up, it has nothing to do: " + log.read_text()
        publish(environment["TERRADRIFT_KAFKA"], ORDERS.name, b"a1")
        assert worker.wait(120) == 1, log.read_text()
    finally:
        worker.kill()
        worker.wait(30)
    (reason,) = [line for line in log.read_text().splitlines() if line.startswith("StalledError: ")]
    assert re.search(r"orders/\d stands at offset 1 and 1 messages wait there", reason)


def test_a_worker_whose_first_rebalance_hangs_ends_and_says_why(environment: dict[str, str]) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", WORKER_IN_A_HUNG_REBALANCE), cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    (reason,) = [line for line in ended.stderr.splitlines() if line.startswith("StalledError: ")]
    assert "a rebalance does not come to its end" in reason


def test_a_sink_that_waits_for_clickhouse_is_left_alone(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "sink.log"
    with log.open("wb") as output:
        sink = subprocess.Popen(
            (sys.executable, "-c", SINK_LEFT_ALONE), cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 120
        while "makes no progress" not in log.read_text() and "made no progress" not in log.read_text():
            assert sink.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        time.sleep(3 * STALL_SECONDS)
        assert sink.poll() is None, log.read_text()
        assert "it waits for ClickHouse" in log.read_text()
    finally:
        sink.terminate()
        sink.wait(30)
