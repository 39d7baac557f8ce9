"""Laws of the fast readers of orders and visits: they take nothing that the authority refuses, and read it the same."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.settings import Company, Settings
from schemas.topics import ACCOUNTS, FACTS, REGION_EVENTS
from streams.handlers.activity.dated import KINDS, ORDER, VISIT, Kind, cents_of
from streams.handlers.activity.reading import is_plain
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.activity.times import UNREAD, ms_of, read_times
from streams.ports import MemoryStore, Output, Record
from tests.support.bench import NOW_MS
from tests.support.events import a_visit, an_account, an_order

GOOD: dict[str, dict[str, Any]] = {
    ORDER.topic.name: json.loads(an_order().model_dump_json()),
    VISIT.topic.name: json.loads(a_visit().model_dump_json()),
}
TEXT = st.text(max_size=6) | st.sampled_from(["a1", "é", "x" * 64, "x" * 65, "x" * 129, "\x7f", "\x00", "\\", "💶"])
NUMBER = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**15), 10**15)
    | st.decimals(-1500, 1500, places=2).map(float)
    | st.sampled_from([1e12, 999999999999.99, -0.0, 0.005, 1e-7, 1440, 1440.1, 5000, True])
)
TIME = st.sampled_from(
    ["2026-03-02T09:30:00Z", "2026-03-02T23:59:59.999999+02:00", "2026-03-02", "2026-03-02T09:30:00", "1969-01-01T00:00:00Z",
     "2026-03-02T00:30:00-11:00", "2026-03-02T09:30:00.120Z", "2026-03-02T09:30:00.120999Z", "0000-03-02T09:30:00Z", "2026-03-02T09:30:60Z", "2199-12-31T23:59:59Z", "2026-02-30T00:00:00Z", 1_700_000_000, "now"]
)  # fmt: skip
STATUS = st.sampled_from(["placed", "returned", "cancelled", "PLACED", "done", "moved", None])
ANY = TEXT | NUMBER | TIME | STATUS | st.none() | st.lists(st.integers(), max_size=1)
AMOUNT = st.decimals(-1500, 1500, places=2).map(str) | st.from_regex(r"[-+]?[0-9_]{0,13}\.?[0-9]{0,3}", fullmatch=True) | st.sampled_from(
    ["12.", ".5", "", "٣.50", "1e2", " 1.00", "007.10", "999999999999.99", "9999999999999", "-0.00"]
)  # fmt: skip
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "occurred_at": TIME, "amount": NUMBER | AMOUNT, "status": STATUS, "duration_minutes": NUMBER, "travel_minutes": NUMBER,
    "travel_km": NUMBER, "schema_version": NUMBER, "products_seen": st.lists(TEXT, max_size=22), "nights": NUMBER | st.integers(-1, 32),
    "channel": st.sampled_from(["visit", "call", "video", "VIDEO", ""]),
}  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """An event of one of the kinds with some fields replaced, taken out or added."""
    topic = draw(st.sampled_from(sorted(GOOD)))
    event = dict(GOOD[topic])
    for field in draw(st.lists(st.sampled_from([*sorted(event), "unknown"]), max_size=3)):
        if draw(st.integers(0, 4)) == 0:
            event.pop(field, None)
        else:
            event[field] = draw(LIKELY.get(field, TEXT) if draw(st.integers(0, 3)) else ANY)
    text = json.dumps(event, ensure_ascii=draw(st.booleans()))
    return topic, draw(
        st.sampled_from([text, text, text + " ", text[:-1], text + text, text + "\n" + text, " ", "\n" + text])
    ).encode(errors="replace")


@settings(max_examples=600, deadline=None)
@given(messages())
def test_what_the_fast_reader_takes_the_authority_takes_too_and_reads_the_same(message: tuple[str, bytes]) -> None:
    topic, value = message
    kind = KINDS[topic]
    record = Record(topic, 0, 0, NOW_MS, b"a1", value)
    fast = fast_reading(kind, record)
    if fast is not None:
        trusted = kind.authority.model_validate_json(value)
        assert same(fast, kind.from_authority(trusted))


def same(fast: Any, trusted: Any) -> bool:
    """Whether both say the same; an amount and a time may be written in several ways."""
    mine, theirs = msgspec.structs.asdict(fast), msgspec.structs.asdict(trusted)
    mine["occurred_at"] = int(read_times([mine["occurred_at"]])[0])
    theirs["occurred_at"] = ms_of(datetime.fromisoformat(theirs["occurred_at"]))
    if "amount" in mine:
        mine["amount"], theirs["amount"] = cents_of(mine["amount"]), cents_of(theirs["amount"])
    return bool(mine == theirs)


def fast_reading(kind: Kind, record: Record) -> Any:
    """The event, where the fast way takes it."""
    if not is_plain(record.value, 1_000_000):
        return None
    try:
        event = kind.read(record.value or b"")
    except msgspec.MsgspecError:
        return None
    plain = kind.effects([event], "EUR").plain[0] and read_times([event.occurred_at])[0] != UNREAD
    return event if plain else None


@settings(max_examples=200, deadline=None)
@given(st.lists(messages(), min_size=1, max_size=6))
def test_one_batch_or_many_give_the_same_rows_days_and_letters(batch: list[tuple[str, bytes]]) -> None:
    for topic in GOOD:
        records = [Record(topic, 0, i, NOW_MS, b"a1", value) for i, (name, value) in enumerate(batch) if name == topic]
        together, apart = activity(), activity()
        outputs = [together.handle(records)]
        singly = [apart.handle([record]) for record in records]
        assert lines(outputs, FACTS.name) == lines(singly, FACTS.name)
        assert sorted(lines(outputs, "dead-letters")) == sorted(lines(singly, "dead-letters"))
        assert last_days(outputs) == last_days(singly)


def activity() -> Any:
    handler = ActivityStage(Settings(company=Company(currency="EUR")), "log").open(0, MemoryStore())
    value = an_account("a1").model_dump_json().encode()
    handler.handle([Record(ACCOUNTS.name, 0, 0, NOW_MS, b"a1", value)])
    return handler


def lines(outputs: list[Output], topic: str) -> list[bytes]:
    return [line for out in outputs for emit in out.emits if emit.topic == topic for line in emit.value.split(b"\n")]


def last_days(outputs: list[Output]) -> dict[tuple[str, int], Any]:
    messages = [json.loads(emit.value) for out in outputs for emit in out.emits if emit.topic == REGION_EVENTS.name]
    return {(day[0], day[1]): day for message in messages if message["t"] == "days" for day in message["days"]}
