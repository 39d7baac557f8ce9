"""Changes of reps reach the CRM by themselves: begun by `terradrift up`, through kill -9, and from before ClickHouse is there."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from clickhouse_connect.driver.client import Client
from system import COMMAND, System

from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.crm.webhook import signature
from infra.embedded.clickhouse import ClickHouseServer
from streams.system.runtime import find
from tests.support.webhook import receiving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SECRET = "a secret of these tests"
CHANGE = """
    INSERT INTO assignment_changes (change_id, account_id, from_rep, to_rep, region_id, valid_from, kind, as_of)
    VALUES ({name:String}, {account:String}, 'r1', 'r2', 'north', today(), 'move', now64(3))
"""


class Crm:
    """A CRM that applies a key once; while `holds` is set it keeps a request waiting for its answer."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.asked: list[str] = []
        self.holds = Event()
        self.goes_on = Event()
        self.status = 200
        self.url = ""

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        assert headers["Terradrift-Signature"] == signature(SECRET, headers["Terradrift-Timestamp"], body)
        key = headers["Idempotency-Key"]
        self.asked.append(key)
        if self.status == 200 and key not in self.applied:
            self.applied.append(key)
        if self.holds.is_set():
            self.goes_on.wait(60)
        return self.status


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    running = Crm()
    with receiving(running.take) as running.url:
        monkeypatch.setenv("TERRADRIFT_CRM_URL", running.url)
        monkeypatch.setenv("TERRADRIFT_CRM_SECRET", SECRET)
        yield running
        running.goes_on.set()


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def a_change(client: Client, name: str, account: str) -> None:
    client.command(CHANGE, parameters={"name": name, "account": account})


@contextmanager
def pushing(owner: Access, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`terradrift crm push --stand-by` for this ClickHouse; its words are in `push.log`, its heartbeat in `heartbeat`."""
    environment = {
        "TERRADRIFT_KAFKA": "127.0.0.1:9",  # asked for nothing
        "TERRADRIFT_CLICKHOUSE_URL": owner.url,
        "TERRADRIFT_CLICKHOUSE_USER": owner.user,
        "TERRADRIFT_CLICKHOUSE_PASSWORD": owner.password,
    }
    command = (*COMMAND, "crm", "push", "--stand-by", "--every", "1", "--heartbeat", str(place / "heartbeat"), "--dir", str(place / "none"))  # fmt: skip
    with (place / "push.log").open("ab") as log:
        service = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield service
    finally:
        if service.poll() is None:
            service.terminate()
            assert service.wait(30) == 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[ClickHouseServer, Access]]:
    running = ClickHouseServer(tmp_path)
    address = running.start()
    owner = Access(address.url, address.owner.user, address.owner.password)
    migrate(owner)
    yield running, owner
    running.stop()


def test_up_pushes_by_itself_where_a_crm_is_named_and_says_where_to(tmp_path: Path, crm: Crm) -> None:
    system = System(tmp_path / "system", "--no-console")
    system.start()
    try:
        client = connect(find(system.directory).owner_access())
        a_change(client, "ch1", "a1")
        until(lambda: crm.applied == ["ch1"])
        until(lambda: bool(client.query("SELECT 1 FROM crm_deliveries FINAL WHERE state = 'delivered'").result_rows))
    finally:
        system.stop()
    assert "CRM          changes of reps are pushed to 127.0.0.1\n" in system.log.read_text()
    assert crm.asked == ["ch1"]


def test_up_says_what_is_missing_to_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRADRIFT_CRM_URL", "https://crm.example.org/hook")
    monkeypatch.delenv("TERRADRIFT_CRM_SECRET", raising=False)
    system = System(tmp_path / "system", "--no-console")
    system.start()
    system.stop()
    assert "CRM          TERRADRIFT_CRM_SECRET is not set" in system.log.read_text()
    assert not (system.directory / "logs" / "crm.log").exists()


def test_a_pusher_that_is_killed_while_the_crm_answers_sends_that_change_again_and_in_order(
    tmp_path: Path, crm: Crm, server: tuple[ClickHouseServer, Access]
) -> None:
    _, owner = server
    client = connect(owner)
    for name in ("ch1", "ch2", "ch3"):
        a_change(client, name, "a1")
        time.sleep(0.01)  # one after the other
    crm.holds.set()
    with pushing(owner, tmp_path) as first:
        until(lambda: crm.asked == ["ch1"])
        first.send_signal(signal.SIGKILL)
        first.wait(30)
    crm.holds.clear()
    with pushing(owner, tmp_path):
        until(lambda: len(crm.applied) == 3)
        time.sleep(2.5)  # more than one look
    assert crm.applied == ["ch1", "ch2", "ch3"]
    assert crm.asked == ["ch1", "ch1", "ch2", "ch3"]
    assert "3 delivered, 0 refused, 0 failed\n" in (tmp_path / "push.log").read_text()


def test_a_pusher_waits_for_clickhouse_and_for_the_crm_and_ends_when_asked(
    tmp_path: Path, crm: Crm, server: tuple[ClickHouseServer, Access]
) -> None:
    running, owner = server
    a_change(connect(owner), "ch1", "a1")
    running.stop()
    crm.status = 503
    log, heartbeat = tmp_path / "push.log", tmp_path / "heartbeat"
    with pushing(owner, tmp_path) as service:
        until(lambda: "waiting: " in log.read_text())
        time.sleep(3)  # more than one look
        assert (service.poll(), heartbeat.exists(), log.read_text().count("waiting: ")) == (None, False, 1)
        assert running.start().url == owner.url
        until(lambda: "a1 (ch1): failed: 503" in log.read_text())
        assert heartbeat.exists()
        assert service.poll() is None
        crm.status = 200
        until(lambda: crm.applied == ["ch1"])
    client = connect(owner)
    until(lambda: client.query("SELECT state FROM crm_deliveries FINAL").result_rows == [("delivered",)])
    assert client.query("SELECT again_by <= looked_at FROM crm_pushers FINAL").result_rows == [(1,)]


def test_a_service_without_a_crm_says_so_and_waits(
    tmp_path: Path, server: tuple[ClickHouseServer, Access], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERRADRIFT_CRM_URL", "TERRADRIFT_CRM_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with pushing(server[1], tmp_path) as service:
        until((tmp_path / "heartbeat").exists)
        assert service.poll() is None
    assert (tmp_path / "push.log").read_text().startswith("no CRM is told: set TERRADRIFT_CRM_URL")
