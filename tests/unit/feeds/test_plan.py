"""The order of a publication."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from infra.feeds.plan import Send, Step, TickEverywhere, plan, tick_record
from infra.feeds.record import Feed, FeedRecord, merge, record_of, restored
from schemas.events import Order, Tick
from schemas.topics import ORDERS, TICK_KEY

MONDAY = datetime(2024, 1, 1, 9, tzinfo=UTC)


def a_record(topic: str = "orders", day: float = 0) -> FeedRecord:
    return FeedRecord(topic, b"k", b"{}", MONDAY + timedelta(days=day))


def shape(steps: list[Step]) -> list[str]:
    """The steps as words: a record by its topic, a tick by its date."""
    return [
        step.record.topic if isinstance(step, Send) else str(step.at.date()) if isinstance(step, TickEverywhere) else "settle"
        for step in steps
    ]  # fmt: skip


def test_the_roster_is_settled_topic_by_topic_before_the_first_event() -> None:
    roster = [a_record("accounts", -9), a_record("accounts", -8), a_record("reps", -9), a_record("assignments", -9)]
    steps = list(plan(Feed(roster, [a_record()]), closing_tick=False))
    assert shape(steps) == ["accounts", "accounts", "settle", "reps", "settle", "assignments", "settle", "orders"]


def test_a_new_day_is_ticked_before_its_first_event() -> None:
    steps = list(plan(Feed((), [a_record(), a_record(day=0.2), a_record(day=3)]), closing_tick=False))
    assert shape(steps) == ["orders", "orders", "2024-01-04", "orders"]
    assert steps[2] == TickEverywhere(datetime(2024, 1, 4, tzinfo=UTC))


def test_the_closing_tick_lies_beyond_the_lateness_of_the_last_day() -> None:
    steps = list(plan(Feed((), [a_record()]), lateness_hours=36))
    assert steps[-1] == TickEverywhere(datetime(2024, 1, 3, 12, 0, 1, tzinfo=UTC))


def test_a_late_event_ticks_nothing() -> None:
    assert shape(list(plan(Feed((), [a_record(day=2), a_record(day=0)]), closing_tick=False))) == ["orders", "orders"]


def test_rare_events_are_settled_before_and_after_each_run_of_their_topic() -> None:
    events = [a_record(), a_record("accounts"), a_record("assignments"), a_record("assignments"), a_record()]
    assert shape(list(plan(Feed((), events), closing_tick=False))) == [
        "orders", "settle", "accounts", "settle", "assignments", "assignments", "settle", "orders"
    ]  # fmt: skip


def test_a_planned_assignment_does_not_move_the_clock() -> None:
    steps = list(plan(Feed((), [a_record(), a_record("assignments", day=40), a_record(day=1)]), closing_tick=False))
    assert shape(steps) == ["orders", "settle", "assignments", "settle", "2024-01-02", "orders"]


def test_a_roster_alone_needs_no_closing_tick() -> None:
    assert shape(list(plan(Feed([a_record("accounts")], ())))) == ["accounts", "settle"]


def test_a_tick_repeats_itself_and_differs_between_partitions() -> None:
    assert tick_record("orders", 1, MONDAY) == tick_record("orders", 1, MONDAY)
    assert tick_record("orders", 1, MONDAY).value != tick_record("orders", 2, MONDAY).value
    assert tick_record("orders", 1, MONDAY).key == TICK_KEY
    assert Tick.model_validate_json(tick_record("orders", 1, MONDAY).value).occurred_at == MONDAY


@given(st.lists(st.floats(0, 20), max_size=30))
def test_every_record_is_sent_once_and_ticks_only_rise(days: list[float]) -> None:
    events = [a_record(day=day) for day in sorted(days)]
    steps = list(plan(Feed((), events)))
    assert [step.record for step in steps if isinstance(step, Send)] == events
    ticks = [step.at for step in steps if isinstance(step, TickEverywhere)]
    assert ticks == sorted(set(ticks))
    assert len(ticks) == len({event.at.date() for event in events})  # one before each new day, and the closing one
    for index, step in enumerate(steps):
        if isinstance(step, TickEverywhere):
            assert all(later.record.at >= step.at for later in steps[index:] if isinstance(later, Send))


def test_a_record_is_keyed_by_the_field_its_topic_names_and_omits_defaults() -> None:
    order = Order(event_id="e", order_id="o", account_id="a1", amount="10.50", currency="EUR", occurred_at=MONDAY)
    record = record_of(ORDERS, order)
    assert (record.topic, record.key, record.at) == ("orders", b"a1", MONDAY)
    assert b"status" not in record.value
    assert Order.model_validate_json(record.value) == order


def test_a_restored_record_differs_by_its_header_only() -> None:
    record = a_record()
    assert restored(record).headers == (("restored", b"1"),)
    assert restored(record).value == record.value


def test_merging_keeps_time_order_and_the_order_of_arguments_at_equal_times() -> None:
    merged = merge([a_record("orders", 0), a_record("orders", 2)], [a_record("visit-reports", 0)])
    assert [(r.topic, r.at.date()) for r in merged] == [
        ("orders", date(2024, 1, 1)), ("visit-reports", date(2024, 1, 1)), ("orders", date(2024, 1, 3))
    ]  # fmt: skip
