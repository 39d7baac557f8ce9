"""A region's log is told once and for ever: after any crash the same is said, and a torn snapshot leaves the older whole."""

from __future__ import annotations

import zlib
from datetime import timedelta

import msgspec
import pytest

from schemas.errors import TerradriftError
from schemas.region_log import DayClosed, MarketEventSet, encode
from schemas.topics import ALERTS, REGION_EVENTS
from streams.handlers.region.snapshot import HEAD, Head
from streams.handlers.region.stage import Pace, RegionStage
from streams.ports import Emit, Record
from tests.support.bench import NOW_MS
from tests.support.region import QUICK, RegionBench, a_region, a_rep_set, an_account_set, noon, sunday


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
        bench = RegionBench(snapshot_records=snapshot_records)
        for i in range(0, killed_at, 10):
            output = bench.handler.handle(records[i : min(i + 10, killed_at)])
            bench.emits += output.emits
            bench.keep(output.state)
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
        evidence.append([row["evidence"] for row in bench.rows(ALERTS) if row["scope_id"] == "west"])
    assert evidence[0] == evidence[1]
    assert len(evidence[0]) == 2  # told when it fires, and again with the suggestion that was made of it
    assert all("of the visits due" in each for each in evidence[0])


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


def piecemeal(batch_bytes: int = 1) -> RegionBench:
    """A region that always writes a snapshot, a piece with each batch."""
    bench = a_region()
    bench._stage = RegionStage(QUICK, "log", Pace(records=1, batch_bytes=batch_bytes, week_bytes=0))
    bench.replay()
    return bench


def test_a_snapshot_is_written_a_piece_with_each_batch_and_counts_when_its_head_is_written() -> None:
    bench = piecemeal()
    bench.close(sunday(0), partitions=[1])
    first = bench.handler.start_offset(REGION_EVENTS.name)
    while not bench.count("snapshots"):
        assert HEAD not in bench.store
        output = bench.feed(REGION_EVENTS, b"not a message")
        assert len(output.state) <= 3
    assert list(output.state)[-1] == HEAD, "the head comes last"
    bench.crash()
    assert bench.handler.start_offset(REGION_EVENTS.name) != first


def test_a_piece_that_did_not_change_is_not_written_again() -> None:
    bench = piecemeal(batch_bytes=10**9)
    bench.weeks(0, 3)
    written = bench.feed(REGION_EVENTS, b"not a message").state
    assert {key for key, value in written.items() if value is not None} == {HEAD}
    bench.say(an_account_set("a00", -3.0, status="closed", occurred_at=noon(sunday(1))))
    changed = {key.decode().split("|", 2)[2] for key in bench.written[-1] if key != HEAD}
    assert "state|accounts|0" in changed
    assert not any(name.startswith(("state|days", "learner|watch")) for name in changed)


def test_pieces_that_are_not_needed_any_more_are_taken_away() -> None:
    bench = piecemeal(batch_bytes=10**9)
    bench.weeks(0, 12)
    bench.feed(REGION_EVENTS, b"not a message")
    weeks = {key.decode().rpartition("|")[2] for key in bench.store if b"|state|days|" in key}
    assert len(weeks) == 6, "those that can still be corrected"


def test_a_damaged_snapshot_is_named_with_what_to_do() -> None:
    bench = piecemeal(batch_bytes=10**9)
    bench.weeks(0, 1)
    for damage in (b"", zlib.compress(b"something else")):
        damaged = {key: value if key == HEAD else damage for key, value in bench.store.items()}
        with pytest.raises(TerradriftError, match="delete the region-state topic"):
            RegionStage(QUICK, "log").open(0, damaged)
    with pytest.raises(TerradriftError, match="its head is broken"):
        RegionStage(QUICK, "log").open(0, {HEAD: b""})


FOREIGN = [{HEAD: msgspec.msgpack.encode(Head("of-another-version", 5, {}))},
           {HEAD: msgspec.msgpack.encode({"slot": "a", "chunks": 1, "checksum": 0}), b"a|000000": b"old"}]  # fmt: skip


@pytest.mark.parametrize("store", FOREIGN)
def test_a_snapshot_of_another_version_is_rebuilt_from_a_whole_log_and_said(store: dict[bytes, bytes]) -> None:
    story = a_story(a_region())
    bench = RegionBench(snapshot_records=20)
    bench.keep(store)
    bench.crash()
    assert bench.handler.start_offset(REGION_EVENTS.name) == 0
    bench.log = story.log
    output = bench.again(REGION_EVENTS)
    assert [note for note in output.notes if "rebuilt from the beginning" in note]
    assert output.emits == story.emits
    assert b"a|000000" not in bench.store or bench.store[HEAD] != store[HEAD]


@pytest.mark.parametrize("store", [{}, *FOREIGN])
def test_state_is_not_made_from_a_log_that_was_cut(store: dict[bytes, bytes]) -> None:
    handler = RegionStage(QUICK, "log").open(0, store)
    with pytest.raises(TerradriftError, match="begins at offset 7, but its regions need it from 0 on"):
        handler.handle([Record(REGION_EVENTS.name, 0, 7, NOW_MS, b"k", encode(DayClosed(0, sunday(0))))])


def test_a_snapshot_is_not_continued_by_a_log_that_was_cut_behind_it() -> None:
    bench = piecemeal(batch_bytes=10**9)
    bench.weeks(0, 1)
    bench.crash()
    start = bench.handler.start_offset(REGION_EVENTS.name)
    with pytest.raises(TerradriftError, match=f"need it from {start} on"):
        bench.handler.handle([Record(REGION_EVENTS.name, 0, start + 1, NOW_MS, b"k", b"")])


def test_a_partition_without_regions_keeps_up_with_its_log() -> None:
    bench = RegionBench()
    bench.close(sunday(0))
    bench.close(sunday(9))
    bench.crash()
    assert bench.handler.start_offset(REGION_EVENTS.name) == 18
