"""A feed that writes in transactions: the mark that ends one takes an offset, and no worker waits for what is never handed out."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from infra.feeds.lag import lags
from infra.kafka.topics import provision
from schemas.topics import DEAD_LETTERS, ORDERS, SINK_GROUP
from tests.support.real_kafka import a_local_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]
STALL_SECONDS = 10


async def write_in_a_transaction(bootstrap: str) -> None:
    """An order that will be refused."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="feed")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(ORDERS.name, key=b"a1", value=b"{}")
    await producer.stop()


def test_a_worker_that_has_handled_a_transaction_is_not_ended_for_the_mark_behind_it(tmp_path: Path) -> None:
    kafka = a_local_kafka(tmp_path / "system")
    bootstrap = kafka.start().bootstrap
    config, log = tmp_path / "terradrift.toml", tmp_path / "worker.log"
    config.write_text(f"[feed]\nstall_exit_seconds = {STALL_SECONDS}\n")
    environment = os.environ | {
        "TERRADRIFT_KAFKA": bootstrap,
        "TERRADRIFT_LOG_ID": "the-log",
        "TERRADRIFT_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "TERRADRIFT_CONFIG": str(config),
        "TERRADRIFT_METRICS_PORT": "0",
    }
    worker = None
    try:
        provision(bootstrap)
        asyncio.run(write_in_a_transaction(bootstrap))
        with log.open("wb") as output:
            worker = subprocess.Popen(
                (sys.executable, "-m", "streams.cli", "worker"), cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 120
        while not lags(bootstrap, {SINK_GROUP: (DEAD_LETTERS.name,)})[SINK_GROUP][DEAD_LETTERS.name]:
            assert worker.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        time.sleep(3 * STALL_SECONDS)
        assert worker.poll() is None, log.read_text()
        assert "made no progress" not in log.read_text()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(60)
        kafka.stop()
