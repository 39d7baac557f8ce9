"""Days close by event time: the slowest topic less the lateness, with ticks where nothing happens."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.region_log import DayClosed
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, EVERY_REGION, ORDERS, REGION_EVENTS, VISIT_REPORTS
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.ticks import ticks
from streams.ports import Emit
from tests.support.bench import Bench
from tests.support.events import a_tick, a_visit, an_account, an_order, at


@pytest.fixture
def bench() -> Bench:
    """A partition that knows account a1; events may be 24 hours late."""
    bench = Bench(ActivityStage(Settings(), "log"))
    bench.feed(ACCOUNTS, an_account())
    return bench


def closed(bench: Bench) -> list[date]:
    return [mark.day for mark in bench.told(DayClosed)]


def test_no_day_closes_before_every_ticking_topic_has_spoken(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(when="2026-03-20"))
    assert closed(bench) == []


def test_the_slowest_topic_less_the_lateness_says_which_days_are_over(bench: Bench) -> None:
    bench.feed(ORDERS, an_order(when="2026-03-20"))
    bench.feed(VISIT_REPORTS, a_visit(when="2026-03-05T23:59"))
    assert closed(bench) == [date(2026, 3, 3)]
    bench.feed(VISIT_REPORTS, a_visit("v2", when="2026-03-06T00:00"))
    assert closed(bench) == [date(2026, 3, 3), date(2026, 3, 4)]


def test_ticks_close_the_days_of_an_idle_partition(bench: Bench) -> None:
    bench.feed(ORDERS, a_tick("2026-03-10"))
    bench.feed(VISIT_REPORTS, a_tick("2026-03-10"))
    assert closed(bench) == [date(2026, 3, 8)]
    assert bench.facts("orders") == []


def test_a_tick_of_the_past_changes_nothing(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-10"))
    bench.feed(ORDERS, a_tick("2026-03-10"), a_tick("2026-03-01"), a_tick("2026-03-10T12:00"))
    assert closed(bench) == [date(2026, 3, 8)]


def test_a_mark_goes_to_every_region_partition_after_the_days_it_closes(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.emits.clear()
    bench.feed(ORDERS, an_order("o1"), an_order("o2", when="2026-03-04T08:00"))
    marks = [i for i, emit in enumerate(bench.emits) if emit.key == EVERY_REGION]
    days = [i for i, emit in enumerate(bench.emits) if emit.topic == REGION_EVENTS.name and emit.key != EVERY_REGION]
    everywhere = list(range(REGION_EVENTS.partitions))
    assert [emit.partition for emit in bench.emits if emit.key == EVERY_REGION] == everywhere * 2
    first_day, second_day = days
    assert first_day < min(marks)
    assert [day.day for day in bench.days()] == [date(2026, 3, 2), date(2026, 3, 4)]
    assert min(marks) < second_day < max(marks)


def test_a_late_event_still_counts_in_the_totals(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.feed(ORDERS, an_order("o1", "1.00"), an_order("o2", when="2026-03-19"))
    bench.feed(ORDERS, an_order("late", "2.00"))
    assert bench.days()[-1].revenue_cents == 300
    assert bench.count("late_events") == 1
    assert len(closed(bench)) == 2, "a late event reopens nothing"


def test_a_mark_that_a_crash_ate_is_said_again(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.feed(ORDERS, an_order("o1"), an_order("o2", when="2026-03-09"))
    before = closed(bench)
    bench.crash()
    bench.emits.clear()
    bench.again(ORDERS)
    assert closed(bench) == before[-1:] == [date(2026, 3, 7)]
    assert bench.emits[-1].key == EVERY_REGION, "after the days that were said again"


def test_no_mark_is_said_again_before_every_topic_has_come_to_where_the_state_is(bench: Bench) -> None:
    """A worker died after its state was durable, before what it said was: a day must not close without its visits."""
    bench.feed(ORDERS, an_order(when="2026-03-02"), a_tick("2026-03-10"))
    bench.feed(VISIT_REPORTS, a_visit(when="2026-03-03T10:00"))
    bench.feed(VISIT_REPORTS, a_tick("2026-03-10"))
    bench.crash()
    bench.emits.clear()
    for topic, committed in ((ACCOUNTS, 1), (ORDERS, 1), (VISIT_REPORTS, 0)):
        bench.handler.start_offset(topic.name, committed)
    bench.again(ORDERS, first=1)
    bench.feed(ORDERS, a_tick("2026-03-20"))
    bench.feed(VISIT_REPORTS)
    assert closed(bench) == []
    bench.again(VISIT_REPORTS)
    assert [day.visits for day in bench.days()] == [1]
    assert closed(bench) == [date(2026, 3, 8)]
    assert bench.emits[-1].key == EVERY_REGION, "after the days that were said again"


def test_a_topic_that_was_committed_whole_is_not_waited_for(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.feed(ORDERS, an_order("o1"), an_order("o2", when="2026-03-09"))
    bench.crash()
    bench.emits.clear()
    for topic, committed in ((ACCOUNTS, 1), (ORDERS, 0), (VISIT_REPORTS, 1)):
        bench.handler.start_offset(topic.name, committed)
    bench.again(ORDERS)
    assert closed(bench) == [date(2026, 3, 7)]


def test_a_tick_that_comes_again_after_a_crash_says_its_mark_again(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.feed(ORDERS, a_tick("2026-03-20"))
    bench.crash()
    bench.emits.clear()
    bench.again(ORDERS)
    assert closed(bench) == [date(2026, 3, 18)]


def test_the_clock_survives_a_restart(bench: Bench) -> None:
    bench.feed(VISIT_REPORTS, a_tick("2026-03-20"))
    bench.crash()
    bench.feed(ORDERS, an_order(when="2026-03-05"))
    assert closed(bench) == [date(2026, 3, 3)]


def test_ticks_of_the_clock_name_their_place_and_are_the_same_for_the_same_time() -> None:
    said = ticks([("orders", 0), ("orders", 1)], at("2026-03-02"))
    assert said == ticks([("orders", 0), ("orders", 1)], at("2026-03-02"))
    assert [type(emit) for emit in said] == [Emit, Emit]
    assert said[0].value != said[1].value
