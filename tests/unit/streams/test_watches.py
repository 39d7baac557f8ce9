"""What stops or warns a process that makes no progress."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Thread

import pytest

from schemas.errors import TerradriftError, UnavailableError
from streams.transport.progress import IN_HAND, LONG_CALL_SECONDS, Excuses, Place, ProgressWatch, Standing, Verdict
from streams.transport.watchdog import Watchdog

ORDERS, VISITS = ("orders", 3), ("visit-reports", 0)


def test_standing_still_while_records_wait_is_counted_from_the_last_step() -> None:
    watch = ProgressWatch()
    assert watch.look(0, {ORDERS: Standing(5, 3)}).idle == 0
    assert watch.look(59, {ORDERS: Standing(5, 4)}).idle == 59
    verdict = watch.look(60, {ORDERS: Standing(5, 4)})
    assert (verdict.idle, verdict.stuck) == (60, 60)
    assert verdict.where == "orders/3 stands at offset 5 and 4 messages wait there"


def test_a_batch_that_does_not_come_back_is_named_rather_than_the_partition_it_holds() -> None:
    watch = ProgressWatch()
    standings = {ORDERS: Standing(5, 3), IN_HAND: Standing(7, 1)}
    watch.look(0, standings)
    assert watch.look(20, standings).where == "a batch was given to a stage and does not come back"
    assert "orders/3" in watch.look(40, {ORDERS: Standing(5, 3), IN_HAND: Standing(8, 0)}).where


def test_progress_or_an_empty_log_is_no_stall() -> None:
    watch = ProgressWatch()
    watch.look(0, {ORDERS: Standing(5, 3)})
    assert watch.look(100, {ORDERS: Standing(6, 3)}).idle == 0
    assert watch.look(300, {ORDERS: Standing(6, 0)}).idle == 0
    assert watch.look(310, {ORDERS: Standing(6, 1)}).idle == 10


def test_a_partition_that_is_stuck_is_not_hidden_by_one_that_moves() -> None:
    watch = ProgressWatch()
    for now in range(0, 100, 10):
        verdict = watch.look(now, {ORDERS: Standing(5, 1), VISITS: Standing(now, 1_000)})
    assert verdict.stuck == 90
    assert verdict.where.startswith("orders/3")


def test_a_partition_that_went_to_another_worker_is_forgotten() -> None:
    watch = ProgressWatch()
    watch.look(0, {ORDERS: Standing(5, 3)})
    assert watch.look(100, {}) == Verdict(0, 0, "")
    assert watch.look(200, {ORDERS: Standing(5, 3)}).stuck == 0


def test_an_excuse_stops_the_clock_of_blame_but_not_that_of_alarm() -> None:
    watch = ProgressWatch()
    watch.look(0, {ORDERS: Standing(5, 3)})
    watch.look(100, {ORDERS: Standing(5, 3)}, excuse=True)
    verdict = watch.look(130, {ORDERS: Standing(5, 3)})
    assert (verdict.idle, verdict.stuck) == (130, 30)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_call_is_an_excuse_once_it_takes_long() -> None:
    clock = Clock()
    excuses = Excuses(clock)
    with excuses.during("ClickHouse"):
        assert excuses.take() == ()
        clock.now = LONG_CALL_SECONDS
        assert excuses.take() == ("ClickHouse",)
    assert excuses.take() == ()


def test_a_call_that_found_nobody_there_is_an_excuse_once() -> None:
    excuses = Excuses(Clock())
    with pytest.raises(UnavailableError), excuses.during("ClickHouse"):
        raise UnavailableError("away")
    assert excuses.take() == ("ClickHouse",)
    assert excuses.take() == ()


def test_another_error_is_no_excuse() -> None:
    excuses = Excuses(Clock())
    with pytest.raises(TerradriftError), excuses.during("ClickHouse"):
        raise TerradriftError("no such column")
    assert excuses.take() == ()


@dataclass
class Dog:
    """A watchdog whose thread never runs: the test looks. `broker` says whether Kafka answers."""

    exit_seconds: float = 300.0
    broker: bool = True
    clock: Clock = field(default_factory=Clock)
    ended: list[str] = field(default_factory=list)
    shown: list[tuple[bool, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.excuses = Excuses(self.clock)
        self.dog = Watchdog("worker", self.exit_seconds, self, self.excuses, lambda: self.broker, self.ended.append)
        self.dog._thread = Thread()

    def lags(self, group: str, lag_by_topic: Mapping[str, int]) -> None: ...

    def standing(self, stalled: bool, stuck_seconds: float) -> None:
        self.shown.append((stalled, stuck_seconds))

    def report_for(self, seconds: int, standings: Mapping[Place, Standing]) -> None:
        """The same report, and a look, every 10 s."""
        for _ in range(0, seconds, 10):
            self.clock.now += 10
            self.dog.report(standings)
            self.dog.look(self.clock.now)

    def pass_time(self, seconds: int, position: int | None = 5, wait: str = "") -> None:
        """A report and a look every 10 s; no report without a position, as when the event loop is held."""
        for _ in range(0, seconds, 10):
            self.clock.now += 10
            if position is not None:
                self.dog.report({ORDERS: Standing(position, 7)})
            with contextlib.suppress(UnavailableError), self.excuses.during(wait or "nothing"):
                if wait:
                    raise UnavailableError("away")
            self.dog.look(self.clock.now)


def test_a_worker_that_stands_still_says_so_and_ends_after_its_time() -> None:
    dog = Dog()
    dog.pass_time(300)
    assert dog.shown[-1] == (True, 290)
    assert dog.ended == []
    dog.pass_time(10)
    assert "no progress for 300 s" in dog.ended[0]
    assert "orders/3 stands at offset 5 and 7 messages wait there" in dog.ended[0]


def test_a_held_event_loop_ends_the_process_even_where_no_lag_is_known() -> None:
    dog = Dog()
    dog.dog.report({})
    dog.pass_time(310, position=None)
    assert "a handler holds it" in dog.ended[0]


def test_a_sink_that_waits_for_clickhouse_is_never_ended_but_shows_as_stalled() -> None:
    dog = Dog()
    dog.pass_time(3_000, wait="ClickHouse")
    assert dog.ended == []
    assert dog.shown[-1] == (True, 0)


def test_a_process_is_not_blamed_for_a_kafka_that_is_away_nor_right_after_it_is_back() -> None:
    dog = Dog(broker=False)
    dog.pass_time(3_000)
    assert dog.ended == []
    dog.broker = True
    dog.pass_time(200)
    assert dog.ended == []
    dog.pass_time(120)
    assert len(dog.ended) >= 1


def test_a_process_that_was_stopped_and_goes_on_is_not_blamed_for_the_time_between() -> None:
    dog = Dog()
    dog.pass_time(100)
    dog.clock.now += 3_600
    dog.pass_time(200)
    assert dog.ended == []


def test_it_can_be_switched_off() -> None:
    dog = Dog(exit_seconds=0)
    dog.pass_time(3_000)
    assert dog.ended == []
    assert dog.shown[-1][0]


def test_it_says_once_that_nothing_moves_and_once_that_it_moves_again(caplog: pytest.LogCaptureFixture) -> None:
    dog = Dog()
    dog.pass_time(200, wait="ClickHouse")
    dog.pass_time(50, position=6)
    assert [record.getMessage() for record in caplog.records] == [
        "the worker has made no progress for 60 s: orders/3 stands at offset 5 and 7 messages wait there; it waits for ClickHouse",
        "the worker makes progress again",
    ]
