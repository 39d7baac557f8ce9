"""When a feed is late: by the clock on the wall, by its own rhythm, and never because a history is replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.reading.answers.today import FeedState

NEWEST = datetime(2026, 3, 20, 16, tzinfo=UTC)


def a_feed(**fields: Any) -> FeedState:
    known = {
        "topic": "orders", "accepted": 5, "newest": NEWEST, "hours_behind": 0, "longest_pause_hours": 64, "arrived": NEWEST,
        "refused": 0,
    }  # fmt: skip
    return FeedState(**(known | fields))


def after(**time: float) -> datetime:
    return NEWEST + timedelta(**time)


def test_a_feed_is_late_by_the_clock_even_when_all_feeds_stop_and_none_is_behind_the_watermark() -> None:
    assert not a_feed().is_late(after(hours=90))
    assert a_feed().is_late(after(hours=97))  # one and a half times the longest pause, a weekend of 64 hours


@pytest.mark.parametrize("pause", [None, 1, 48])
def test_a_feed_without_long_pauses_is_late_after_three_days(pause: int | None) -> None:
    feed = a_feed(longest_pause_hours=pause)
    assert not feed.is_late(after(hours=72))
    assert feed.is_late(after(hours=73))


def test_a_replayed_history_is_measured_by_its_watermark_however_old_it_is() -> None:
    came = after(days=400)
    assert not a_feed(arrived=came).is_late(after(days=500))
    assert a_feed(arrived=came, hours_behind=97).is_late(after(days=500))


def test_a_feed_that_stopped_before_the_ledger_of_the_sink_begins_is_late() -> None:
    assert a_feed(arrived=None).is_late(after(days=40))


@pytest.mark.parametrize("fields", [{"topic": "reps"}, {"accepted": 0, "hours_behind": None}])
def test_a_feed_that_comes_when_something_happens_or_has_never_come_is_not_late(fields: dict[str, Any]) -> None:
    assert not a_feed(**fields).is_late(after(days=40))
