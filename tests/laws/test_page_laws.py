"""Laws of pages: what compiled loops make of a batch is what counting one by one comes to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.region_log import AccountDays, DayTotals, decode, encode
from schemas.settings import Company, Settings
from schemas.topics import ACCOUNTS, ORDERS, REGION_EVENTS, VISIT_REPORTS
from streams.handlers.activity.stage import ActivityStage
from streams.ports import MemoryStore, Record
from tests.support.bench import NOW_MS
from tests.support.events import a_visit, an_account, an_order

FIRST = date(2025, 12, 20)
ACCOUNTS_TOLD = ("a", "b", 'a "quoted" name', "Ünïcode", "back\\slash")
EVENTS = st.tuples(
    st.sampled_from([ORDERS.name, VISIT_REPORTS.name]),
    st.sampled_from(ACCOUNTS_TOLD),
    st.integers(0, 40),
    st.sampled_from(["placed", "returned", "cancelled"]),
    st.integers(1, 10**7),
    st.floats(0, 600).map(lambda minutes: round(minutes, 3)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(EVENTS, max_size=12), max_size=5), st.booleans())
def test_days_are_the_sums_of_their_events_however_these_are_cut_into_batches(batches: list[Any], cold: bool) -> None:
    store = MemoryStore()
    activity = stage(store)
    told: dict[tuple[str, int], DayTotals] = {}
    wanted: dict[tuple[str, int], DayTotals] = {}
    number = 0
    for batch in batches:
        for topic in (ORDERS.name, VISIT_REPORTS.name):
            records = []
            for kind, *event in batch:
                if kind == topic:
                    records.append(record(topic, number, *event))
                    add(wanted, topic, *event)
                    number += 1
            if cold:
                activity = ActivityStage(KNOWN, "log").open(0, store)
            told.update(days_in(activity.handle(records).emits))
    assert told == wanted
    assert moved_to_the_north(activity) == wanted


KNOWN = Settings(company=Company(currency="EUR"))


def stage(store: MemoryStore) -> Any:
    """A partition that knows the accounts, all in the region main."""
    activity = ActivityStage(KNOWN, "log").open(0, store)
    activity.handle([account(name, f"new {name}") for name in ACCOUNTS_TOLD])
    return activity


def account(name: str, event_id: str, **fields: Any) -> Record:
    value = an_account(name, event_id=event_id, **fields).model_dump_json().encode()
    return Record(ACCOUNTS.name, 0, len(event_id), NOW_MS, name.encode(), value)


def moved_to_the_north(activity: Any) -> dict[tuple[str, int], DayTotals]:
    """What the new region hears of days when all accounts move there."""
    records = [account(name, f"moved {name}", region_id="north") for name in ACCOUNTS_TOLD]
    return days_in(activity.handle(records).emits, "north")


def record(topic: str, number: int, name: str, day: int, status: str, cents: int, minutes: float) -> Record:
    at = f"{FIRST + timedelta(days=day)}T10:00:00Z"
    event = (
        an_order(f"o{number}", f"{cents // 100}.{cents % 100:02d}", at, account_id=name, status=status)
        if topic == ORDERS.name
        else a_visit(f"v{number}", at, account_id=name, duration_minutes=minutes, travel_minutes=minutes / 3)
    )
    return Record(topic, 0, number, NOW_MS, name.encode(), event.model_dump_json().encode())


def add(
    days: dict[tuple[str, int], DayTotals], topic: str, name: str, day: int, status: str, cents: int, minutes: float
) -> None:
    key = name, (FIRST + timedelta(days=day)).toordinal()
    so_far = days.get(key, DayTotals(*key))
    if topic == ORDERS.name:
        effect = {"placed": cents, "returned": -cents, "cancelled": 0}[status]
        more = (effect, int(status == "placed"), 0, 0.0, 0.0)
    else:
        more = (0, 0, 1, minutes, minutes / 3)
    had = (so_far.revenue_cents, so_far.orders, so_far.visits, so_far.visit_minutes, so_far.travel_minutes)
    days[key] = DayTotals(*key, *(one + other for one, other in zip(had, more, strict=True)))  # type: ignore[arg-type]


def days_in(emits: Any, region_id: str = "main") -> dict[tuple[str, int], DayTotals]:
    """The days told to this region, by account and day. Their JSON is that of msgspec, to the byte."""
    found = {}
    for emit in emits:
        message = decode(emit.value) if emit.topic == REGION_EVENTS.name else None
        if isinstance(message, AccountDays) and message.region_id == region_id:
            assert encode(message) == emit.value
            found.update({(day.account_id, day.day): day for day in message.days})
    return found
