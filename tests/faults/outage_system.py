"""A whole system on a real Kafka and a real ClickHouse, whose parts can be taken away while orders come in."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, connect
from infra.embedded.addresses import BrokerAddress
from infra.embedded.clickhouse import ClickHouseServer
from infra.embedded.kafka_jars import MissingToolError, find_java, jars
from infra.embedded.kafka_local import LocalKafka
from infra.embedded.ports import free_port
from infra.feeds.lag import LagMeter, Lags
from infra.feeds.publish import wait_until_done
from infra.feeds.record import FeedRecord, record_of
from schemas.errors import UnavailableError
from schemas.topics import ACCOUNTS, ASSIGNMENTS, ORDERS, REPS
from tests.support.events import a_rep, an_account, an_assignment, an_order, at
from tests.support.every_row import keep_every_row, stored_in
from tests.support.patient import producer_of
from tests.support.truth import rows_twice

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "streams.cli")
ACCOUNT_COUNT = 60
REGIONS = ("north", "south")
ORDERS_A_SECOND = 1_000
PROVISION_SECONDS = 240.0
CATCH_UP_SECONDS = 150.0
Totals = dict[str, tuple[int, Decimal]]
"""Account id -> number of orders and their sum in EUR."""


def require_kafka() -> None:
    """Skip, saying why, where no real Kafka can be had; fail there in CI."""
    try:
        find_java()
        jars()
    except MissingToolError as missing:
        message = f"NO REAL KAFKA: {missing}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


class Part:
    """A worker or sink in a process of its own; `tend` starts it again after it has ended, as a supervisor would."""

    def __init__(self, role: str, environment: Mapping[str, str], log: Path, *options: str) -> None:
        self.role = role
        self._options = options
        self.log = log
        self.metrics_port = free_port()
        self.exits: list[int] = []
        self._environment = {**os.environ, **environment, "TERRADRIFT_METRICS_PORT": str(self.metrics_port)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (*COMMAND, self.role, *self._options),
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def tend(self) -> None:
        """Start it again if it has ended; remember its exit status."""
        assert self._process is not None
        status = self._process.poll()
        if status is not None:
            self.exits.append(status)
            self.start()

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM and its exit status; SIGKILL for the whole session when it does not go."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Load(threading.Thread):
    """Publishes orders at a steady pace until told to end, through every outage; knows what it has published."""

    def __init__(self, bootstrap: str, name: str) -> None:
        super().__init__(daemon=True)
        self.sent: Totals = {}
        self.count = 0
        self.failures: list[str] = []
        self._prefix = name
        self._end = threading.Event()
        self._producer = producer_of(bootstrap)

    def run(self) -> None:
        started = time.monotonic()
        while not self._end.is_set():
            due = int((time.monotonic() - started) * ORDERS_A_SECOND)
            while self.count < due:
                self._send_one()
            self._producer.poll(0)
            time.sleep(0.01)
        if unsent := self._producer.flush(CATCH_UP_SECONDS):
            self.failures.append(f"{unsent} orders were never acknowledged")

    def finish(self) -> Totals:
        """End the load; what was published, all of it acknowledged."""
        self._end.set()
        self.join(CATCH_UP_SECONDS + 10)
        assert not self.is_alive(), "the load does not end"
        assert not self.failures, self.failures[:3]
        return self.sent

    def _send_one(self) -> None:
        number, self.count = self.count, self.count + 1
        account = f"a{number % ACCOUNT_COUNT}"
        amount = Decimal(number % 9_973) / 100 + Decimal("0.01")
        moment = at("2026-03-02") + timedelta(seconds=number)
        event = an_order(f"{self._prefix}-{number}", str(amount), moment.isoformat(timespec="seconds")[:19],
                         account_id=account)  # fmt: skip
        record = record_of(ORDERS, event)
        while True:
            try:
                self._producer.produce(record.topic, record.value, record.key, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.1)
        orders, total = self.sent.get(account, (0, Decimal(0)))
        self.sent[account] = orders + 1, total + amount

    def _delivered(self, error: object, _message: object) -> None:
        if error is not None:
            self.failures.append(str(error))


@dataclass
class OutageSystem:
    """Kafka, ClickHouse, one worker and one sink. `sent` is what all loads so far have published."""

    directory: Path
    kafka: LocalKafka
    clickhouse: ClickHouseServer
    broker: BrokerAddress
    worker: Part
    sink: Part
    sent: Totals = field(default_factory=dict)
    behind: str = ""

    def add(self, load: Load) -> None:
        for account, (orders, total) in load.finish().items():
            known, sum_known = self.sent.get(account, (0, Decimal(0)))
            self.sent[account] = known + orders, sum_known + total

    def tend(self) -> None:
        self.worker.tend()
        self.sink.tend()

    def pass_time(self, seconds: float) -> None:
        """Let time go by, tending the parts."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.tend()
            time.sleep(0.2)

    def until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            self.tend()
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}\n{self.last_words()}"
            time.sleep(0.3)

    def lags(self) -> Lags:
        with LagMeter(self.broker.bootstrap) as meter:
            return meter.read()

    def catch_up(self, seconds: float = CATCH_UP_SECONDS) -> float:
        """Wait until nothing is behind; the seconds it took."""
        started = time.monotonic()
        self.until(self._nothing_is_behind, seconds, "caught up")
        return time.monotonic() - started

    def _nothing_is_behind(self) -> bool:
        try:
            wait_until_done(self.broker.bootstrap, deadline=2)
        except UnavailableError as behind:
            self.behind = str(behind)
            return False
        return True

    def stored(self) -> Totals:
        """What ClickHouse holds, each stored row counted: nothing merged away."""
        rows = self.query("SELECT account_id, count(), sum(amount) FROM orders GROUP BY account_id")
        return {account: (orders, total) for account, orders, total in rows}

    def assert_nothing_is_stored_twice(self) -> None:
        """In any table, results among them."""
        with owner_of(self.clickhouse) as client:
            assert rows_twice(stored_in(client)) == {}

    def query(self, text: str) -> Any:
        with owner_of(self.clickhouse) as client:
            return client.query(text).result_rows

    def last_words(self) -> str:
        words = (f"{part.role}: {part.words()[-1500:]}" for part in (self.worker, self.sink))
        return "\n".join((self.behind, *words))


@contextlib.contextmanager
def owner_of(clickhouse: ClickHouseServer) -> Iterator[Client]:
    """A client with all rights."""
    address = clickhouse.address
    client = connect(Access(address.url, address.owner.user, address.owner.password))
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def running_system(directory: Path, clickhouse: ClickHouseServer | None = None) -> Iterator[OutageSystem]:
    """A provisioned system with its roster published, both parts started."""
    kafka, clickhouse = LocalKafka(directory), clickhouse or ClickHouseServer(directory)
    with contextlib.ExitStack() as stack:
        broker = kafka.start()
        stack.callback(kafka.stop)
        address = clickhouse.start()
        stack.callback(clickhouse.stop)
        environment = {
            "TERRADRIFT_KAFKA": broker.bootstrap,
            "TERRADRIFT_CLICKHOUSE_URL": address.url,
            "TERRADRIFT_CLICKHOUSE_USER": address.owner.user,
            "TERRADRIFT_CLICKHOUSE_PASSWORD": address.owner.password,
        }
        provisioned = command("provision", environment, seconds=PROVISION_SECONDS)
        assert provisioned.returncode == 0, provisioned.stderr
        with owner_of(clickhouse) as client:
            keep_every_row(client)
        parts = [Part(role, environment, directory / f"{role}.log") for role in ("worker", "sink")]
        for part in parts:
            part.start()
            stack.callback(part.stop)
        system = OutageSystem(directory, kafka, clickhouse, broker, *parts)
        for records in (accounts(), people()):  # an assignment of an account nobody has heard of would be refused
            publish(broker.bootstrap, records)
            system.catch_up()
        yield system


def command(
    name: str, environment: Mapping[str, str], *arguments: str, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """A terradrift command to its end. One that does not end shows where it stands."""
    process = subprocess.Popen(
        (*COMMAND, name, *arguments), cwd=ROOT, env={**os.environ, **environment, "PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # faulthandler prints the stack of every thread
        out, err = process.communicate()
        pytest.fail(f"{name} has not ended within {seconds:g} s\n{out}\n{err}")
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def publish(bootstrap: str, records: Iterable[FeedRecord]) -> None:
    """Publish and wait for the acknowledgements."""
    producer = producer_of(bootstrap)
    for record in records:
        producer.produce(record.topic, record.value, record.key)
    assert producer.flush(60) == 0


def accounts() -> Iterator[FeedRecord]:
    """Accounts of two regions."""
    for number in range(ACCOUNT_COUNT):
        yield record_of(ACCOUNTS, an_account(f"a{number}", region_id=REGIONS[number % 2]))


def people() -> Iterator[FeedRecord]:
    """Two reps a region, and which accounts are theirs."""
    for number in range(4):
        yield record_of(REPS, a_rep(f"r{number}", region_id=REGIONS[number % 2]))
    for number in range(ACCOUNT_COUNT):
        yield record_of(ASSIGNMENTS, an_assignment(f"a{number}", f"r{number % 4}"))
