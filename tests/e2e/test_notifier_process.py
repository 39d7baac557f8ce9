"""`terradrift up` tells people by itself, and says so when nobody is to be told."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from system import COMMAND, System

from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.embedded.clickhouse import ClickHouseServer
from streams.system.runtime import find
from tests.support.webhook import receiving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ALERT = """
    INSERT INTO alerts (alert_id, region_id, severity, state, title, eur_at_risk, detected_on, as_of)
    VALUES ('a1', 'north', 'critical', 'firing', 'r1 sells less', 5000, now(), today())
"""


@pytest.fixture
def hook() -> Iterator[tuple[list[str], str]]:
    received: list[str] = []

    def take(_: Mapping[str, str], body: bytes) -> int:
        received.append(json.loads(body)["text"])
        return 200

    with receiving(take) as url:
        yield received, url


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_alert_reaches_the_recipients_of_the_settings_file(
    tmp_path: Path, hook: tuple[list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    received, url = hook
    monkeypatch.setenv("SALES_HOOK", url)
    settings = tmp_path / "terradrift.toml"
    settings.write_text('[[notify.recipients]]\nname = "sales"\nwebhook_variable = "SALES_HOOK"\n')
    system = System(tmp_path / "system", "--config", str(settings), "--no-console")
    system.start()
    try:
        connect(find(system.directory).owner_access()).command(ALERT)
        until(lambda: bool(received))
    finally:
        system.stop()
    assert "Notifier     tells sales\n" in system.log.read_text()
    assert received[0].startswith("*Terradrift: Critical: 1 alert*\n- [north] r1 sells less; 5,000 a year at stake")


def test_a_system_whose_settings_name_nobody_says_so(tmp_path: Path) -> None:
    system = System(tmp_path / "system", "--no-console")
    system.start()
    system.stop()
    assert "Notifier     nobody is told of alerts and suggestions" in system.log.read_text()
    assert not (system.directory / "logs" / "notifier.log").exists()


def test_a_service_that_starts_before_clickhouse_waits_for_it_and_is_not_well_until_then(tmp_path: Path) -> None:
    server = ClickHouseServer(tmp_path)
    address = server.start()
    owner = Access(address.url, address.owner.user, address.owner.password)
    migrate(owner)
    server.stop()
    heartbeat, log = tmp_path / "heartbeat", tmp_path / "notify.log"
    environment = {
        "TERRADRIFT_KAFKA": "127.0.0.1:9",  # asked for nothing
        "TERRADRIFT_CLICKHOUSE_URL": owner.url,
        "TERRADRIFT_CLICKHOUSE_USER": owner.user,
        "TERRADRIFT_CLICKHOUSE_PASSWORD": owner.password,
    }
    command = (
        *COMMAND,
        "notify",
        "--stand-by",
        "--every",
        "1",
        "--heartbeat",
        str(heartbeat),
        "--dir",
        str(tmp_path / "none"),
    )
    with log.open("wb") as output:
        service = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: "waiting: " in log.read_text())
        time.sleep(2.5)  # more than one look
        assert (service.poll(), heartbeat.exists(), log.read_text().count("waiting: ")) == (None, False, 1)
        assert server.start().url == owner.url
        until(heartbeat.exists)
    finally:
        service.terminate()
        server.stop()
    assert service.wait(30) == 0
