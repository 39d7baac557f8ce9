"""The law of lateness: what comes late, shuffled and twice, within the lateness that is allowed, closes every day as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import Event, Order, VisitReport
from schemas.region_log import AccountDays, DayClosed
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, ORDERS, VISIT_REPORTS, Topic
from streams.handlers.activity.stage import ActivityStage
from tests.support.bench import Bench
from tests.support.events import a_tick, a_visit, an_account, an_order, at

LATENESS_MINUTES = int(Settings().calendar.lateness_hours * 60)
MONDAY, DAYS, DAY_MINUTES = at("2026-03-02"), 4, 24 * 60
FEED = st.lists(
    st.tuples(
        st.integers(0, DAYS * DAY_MINUTES),  # minute at which it happens
        st.none() | st.integers(0, 10**7),  # a visit, or the cents of an order
        st.sampled_from(["a1", "a2"]),
        st.lists(
            st.integers(0, LATENESS_MINUTES), min_size=1, max_size=3
        ),  # minutes until it comes, each time it comes
    ),
    max_size=12,
)
Totals = dict[tuple[str, int], tuple[object, ...]]
"""(account_id, day) -> what was last said of it."""
Arrival = tuple[datetime, Event]


@settings(max_examples=100)
@given(FEED, st.randoms(use_true_random=False))
def test_late_shuffled_and_repeated_events_close_the_same_days_with_the_same_totals(
    feed: list[tuple[int, int | None, str, list[int]]], rng: Random
) -> None:
    ordered: list[Arrival] = []
    disturbed: list[Arrival] = []
    for number, (minute, cents, account, delays) in enumerate(feed):
        event = an_event(f"e{number}", cents, account, MONDAY + timedelta(minutes=minute))
        ordered.append((event.occurred_at, event))
        disturbed += [(event.occurred_at + timedelta(minutes=delay), event) for delay in delays]
    straight, crooked = heard(ordered, rng), heard(disturbed, rng)
    assert crooked == straight
    assert straight.facts == sorted(event.event_id for _, event in ordered)
    days = {(MONDAY + timedelta(days=number)).date() for number in range(DAYS + 1)}
    assert days <= straight.closings.keys(), "nothing would be compared"
    assert straight.late == 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What regions and reports heard: each day with all totals as they stood when it closed, the last totals, the rows."""

    closings: dict[date, Totals]
    last: Totals
    facts: list[str]
    late: int


def heard(arrivals: Iterable[Arrival], rng: Random) -> Heard:
    """Feed the arrivals in their order, ticks of each midnight among them, in batches as they may be fetched."""
    told: list[tuple[datetime, float, Topic, Event]] = [
        (moment, rng.random(), ORDERS if isinstance(event, Order) else VISIT_REPORTS, event)
        for moment, event in arrivals
    ]
    for number in range(DAYS + 3):
        midnight = MONDAY + timedelta(days=number)
        told += [(midnight, rng.random(), topic, a_tick(text(midnight))) for topic in (ORDERS, VISIT_REPORTS)]
    told.sort(key=lambda arrival: arrival[:2])
    bench = Bench(ActivityStage(Settings(), "log"))
    bench.feed(ACCOUNTS, an_account("a1"), an_account("a2"))
    for topic, group in groupby(told, key=lambda arrival: arrival[2]):
        events = [event for *_, event in group]
        cut = rng.randint(0, len(events))
        for batch in (events[:cut], events[cut:]):
            bench.feed(topic, *batch)
    assert bench.letters() == []
    closings, last = told_days(bench)
    rows = sorted(str(row["event_id"]) for table in ("orders", "visits") for row in bench.facts(table))
    return Heard(closings, last, rows, bench.count("late_events"))


def told_days(bench: Bench) -> tuple[dict[date, Totals], Totals]:
    """A mark may be said again; what counts is how the day stood when it was said first."""
    closings: dict[date, Totals] = {}
    totals: Totals = {}
    messages: list[AccountDays | DayClosed] = bench.told((AccountDays, DayClosed))  # type: ignore[arg-type,assignment]
    for message in messages:
        if isinstance(message, AccountDays):
            totals |= {(day.account_id, day.day): msgspec.structs.astuple(day) for day in message.days}
        else:
            over = message.day.toordinal()
            closings.setdefault(message.day, {key: said for key, said in totals.items() if key[1] <= over})
    return closings, totals


def an_event(event_id: str, cents: int | None, account: str, moment: datetime) -> Order | VisitReport:
    if cents is None:
        return a_visit(event_id, text(moment), account_id=account)
    return an_order(event_id, f"{cents / 100:.2f}", text(moment), account_id=account)


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"
