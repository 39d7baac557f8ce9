"""The life of a system: started, asked, filled, fed rubbish, stopped, killed, started again."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer
from system import ROOT, System

from infra.feeds.connection import client_options
from tests.support.spoken_secrets import said_aloud

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
COMPANY = str(ROOT / "examples" / "company")
ORDERS = 262
BAD = {
    "broken_json": b'{"event_id": "e1", ',
    "invalid_value": b'{"event_id":"e2","occurred_at":"2025-11-03T10:00:00Z","order_id":"x2","account_id":"A1","amount":"much","currency":"EUR"}',
    "unknown_account": b'{"event_id":"e3","occurred_at":"2025-11-03T10:00:00Z","order_id":"x3","account_id":"nobody","amount":"1","currency":"EUR"}',
    "implausible_time": b'{"event_id":"e4","occurred_at":"9999-01-01T10:00:00Z","order_id":"x4","account_id":"A1","amount":"1","currency":"EUR"}',
    "no_time_zone": b'{"event_id":"e5","occurred_at":"2025-11-03T10:00:00","order_id":"x5","account_id":"A1","amount":"1","currency":"EUR"}',
    "missing_field": b'{"event_id":"e6","occurred_at":"2025-11-03T10:00:00Z"}',
    "too_large": b'{"event_id":"' + b"e" * 1_500_000 + b'"}',
    "empty": b"",
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with the example company in it."""
    running = System(tmp_path_factory.mktemp("life") / "system")
    running.start()
    replayed = running.run("replay", COMPANY, "--wait")
    assert replayed.returncode == 0, replayed.stderr
    yield running
    running.stop()


def test_status_says_what_there_is(system: System) -> None:
    status = system.status()
    assert status["healthy"], status["problems"]
    assert status["counts"]["orders"] == ORDERS
    assert {"kafka", "clickhouse_url", "clickhouse_user", "clickhouse_password", "console_url", "lag", "alerts_open",
            "suggestions_waiting"} <= status.keys()  # fmt: skip


def test_a_second_up_says_who_holds_the_directory(system: System) -> None:
    second = system.run("up", seconds=60)
    assert second.returncode == 1
    assert "is held by process" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_second_replay_changes_nothing(system: System) -> None:
    before = system.status()["counts"]
    assert system.run("replay", COMPANY, "--wait").returncode == 0
    assert system.status()["counts"] == before


def test_each_bad_message_becomes_a_dead_letter_and_the_rest_goes_on(system: System) -> None:
    producer = KafkaProducer(**client_options(system.status()["kafka"]), max_request_size=8_000_000)
    for value in BAD.values():
        producer.send("orders", key=b"A1", value=value)
    producer.flush(30)
    producer.close()
    reasons = _until(system, "SELECT reason FROM dead_letters FINAL", len(BAD))
    assert {reason for (reason,) in reasons} == set(BAD)
    letter = system.query(
        "SELECT topic, detail, payload_bytes, payload_base64 FROM dead_letters WHERE reason = 'no_time_zone'"
    )[0]
    assert letter[0] == "orders"
    assert "zone" in letter[1]
    assert letter[2] == len(BAD["no_time_zone"])
    assert system.status()["healthy"]
    assert system.status()["counts"]["orders"] == ORDERS


def test_bad_lines_are_refused_with_file_and_line_and_the_rest_goes_on(system: System, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(
        b"order_id,account_id,occurred_at,amount,currency,status,colour\n"
        b"n1,A001,2025-12-20T10:00:00Z,10.00,EUR,placed,red\n"
        b"n2,A001,2025-12-20T10:00:00Z,ten,EUR,placed,red\n"
        b"n3,A001,9999-12-20T10:00:00Z,10.00,EUR,placed,red\n"
        b"n4,A001,2025-12-20T10:00:00Z,-5.00,EUR,placed,red\n"
        b"n5,Caf\xe9,2025-12-20T10:00:00Z,5.00,EUR,placed,red\n"
    )
    answer = system.run("replay", str(tmp_path), "--wait", "--strict", "--json")
    assert answer.returncode == 3, answer.stderr
    report = json.loads(answer.stdout)
    assert (report["read"], report["accepted"], report["refused"]) == (5, 1, 4)
    assert any("colour" in notice for notice in report["notices"])
    assert any(text.startswith("orders.csv:3 amount") for text in report["first_refusals"])
    assert "Traceback" not in answer.stderr


def test_after_kill_9_the_next_up_simply_works(system: System) -> None:
    before = system.status()["counts"]
    system.stop(signal.SIGKILL)
    time.sleep(1)
    system.start()
    after = system.status()
    assert after["healthy"], after["problems"]
    assert after["counts"] == before
    assert system.run("replay", COMPANY, "--wait").returncode == 0
    assert system.status()["counts"] == before


def test_ctrl_c_stops_everything_cleanly(system: System) -> None:
    assert system.stop(signal.SIGINT) == 0
    assert "Stopped." in system.log.read_text()
    gone = system.run("status", seconds=60)
    assert gone.returncode == 1
    assert "nothing runs in" in gone.stderr
    system.start()
    assert system.status()["healthy"]


def test_an_account_is_erased_with_proof_and_nothing_is_begun_that_cannot_be_done(system: System) -> None:
    account, name = system.query("SELECT id, name FROM names WHERE kind = 'account' ORDER BY id LIMIT 1")[0]
    refused = system.run("erase", "account", account, "--yes", "--drop-facts")
    assert refused.returncode != 0
    assert "forgets all of them at its next start" in refused.stderr
    assert system.query(f"SELECT name FROM names WHERE id = '{account}'") == [(name,)]
    done = system.run("erase", "account", account, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert not any(proof["remains_in_clickhouse"].values())
    assert proof["facts_dropped"] == 0
    assert system.query(f"SELECT name FROM names WHERE id = '{account}'") == []


def _until(system: System, text: str, rows: int, seconds: float = 60) -> list[tuple[str]]:
    """The answer of a query once it has so many rows."""
    deadline = time.monotonic() + seconds
    while len(found := system.query(text)) < rows:
        assert time.monotonic() < deadline, found
        time.sleep(0.3)
    return list(found)


def test_no_log_of_a_whole_life_holds_a_password(system: System) -> None:
    """Those of `up` itself, of the workers, of the console and of ClickHouse, which writes every statement down."""
    address = json.loads((system.directory / "clickhouse" / "address.json").read_text())
    passwords = list(every_password(address))
    assert system.status()["clickhouse_password"] in passwords
    assert not said_aloud(passwords, system.directory.parent)


def every_password(content: object) -> Iterator[str]:
    """The values of all fields named so, at any depth."""
    if isinstance(content, dict):
        for name, value in content.items():
            if "password" in name:
                yield str(value)
            else:
                yield from every_password(value)
