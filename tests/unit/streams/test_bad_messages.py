"""One message, one outcome: what cannot be applied becomes a dead letter with reason, field, place and bytes."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from schemas.rows import DeadLetterRow
from schemas.settings import Settings
from schemas.topics import (
    ACCOUNTS,
    ASSIGNMENTS,
    DECISIONS,
    MARKET_EVENTS,
    OPPORTUNITIES,
    ORDERS,
    REGION_EVENTS,
    REPS,
    SURVEYS,
    TARGETS,
    TICK_KEY,
    VISIT_REPORTS,
    Topic,
)
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.dead_letters import KEPT_BYTES
from streams.handlers.intake import IntakeStage
from streams.handlers.region.stage import RegionStage
from streams.ports import Record
from tests.support.bench import NOW_MS, Bench
from tests.support.events import a_tick, an_account, an_order

GOOD = json.loads(an_order().model_dump_json())
BROKER_LIMIT_BYTES = 1_000_000


def but(**fields: Any) -> bytes:
    """A good order but for these fields; None takes a field out."""
    return json.dumps({key: value for key, value in (GOOD | fields).items() if value is not None}).encode()


BAD: dict[str, tuple[bytes | None, str, str]] = {
    "no value": (None, "empty", ""),
    "an empty value": (b"", "empty", ""),
    "broken JSON": (b'{"event_id": "o1",', "broken_json", ""),
    "not UTF-8": (b"\xff\xfe{}", "broken_json", ""),
    "NUL bytes": (b"\x00" * 64, "broken_json", ""),
    "a list": (b"[]", "invalid_value", ""),
    "a very deep list": (b"[" * 50_000, "broken_json", ""),
    "a NUL in an id": (but(event_id="o\x00"), "invalid_value", "event_id"),
    "an amount in words": (but(amount="much"), "invalid_value", "amount"),
    "an amount that is no number": (but(amount="NaN"), "invalid_value", "amount"),
    "a tenth of a cent": (but(amount="1.001"), "invalid_value", "amount"),
    "a negative amount of what is no return": (but(amount="-1.00"), "invalid_value", ""),
    "a currency in small letters": (but(currency="eur"), "invalid_value", "currency"),
    "a missing field": (but(amount=None), "missing_field", "amount"),
    "an unknown field": (but(colour="red"), "unknown_field", "colour"),
    "the year 9999": (but(occurred_at="9999-12-31T23:59:59Z"), "implausible_time", "occurred_at"),
    "the year 9999 behind UTC": (but(occurred_at="9999-12-31T23:59:59-12:00"), "implausible_time", "occurred_at"),
    "the year 1": (but(occurred_at="0001-01-01T00:00:00+12:00"), "implausible_time", "occurred_at"),
    "a time without a zone": (but(occurred_at="2026-03-02T09:30:00"), "no_time_zone", "occurred_at"),
    "a time to come": (but(occurred_at="2040-01-01T00:00:00Z"), "in_the_future", "occurred_at"),
    "a version to come": (but(schema_version=2), "invalid_value", "schema_version"),
    "five megabytes": (but(event_id="x" * 5_000_000), "too_large", ""),
}


def known(settings: Settings | None = None) -> Bench:
    bench = Bench(ActivityStage(settings or Settings(), "the-log"))
    bench.feed(ACCOUNTS, an_account())
    return bench


@pytest.mark.parametrize("case", BAD)
def test_a_bad_order_is_buried_whole_and_the_rest_goes_on(case: str) -> None:
    value, reason, field = BAD[case]
    bench = known()
    bench.feed(ORDERS, an_order("before"), value, an_order("after"))
    (letter,) = bench.letters()
    assert (letter["reason"], letter["field"]) == (reason, field)
    assert (letter["log_id"], letter["topic"], letter["partition"], letter["offset"]) == ("the-log", "orders", 0, 1)
    assert b64decode(letter["payload_base64"]) == (value or b"")[:KEPT_BYTES]
    assert letter["payload_bytes"] == len(value or b"")
    assert letter["detail"]
    assert [row["event_id"] for row in bench.facts("orders")] == ["before", "after"]


def test_every_message_has_one_outcome() -> None:
    bench = known()
    values = [an_order("o1"), *(value for value, _, _ in BAD.values()), an_order("o1"), an_order("o2")]
    bench.feed(ORDERS, *values)
    assert bench.counts["messages", "orders"] == len(values)
    assert len(bench.facts("orders")) + bench.count("duplicates") + len(bench.letters()) == len(values)
    assert bench.count("dead_letters") == len(bench.letters()) == len(BAD)


def test_a_replay_writes_the_same_letter() -> None:
    bench = known()
    bench.feed(ORDERS, b"{")
    bench.crash()
    bench.again(ORDERS)
    first, second = bench.letters()
    assert first == second


def test_a_letter_always_fits_the_broker() -> None:
    bench = known()
    bench.feed(ORDERS, but(**{"n" * 900_000: 1}), but(event_id="x" * 900_000))
    assert len(bench.letters()) == 2
    assert all(len(emit.value) < BROKER_LIMIT_BYTES for emit in bench.emits)


def test_the_key_is_kept_whatever_its_bytes() -> None:
    bench = known()
    output = bench.handler.handle([Record("orders", 0, 0, NOW_MS, b"\xff\x00k", b"{")])
    assert DeadLetterRow.model_validate_json(output.emits[0].value).key == "\\xff\x00k"


@pytest.mark.parametrize("timestamp_ms", [-1, -(10**18), 10**18])
def test_an_absurd_time_of_the_producer_is_no_crash(timestamp_ms: int) -> None:
    bench = known()
    bench.handler.handle([Record("orders", 0, 0, timestamp_ms, b"k", b"{")])
    bench.handler.handle([Record("orders", 0, 1, timestamp_ms, b"k", an_order().model_dump_json().encode())])


@pytest.mark.parametrize("topic", [ACCOUNTS, ASSIGNMENTS])
def test_a_tick_where_none_belongs_is_buried_and_moves_no_clock(topic: Topic) -> None:
    bench = known()
    bench.feed(ORDERS, an_order())
    bench.feed(topic, a_tick("2026-03-20"))
    assert [letter["topic"] for letter in bench.letters()] == [topic.name]
    assert bench.count("facts") == 2
    assert not any(emit.key == b"~all" for emit in bench.emits)


@pytest.mark.parametrize("topic", [VISIT_REPORTS, ACCOUNTS, ASSIGNMENTS])
@pytest.mark.parametrize("value", [b"{", b"{}", b"\x00", b"null", b'"~tick"'])
def test_other_topics_of_the_activity_stage_bury_too(topic: Topic, value: bytes) -> None:
    bench = known()
    bench.feed(topic, value)
    assert [letter["topic"] for letter in bench.letters()] == [topic.name]


@pytest.mark.parametrize("topic", [REPS, MARKET_EVENTS, OPPORTUNITIES, TARGETS, SURVEYS, DECISIONS])
@pytest.mark.parametrize("value", [None, b"{", b"{}", b"\x00", b"null"])
def test_the_intake_stage_buries_too(topic: Topic, value: bytes | None) -> None:
    bench = Bench(IntakeStage(Settings(), "log"))
    bench.feed(topic, value)
    assert [letter["topic"] for letter in bench.letters()] == [topic.name]
    assert bench.count("dead_letters") == 1


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b'{"t":"nothing"}', b'{"t":"day"}', b"\xff", b'{"t":"closed","partition":0,"day":"x"}']
)
def test_a_log_of_a_region_that_holds_strange_bytes_stops_nobody(value: bytes | None) -> None:
    bench = Bench(RegionStage(Settings(), "log"))
    bench.feed(REGION_EVENTS, value)
    assert [letter["reason"] for letter in bench.letters()] == ["broken_message"]


def test_a_tick_key_is_reserved() -> None:
    bench = known()
    output = bench.handler.handle([Record("orders", 0, 0, NOW_MS, TICK_KEY, an_order().model_dump_json().encode())])
    assert output.counts["dead_letters", "orders|unknown_field"] == 1
