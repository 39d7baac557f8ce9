"""What stops or warns: too many dead letters, no progress."""

from __future__ import annotations

import pytest

from schemas.errors import TerradriftError
from schemas.settings import Feed
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.progress import ProgressWatch


def a_limit() -> DeadLetterLimit:
    return DeadLetterLimit(Feed(max_dead_letter_share=0.5, dead_letter_window=10))


def test_a_few_bad_messages_stop_nothing() -> None:
    limit = a_limit()
    for _ in range(100):
        limit.note(10, 5)


def test_a_feed_that_is_mostly_refused_stops_the_worker_with_a_reason() -> None:
    limit = a_limit()
    limit.note(10, 5)
    with pytest.raises(TerradriftError, match="max_dead_letter_share"):
        limit.note(10, 6)


def test_the_first_messages_alone_decide_nothing() -> None:
    a_limit().note(9, 9)


def test_an_old_flood_is_forgotten() -> None:
    limit = a_limit()
    limit.note(4, 4)
    for _ in range(5):
        limit.note(10, 0)
    limit.note(10, 5)


def test_standing_still_while_records_wait_is_a_stall() -> None:
    watch = ProgressWatch(patience=60)
    assert not watch.look(0, position=5, lag=3)
    assert not watch.look(59, position=5, lag=4)
    assert watch.look(60, position=5, lag=4)


def test_progress_or_an_empty_log_is_no_stall() -> None:
    watch = ProgressWatch(patience=60)
    watch.look(0, position=5, lag=3)
    assert not watch.look(100, position=6, lag=3)
    assert not watch.look(300, position=6, lag=0)
