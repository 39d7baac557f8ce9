"""Refused orders on a running system: listed, looked at, mended, sent again, counted once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from kafka import KafkaProducer
from system import ROOT, System

from infra.feeds.connection import client_options
from schemas.errors import RefusedError
from schemas.mending import Mend
from streams.cli.main import commands
from streams.system.letter_desk import SystemDesk
from streams.system.reach import reach
from streams.system.runtime import find

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
DAY = "2025-11-03T10:00:00"


def an_order(number: int, **fields: Any) -> bytes:
    order = {"event_id": f"bad{number}", "occurred_at": f"{DAY}Z", "order_id": f"x{number}", "account_id": "C02",
             "amount": "12.50", "currency": "EUR"}  # fmt: skip
    return json.dumps(order | fields).encode()


BAD = {
    "invalid_value": an_order(1, amount="much"),
    "no_time_zone": an_order(2, occurred_at=DAY),
    "unknown_field": an_order(3, colour="red"),
    "broken_json": an_order(4)[:-1],
    "unknown_account": an_order(5, account_id="nobody"),
    "missing_field": an_order(7, amount="7.50").replace(b', "currency": "EUR"', b""),
    "too_large": an_order(6, order_id="e" * 1_200_000),
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with one account and one letter of each kind in it."""
    running = System(tmp_path_factory.mktemp("letters") / "system")
    running.start()
    try:
        introduce(running, "C02")
        publish(running, *BAD.values())
        deadline = time.monotonic() + 60
        while listed(running)["total"] < len(BAD):
            assert time.monotonic() < deadline
            time.sleep(0.3)
        yield running
    finally:
        running.stop()


def command(system: System, *arguments: str) -> Result:
    """`terradrift dead-letters ...`, in this process: starting one takes longer than what it does."""
    return CliRunner().invoke(
        commands, ["dead-letters", *arguments, "--dir", str(system.directory)], standalone_mode=False
    )


def publish(system: System, *values: bytes, key: bytes = b"C02", topic: str = "orders") -> None:
    producer = KafkaProducer(**client_options(find(system.directory).kafka), max_request_size=8_000_000)
    for value in values:
        producer.send(topic, key=key, value=value)
    producer.flush(30)
    producer.close()


def introduce(system: System, account_id: str) -> None:
    """Tell of an account, and wait until it is known."""
    account = {"event_id": f"account-{account_id}", "occurred_at": "2025-01-01T00:00:00Z", "account_id": account_id}
    publish(system, json.dumps(account).encode(), key=account_id.encode(), topic="accounts")
    deadline = time.monotonic() + 60
    while not system.query(f"SELECT 1 FROM accounts WHERE account_id = '{account_id}'"):
        assert time.monotonic() < deadline
        time.sleep(0.3)


def listed(system: System, *options: str) -> dict[str, Any]:
    answer = command(system, "list", "--json", *options)
    assert answer.exception is None, answer.exception
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def letter(system: System, reason: str) -> str:
    (found,) = listed(system, "--reason", reason, "--open")["letters"]
    return str(found["dead_letter_id"])


def shown(system: System, letter_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(system, "show", letter_id, "--json").stdout)
    return found


def replay(system: System, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    answer = command(system, "replay", "--json", *arguments)
    assert (answer.exception, answer.return_value) == (None, status), answer.stdout
    fates: list[dict[str, Any]] = json.loads(answer.stdout)["letters"]
    return fates


def orders(system: System, event_id: str) -> list[tuple[str, str, str]]:
    return list(
        system.query(f"SELECT account_id, toString(amount), currency FROM orders WHERE event_id = '{event_id}'")
    )


def test_the_list_counts_by_reason_and_shows_the_newest(system: System) -> None:
    found = listed(system, "--topic", "orders")
    assert {(group["reason"], group["letters"], group["still_open"]) for group in found["groups"]} == {
        (reason, 1, 1) for reason in BAD
    }
    assert len(listed(system, "--limit", "2")["letters"]) == 2
    assert listed(system, "--until", "2020-01-01")["total"] == 0
    text = command(system, "list").stdout
    assert f"{len(BAD)} dead letters, {len(BAD)} open" in text
    assert letter(system, "no_time_zone")[:12] in text


def test_a_letter_is_shown_with_its_place_its_message_and_a_hint(system: System) -> None:
    letter_id = letter(system, "unknown_field")
    found = shown(system, letter_id[:10])
    assert found["payload"].encode() == BAD["unknown_field"]
    assert (found["topic"], found["field"], found["can_be_replayed"]) == ("orders", "colour", True)
    assert "--drop colour" in found["hint"]
    assert command(system, "show", letter_id, "--payload").stdout.encode() == BAD["unknown_field"]
    text = command(system, "show", letter_id).stdout
    assert f"topic orders, partition {found['partition']}, offset {found['offset']}" in text
    assert "state     open" in text


def test_an_unknown_id_is_said_to_be_unknown(system: System) -> None:
    answer = system.run("dead-letters", "show", "zzz")
    assert answer.returncode == 1
    assert "there is no dead letter 'zzz'" in answer.stderr


def test_a_dry_run_says_which_would_pass_and_sends_nothing(system: System) -> None:
    fates = replay(system, "--topic", "orders", "--edit", "amount=12.50", "--dry-run", status=3)
    reasons = {entry["dead_letter_id"]: entry["reason"] for entry in listed(system)["letters"]}
    assert {reasons[fate["dead_letter_id"]] for fate in fates if fate["outcome"] == "would pass"} == {"invalid_value"}
    assert {fate["outcome"] for fate in fates} == {"would pass", "not sent"}
    assert listed(system)["open"] == len(BAD)
    assert orders(system, "bad1") == []


def test_a_mended_order_is_in_clickhouse_once_and_its_letter_says_replayed(system: System) -> None:
    letter_id = letter(system, "invalid_value")
    (fate,) = replay(system, letter_id, "--edit", "amount=12.50")
    assert fate["outcome"] == "accepted"
    assert orders(system, "bad1") == [("C02", "12.5", "EUR")]
    assert [entry["dead_letter_id"] for entry in listed(system, "--replayed")["letters"]] == [letter_id]
    (attempt,) = shown(system, letter_id)["attempts"]
    assert (attempt["outcome"], attempt["mended"], attempt["offset"]) == ("accepted", True, fate["offset"])


def test_a_letter_is_not_sent_twice_unasked_and_counts_once_when_it_is(system: System) -> None:
    letter_id = letter(system, "no_time_zone")
    zone = ("--edit", f"occurred_at={DAY}+01:00")
    assert replay(system, letter_id, *zone)[0]["outcome"] == "accepted"
    (second,) = replay(system, letter_id, *zone, status=3)
    assert second["outcome"] == "not sent"
    assert "--again" in second["detail"]
    (third,) = replay(system, letter_id, *zone, "--again")
    assert third["outcome"] == "repetition"
    assert len(orders(system, "bad2")) == 1


def test_broken_json_is_mended_in_a_file(system: System, tmp_path: Path) -> None:
    letter_id = letter(system, "broken_json")
    (refused,) = replay(system, letter_id, "--edit", "amount=1", status=3)
    assert "--file" in refused["detail"]
    fixed = tmp_path / "fixed.json"
    fixed.write_text(command(system, "show", letter_id, "--payload").stdout + "}")
    assert replay(system, letter_id, "--file", str(fixed))[0]["outcome"] == "accepted"
    assert orders(system, "bad4") == [("C02", "12.5", "EUR")]


def test_an_order_is_sent_as_it_was_once_its_account_is_known(system: System) -> None:
    (early,) = replay(system, "--reason", "unknown_account", status=3)
    assert "would be refused again" in early["detail"]
    introduce(system, "nobody")
    (fate,) = replay(system, "--reason", "unknown_account")
    assert fate["outcome"] == "accepted"
    assert orders(system, "bad5") == [("nobody", "12.5", "EUR")]


def test_what_only_the_worker_can_know_is_refused_again_and_said_so(system: System) -> None:
    letter_id = letter(system, "unknown_field")
    (fate,) = replay(system, letter_id, "--drop", "colour", "--edit", "event_id=bad1", status=3)
    assert fate["outcome"] == "refused"
    assert fate["detail"].startswith("duplicate_id")
    assert shown(system, letter_id)["attempts"][0]["outcome"] == "refused"
    assert len(listed(system, "--reason", "duplicate_id", "--open")["letters"]) == 1


def test_a_message_that_was_cut_is_not_sent_from_its_letter(system: System, tmp_path: Path) -> None:
    letter_id = letter(system, "too_large")
    assert "only its first 500,000" in shown(system, letter_id)["obstacle"]
    (fate,) = replay(system, letter_id, status=3)
    assert "--file" in fate["detail"]
    whole = tmp_path / "whole.json"
    whole.write_bytes(an_order(6))
    assert replay(system, letter_id, "--file", str(whole))[0]["outcome"] == "accepted"


def test_a_console_that_may_only_read_sends_nothing_and_says_so(system: System) -> None:
    letter_id = letter(system, "missing_field")
    place = replace(reach(system.directory), access=find(system.directory).reader_access())
    desk, mend = SystemDesk(place), Mend(values=(("currency", "EUR"),))
    assert desk.check(letter_id, mend).outcome == "would pass"
    with pytest.raises(RefusedError, match="may only read"):
        desk.send(letter_id, mend, "omar")
    assert desk.attempts(letter_id) == []
    assert orders(system, "bad7") == []


def test_two_people_who_press_at_once_on_the_page_send_once(system: System) -> None:
    letter_id = letter(system, "missing_field")
    desk, mend = SystemDesk(reach(system.directory)), Mend(values=(("currency", "EUR"),))
    assert desk.check(letter_id, Mend()).outcome == "not sent"
    assert desk.check(letter_id, mend).outcome == "would pass"
    with ThreadPoolExecutor(2) as people:
        fates = list(people.map(lambda name: desk.send(letter_id, mend, name), ("omar", "adam")))
    assert sorted(fate.outcome for fate in fates) in (["accepted", "not sent"], ["not sent", "sent"])
    (attempt,) = desk.attempts(letter_id)
    assert (attempt.mended, attempt.replayed_by in ("omar", "adam")) == (True, True)
    deadline = time.monotonic() + 30
    while not orders(system, "bad7"):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert orders(system, "bad7") == [("C02", "7.5", "EUR")]


def test_it_must_be_clear_which_letters_are_meant(system: System) -> None:
    for arguments in ((), ("abc", "--reason", "empty"), ("--reason", "empty", "--file", str(ROOT / "README.md"))):
        assert isinstance(command(system, "replay", *arguments).exception, click.UsageError), arguments
