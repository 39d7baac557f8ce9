"""A region's log is told once and for ever: after any crash the same is said, and a torn snapshot leaves the older whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.errors import TerradriftError
from schemas.region_log import MarketEventSet
from schemas.topics import ALERTS, REGION_EVENTS
from streams.handlers.region.stage import RegionStage
from streams.ports import Emit
from tests.support.bench import Bench
from tests.support.region import QUICK, RegionBench, a_region, a_rep_set, noon, sunday


def a_story(bench: RegionBench) -> RegionBench:
    """Imbalance, a suggestion accepted in part, a market event, a rep who leaves."""
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 3)
    bench.decide("accept", bench.suggestion()["suggestion_id"])
    bench.weeks(3, 3)
    bench.say(MarketEventSet("m1", "m1", "competitor_opened", noon(sunday(6)), 48.0, -2.9, 15.0, expected_effect=-0.5))
    bench.say(a_rep_set("west", -3.0, active_to=sunday(6) + timedelta(days=2), occurred_at=noon(sunday(5))))
    bench.weeks(6, 3)
    return bench


def with_duplicates_removed(emits: list[Emit]) -> list[Emit]:
    return list(dict.fromkeys(emits))


def test_the_same_log_says_the_same_bytes() -> None:
    first, second = a_story(a_region()), a_story(a_region())
    assert first.emits == second.emits
    assert first.log == second.log


def test_a_fold_over_the_finished_log_says_what_was_said_when_it_was_written() -> None:
    story = a_story(a_region())
    again = RegionStage(QUICK, "log").open(0, {}).handle(story.log[REGION_EVENTS.name])
    assert again.emits == story.emits


@pytest.mark.parametrize("size", [1, 7, 50])
def test_the_size_of_batches_changes_nothing(size: int) -> None:
    story = a_story(a_region())
    handler = RegionStage(QUICK, "log").open(0, {})
    records = story.log[REGION_EVENTS.name]
    said = [emit for i in range(0, len(records), size) for emit in handler.handle(records[i : i + size]).emits]
    assert said == story.emits


@pytest.mark.parametrize("snapshot_records", [1, 20, 45, 100])
def test_a_region_that_is_killed_anywhere_says_what_an_unkilled_one_says(snapshot_records: int) -> None:
    story = a_story(a_region())
    records = story.log[REGION_EVENTS.name]
    for killed_at in range(60, len(records), 37):
        bench = Bench(RegionStage(QUICK, "log", snapshot_records))
        for i in range(0, killed_at, 10):
            bench.emits += bench.handler.handle(records[i : min(i + 10, killed_at)]).emits
        bench.crash()
        start = bench.handler.start_offset(REGION_EVENTS.name)
        assert start is not None
        assert start <= killed_at
        bench.emits += bench.handler.handle(records[start:]).emits
        assert with_duplicates_removed(bench.emits) == with_duplicates_removed(story.emits), f"killed at {killed_at}"


def test_what_is_known_of_visits_survives_a_restart() -> None:
    evidence = []
    for killed in (False, True):
        bench = a_region(10, 10, snapshot_records=1)
        bench.weeks(0, 1)
        bench.weeks(1, 9, visits=0)
        if killed:
            bench.replay()
        bench.say(a_rep_set("west", -3.0, active_to=sunday(9), occurred_at=noon(sunday(9))))
        bench.close(sunday(9) + timedelta(days=2))
        evidence += [row["evidence"] for row in bench.rows(ALERTS) if row["scope_id"] == "west"]
    assert len(evidence) == 2
    assert "of the visits due" in evidence[0]
    assert evidence[0] == evidence[1]


def test_an_open_question_is_asked_again_after_a_crash_by_the_same_name() -> None:
    bench = a_region(solves_at_once=False, snapshot_records=1)
    bench.weeks(0, 4)
    (asked,) = bench.open_solves
    bench.replay()
    assert bench.open_solves == [asked]
    bench.answer()
    assert bench.suggestion()["status"] == "proposed"


def test_no_snapshot_is_taken_while_a_solve_is_out() -> None:
    bench = a_region(solves_at_once=False, snapshot_records=1)
    bench.weeks(0, 3)
    snapshots = bench.count("snapshots")
    bench.weeks(3, 2)
    assert bench.count("snapshots") == snapshots
    bench.answer()
    assert bench.count("snapshots") > snapshots


@pytest.mark.parametrize("kept", [0, 1])
def test_a_snapshot_torn_by_a_crash_leaves_the_older_one_whole(kept: int) -> None:
    bench = a_region(snapshot_records=1)
    bench.weeks(0, 2)
    older = dict(bench.store)
    offset = bench.handler._next_offset
    output = bench.feed(REGION_EVENTS, b"not a message")
    written = list(output.state.items())
    assert written[-1][0] == b"head", "the head comes last"
    torn = older | {key: value for key, value in written[:kept] if value is not None}
    assert RegionStage(QUICK, "log").open(0, torn).start_offset(REGION_EVENTS.name) == offset
    whole = older | {key: value for key, value in written if value is not None}
    assert RegionStage(QUICK, "log").open(0, whole).start_offset(REGION_EVENTS.name) == offset + 1


def test_a_damaged_snapshot_is_named_with_what_to_do() -> None:
    bench = a_region(snapshot_records=1)
    slot = next(key for key in bench.store if key.startswith((b"a|", b"b|")))
    damaged = {key: b"" if key[:1] == slot[:1] else value for key, value in bench.store.items()}
    damaged = {key: b"" if key != b"head" else value for key, value in damaged.items()}
    with pytest.raises(TerradriftError, match="delete the region-state topic"):
        RegionStage(QUICK, "log").open(0, damaged)
