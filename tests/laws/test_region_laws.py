"""Laws of a region: what its log repeats after a crash upstream changes nothing, and a snapshot may be torn anywhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import chain, takewhile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.region_log import (
    AccountDays,
    AccountSet,
    AssignmentSet,
    DayClosed,
    DayTotals,
    MarketEventSet,
    RegionMessage,
    SolveFinished,
    decode,
    encode,
)
from schemas.topics import (
    ALERTS,
    ASSIGNMENT_CHANGES,
    ASSIGNMENTS,
    DAY_MARKERS,
    MODEL_QUALITY,
    POTENTIALS,
    REGION_EVENTS,
    SUGGESTIONS,
)
from streams.handlers.region.snapshot import HEAD
from streams.handlers.region.stage import Pace, RegionPartition, RegionStage
from streams.ports import Emit, Record
from tests.support.bench import NOW_MS
from tests.support.region import (
    MONDAY,
    QUICK,
    REGION,
    RegionBench,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)

SOURCES = 3  # activity partitions that speak of accounts; the others only mark days
INTAKE, ANSWERS = "intake", "answers"
PUBLIC = {t.name for t in (POTENTIALS, ALERTS, SUGGESTIONS, ASSIGNMENT_CHANGES, MODEL_QUALITY, ASSIGNMENTS)}
NAMES = [f"a{i:02d}" for i in range(14)]


def source_of(message: RegionMessage) -> str:
    """Who wrote it: only what one writer wrote keeps its order when it is written again."""
    match message:
        case AccountDays():
            return f"activity {int(message.days[0].account_id[1:]) % SOURCES}"
        case AccountSet() | AssignmentSet():
            return f"activity {int(message.account_id[1:]) % SOURCES}"
        case DayClosed():
            return f"activity {message.partition}"
        case SolveFinished():
            return ANSWERS
        case _:
            return INTAKE


def orders_of(week: int, eur: float = 400.0) -> list[RegionMessage]:
    """A message for each day and source: every account orders on Wednesday and, some of them, again on Friday."""
    said: list[RegionMessage] = []
    for day in (MONDAY + timedelta(days=7 * week + 2), MONDAY + timedelta(days=7 * week + 4)):
        for source in range(SOURCES):
            names = [
                n for i, n in enumerate(NAMES) if i % SOURCES == source and (day.weekday() == 2 or i % 4 == week % 4)
            ]
            totals = tuple(DayTotals(n, day.toordinal(), round(eur * 100), 1, 1, 30.0, 20.0) for n in names)
            said += [AccountDays(REGION, totals)] if totals else []
    return said


@cache
def the_log() -> tuple[RegionMessage, ...]:
    """Everything that can be said twice: accounts that close, open again, leave and come back, assignments that replace
    each other, a rep who goes to another region and returns, decisions that are refused and would fit later."""
    bench = RegionBench()
    bench.say(a_rep_set("west", -3.0), a_rep_set("east", -2.0), a_rep_set("third", -2.5))
    bench.say(*(an_account_set(name, -3.0 + i / len(NAMES)) for i, name in enumerate(NAMES)))
    bench.say(*(an_assignment_set(name, "west" if i < 11 else "east") for i, name in enumerate(NAMES)))
    for week in range(14):
        bench.say(*orders_of(week))
        for message in events_of(week):
            bench.say(message)
        if week == 4:
            bench.decide("undo", bench.suggestion_id)  # refused: it is not accepted yet
            bench.decide("accept", bench.suggestion_id)
            bench.decide("accept", bench.suggestion_id, reason="again")  # refused: it is accepted already
        bench.decide("pin" if week % 2 else "unpin", account_id="a07", reason=f"week {week}")
        for partition in range(DAY_MARKERS):
            bench.close(sunday(week), partitions=[partition])
    return tuple(decode(record.value or b"") for record in bench.log[REGION_EVENTS.name])


def events_of(week: int) -> list[RegionMessage]:
    last = sunday(week)
    late = DayTotals("a02", (MONDAY + timedelta(days=7 * week - 5)).toordinal(), 123_00, 1)
    closed = {"status": "closed"}
    told: dict[int, list[RegionMessage]] = {
        2: [an_account_set("a01", -2.9, status="closed", occurred_at=noon(last)),
            an_account_set("a01", -2.9, occurred_at=noon(last) + timedelta(minutes=1))],
        3: [an_account_set("a02", -2.8, left=True, occurred_at=noon(last)),
            an_account_set("a02", -2.8, occurred_at=noon(last) + timedelta(minutes=1))],
        5: [an_assignment_set("a04", "east", last), an_assignment_set("a04", "third", last),
            MarketEventSet("m1", "m1", "competitor_opened", noon(last), 48.0, -2.9, 25.0, expected_effect=-0.5)],
        7: [a_rep_set("third", -2.5, region_id="elsewhere", occurred_at=noon(last)),
            a_rep_set("third", -2.5, occurred_at=noon(last) + timedelta(minutes=1))],
        8: [AccountDays(REGION, (late,)), an_account_set("a05", -2.6, **closed, occurred_at=noon(sunday(9)))],
        9: [an_account_set("a08", -2.4, left=True, occurred_at=noon(last))],
    }  # fmt: skip
    return told.get(week, [])


def record_of(offset: int, message: RegionMessage) -> Record:
    return Record(REGION_EVENTS.name, 0, offset, NOW_MS, b"k", encode(message))


def said_of(messages: tuple[RegionMessage, ...] | list[RegionMessage]) -> list[Emit]:
    """What a region says in public of a log, told at once: decisions come back as the log holds them."""
    output = RegionStage(QUICK, "log").open(0, {}).handle([record_of(i, m) for i, m in enumerate(messages)])
    return [emit for emit in output.emits if emit.topic in PUBLIC]


@cache
def straight() -> list[Emit]:
    return said_of(the_log())


def newest_totals(log: tuple[RegionMessage, ...]) -> dict[tuple[str, int], DayTotals]:
    days = chain.from_iterable(message.days for message in log if isinstance(message, AccountDays))
    return {(totals.account_id, totals.day): totals for totals in days}


@dataclass(frozen=True)
class Crash:
    """After `at` messages `source` crashes and writes its last `length` again, in pieces, among what others say."""

    at: int
    source: str
    length: int
    cut: int
    gap: int


def again(log: tuple[RegionMessage, ...], crash: Crash) -> list[RegionMessage]:
    """The log with that repetition. Totals come as they are by then, entry by entry or many in one."""
    newest = newest_totals(log[: crash.at])
    stretch = [message for message in log[: crash.at] if source_of(message) == crash.source][-crash.length :]
    repeated: list[RegionMessage] = []
    for message in stretch:
        if isinstance(message, AccountDays):
            totals = [newest[one.account_id, one.day] for one in message.days]
            parts = [tuple(totals[i : i + crash.cut]) for i in range(0, len(totals), crash.cut)]
            repeated += [AccountDays(REGION, part) for part in parts]
        else:
            repeated.append(message)
    result, rest = list(log[: crash.at]), list(log[crash.at :])
    for message in repeated:  # others go on meanwhile; the source itself goes on when it has caught up
        others = list(takewhile(lambda one: source_of(one) != crash.source, rest[: crash.gap]))
        result += [*others, message]
        del rest[: len(others)]
    return result + rest


CRASHES = st.builds(
    Crash,
    at=st.integers(40, 400),
    source=st.sampled_from([INTAKE, ANSWERS, *(f"activity {p}" for p in range(SOURCES))]),
    length=st.integers(1, 60),
    cut=st.integers(1, 5),
    gap=st.integers(0, 12),
)


def test_the_story_of_the_laws_holds_what_they_are_about() -> None:
    said = {emit.topic for emit in straight()}
    assert said == PUBLIC
    assert any(b'"cause_class":"capacity_change"' in emit.value for emit in straight())


@settings(max_examples=40, deadline=None)
@given(st.lists(CRASHES, min_size=1, max_size=2))
@example([Crash(at=10**6, source="activity 1", length=10**6, cut=1, gap=0)])
@example([Crash(at=10**6, source=INTAKE, length=10**6, cut=1, gap=0)])
def test_what_is_written_again_after_a_crash_changes_nothing_that_is_said(crashes: list[Crash]) -> None:
    log: tuple[RegionMessage, ...] = the_log()
    for crash in crashes:
        log = tuple(again(log, crash))
    assert said_of(log) == straight()


@pytest.mark.parametrize("source", [INTAKE, "activity 1", "activity 2"])
@pytest.mark.parametrize("gap", [1, 9])
def test_a_long_repetition_at_any_week_changes_nothing_that_is_said(source: str, gap: int) -> None:
    log = the_log()
    ends = [i for i, m in enumerate(log) if isinstance(m, DayClosed) and m.partition == 0]
    for at in ends[2::3]:
        assert said_of(again(log, Crash(at, source, 25, 3, gap))) == straight(), (
            f"crash of {source} after {at} messages"
        )


@cache
def said_by_record() -> list[list[Emit]]:
    handler = RegionStage(QUICK, "log").open(0, {})
    return [handler.handle([record_of(i, message)]).emits for i, message in enumerate(the_log())]


@settings(max_examples=25, deadline=None)
@given(
    records=st.integers(1, 60),
    batch_bytes=st.sampled_from([1, 300, 5_000, 10**9]),
    batch=st.integers(1, 40),
    kills=st.lists(st.integers(0, 400), min_size=1, max_size=3),
)
def test_a_worker_killed_between_any_two_pieces_of_a_snapshot_goes_on_exactly(
    records: int, batch_bytes: int, batch: int, kills: list[int]
) -> None:
    stage = RegionStage(QUICK, "log", Pace(records=records, batch_bytes=batch_bytes, week_bytes=0))
    store: dict[bytes, bytes] = {}
    log = [record_of(i, message) for i, message in enumerate(the_log())]
    for kill in kills:
        handler = stage.open(0, store)
        start = handler.start_offset(REGION_EVENTS.name)
        assert start is not None
        write_until(handler, log[start:], batch, kill, store)
    handler = stage.open(0, store)
    start = handler.start_offset(REGION_EVENTS.name)
    assert (start or 0) > 0 or HEAD not in store
    assert handler.handle(log[start:]).emits == list(chain.from_iterable(said_by_record()[start:]))


def write_until(
    handler: RegionPartition, log: list[Record], batch: int, writes: int, store: dict[bytes, bytes]
) -> None:
    """Fold in batches; the process dies when so many state records are durable."""
    for first in range(0, len(log), batch):
        for key, value in handler.handle(log[first : first + batch]).state.items():
            if writes == 0:
                return
            writes -= 1
            if value is None:
                store.pop(key, None)
            else:
                store[key] = value


def test_the_same_news_of_an_account_counts_once_even_when_a_week_closes_between_its_repetitions() -> None:
    """The smallest case of the law: without a memory the closed account would be open again for a week."""
    bench, twin = RegionBench(), RegionBench()
    news = [an_account_set("a01", -2.0), an_account_set("a01", -2.0, status="closed", occurred_at=noon(sunday(0)))]
    for one in (bench, twin):
        one.say(a_rep_set("west", -3.0), an_account_set("a00", -3.0), *news)
        for week in range(2):
            one.say(AccountDays(REGION, (DayTotals("a00", (sunday(week) - timedelta(days=3)).toordinal(), 100_00, 1),)))
            if one is bench and week == 1:
                one.say(news[0])
            one.close(sunday(week))
            if one is bench and week == 1:
                one.say(news[1])
    assert bench.rows(POTENTIALS) == twin.rows(POTENTIALS)
    assert bench.rows(ALERTS) == twin.rows(ALERTS)
    assert defaultdict(int, bench.counts)["repeated", REGION] == 2
