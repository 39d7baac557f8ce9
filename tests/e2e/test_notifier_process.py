"""`terradrift up` tells people by itself, and says so when nobody is to be told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from system import System

from infra.clickhouse.client import connect
from streams.system.runtime import find

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ALERT = """
    INSERT INTO alerts (alert_id, region_id, severity, state, title, eur_at_risk, detected_on, as_of)
    VALUES ('a1', 'north', 'critical', 'firing', 'r1 sells less', 5000, now(), today())
"""


@pytest.fixture
def hook() -> Iterator[tuple[list[str], str]]:
    received: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    yield received, f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


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
        deadline = time.monotonic() + 60
        while not received and time.monotonic() < deadline:
            time.sleep(0.2)
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
