"""A dead letter is mended in fields or whole, and judged as the stages would judge it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RefusedError, TerradriftError
from schemas.mending import Mend
from schemas.rows import DeadLetterRow
from schemas.settings import Company, Settings
from schemas.topics import ASSIGNMENTS, DECISIONS, INPUTS, ORDERS, REGION_EVENTS, REPS, VISIT_REPORTS
from streams.handlers.mending import (
    HINTS,
    World,
    accounts_named,
    hint,
    key_of,
    mended,
    original,
    topic_of,
    would_pass,
)
from tests.support.bench import NOW_MS
from tests.support.events import a_rep, a_visit, an_assignment, an_order

ROOT = Path(__file__).resolve().parents[3]
WORLD = World(frozenset({"a1"}), "EUR")


def a_letter(payload: bytes = b"{}", **fields: Any) -> DeadLetterRow:
    values: dict[str, Any] = {
        "dead_letter_id": "3f9c01ab77e04d52", "log_id": "log", "topic": ORDERS.name, "partition": 3, "offset": 17,
        "received_at": "2026-03-02T10:00:00Z", "reason": "invalid_value", "field": "amount", "detail": "no number", "key": "a1",
        "payload_base64": b64encode(payload).decode(), "payload_bytes": len(payload),
    }  # fmt: skip
    return DeadLetterRow(**(values | fields))


def as_fields(value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value)
    return found


def test_a_letter_that_is_not_mended_is_sent_byte_for_byte() -> None:
    payload = b'{"amount" :  1.10, "odd": "\xff"}'
    assert mended(a_letter(payload), ORDERS, Mend()) == payload


def test_a_field_is_set_in_the_form_it_has() -> None:
    letter = a_letter(b'{"amount":"much","name":"Zo\xc3\xab"}')
    assert as_fields(mended(letter, ORDERS, Mend(values=(("amount", "12.50"),)))) == {"amount": "12.50", "name": "Zoë"}
    minutes = as_fields(mended(letter, VISIT_REPORTS, Mend(values=(("duration_minutes", "45"),))))
    assert minutes["duration_minutes"] == 45
    nobody = as_fields(mended(letter, ASSIGNMENTS, Mend(as_json=(("rep_id", "null"),))))
    assert nobody["rep_id"] is None


def test_a_field_is_taken_out() -> None:
    assert as_fields(mended(a_letter(b'{"colour":"red","amount":"1"}'), ORDERS, Mend(dropped=("colour",)))) == {
        "amount": "1"
    }


@pytest.mark.parametrize("payload", [b'{"amount": ', b"[1]", b"\xff", b"", b"[" * 100_000])
def test_what_is_no_object_is_mended_in_a_file_only(payload: bytes) -> None:
    with pytest.raises(TerradriftError, match="--file"):
        mended(a_letter(payload), ORDERS, Mend(values=(("amount", "1"),)))
    assert mended(a_letter(payload), ORDERS, Mend(content=b"{}")) == b"{}"


def test_a_number_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(TerradriftError, match="duration_minutes: 'long'"):
        mended(a_letter(), VISIT_REPORTS, Mend(values=(("duration_minutes", "long"),)))


def test_a_cut_or_forgotten_message_is_not_sent_from_its_letter() -> None:
    with pytest.raises(TerradriftError, match="only its first 2 of 900,000 bytes"):
        original(a_letter(payload_bytes=900_000))
    with pytest.raises(TerradriftError, match="forgotten"):
        original(a_letter(b"", payload_bytes=10))
    assert original(a_letter(b"", payload_bytes=0)) == b""


def test_what_only_terradrift_writes_is_not_sent_again() -> None:
    with pytest.raises(TerradriftError, match="region-events"):
        topic_of(a_letter(topic=REGION_EVENTS.name))
    with pytest.raises(TerradriftError, match="tick"):
        topic_of(a_letter(key="~tick"))
    assert [topic_of(a_letter(topic=topic.name)) for topic in INPUTS] == list(INPUTS)


def test_a_good_message_would_pass_and_goes_where_its_account_is() -> None:
    order = would_pass(ORDERS, an_order().model_dump_json().encode(), NOW_MS, Settings(), WORLD)
    assert order == an_order()
    assert key_of(ORDERS, order) == b"a1"
    assert key_of(REPS, a_rep("r9")) == b"r9"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", "broken_json"),
        (an_order(account_id="a2").model_dump_json().encode(), "unknown_account"),
        (an_order(currency="USD").model_dump_json().encode(), "foreign_currency"),
        (an_order(when="2150-01-01").model_dump_json().encode(), "implausible_time"),
    ],
)
def test_what_would_be_refused_again_is_known_before(value: bytes, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        would_pass(ORDERS, value, NOW_MS, Settings(), WORLD)
    assert refused.value.reason == reason


def test_where_accounts_are_created_nobody_needs_to_be_known() -> None:
    settings = Settings(company=Company(unknown_accounts="create"))
    visit = a_visit(account_id="a2")
    assert would_pass(VISIT_REPORTS, visit.model_dump_json().encode(), NOW_MS, settings, WORLD) == visit


def test_the_configured_currency_holds_before_the_first_order() -> None:
    settings = Settings(company=Company(currency="CHF"))
    with pytest.raises(RefusedError, match="CHF"):
        would_pass(ORDERS, an_order().model_dump_json().encode(), NOW_MS, settings, World(frozenset({"a1"}), ""))


def test_accounts_are_read_from_whatever_can_be_read() -> None:
    values = [b"{", b"[]", b'{"account_id": 5}', an_order().model_dump_json().encode()]
    assert accounts_named(ORDERS, values) == {"a1"}
    assert accounts_named(DECISIONS, values) == set()
    assert isinstance(an_assignment().account_id, str)


def test_a_hint_names_the_letter_and_its_field() -> None:
    assert hint(a_letter()).startswith("terradrift dead-letters replay 3f9c01ab77e0 --edit amount=VALUE")


def test_every_reason_a_stage_may_give_has_a_hint() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "streams" / "handlers").rglob("*.py"))
    reasons = set(re.findall(r'RefusedError\(\s*"([a-z_]+)"', source))
    assert reasons
    assert reasons == set(HINTS)


@given(st.binary(max_size=200), st.text(max_size=10), st.text(max_size=10))
def test_any_bytes_are_mended_or_said_to_be_unmendable(payload: bytes, field: str, value: str) -> None:
    try:
        changed = mended(a_letter(payload), ORDERS, Mend(values=((field, value),)))
    except TerradriftError:
        return
    assert as_fields(changed)[field] == value
