"""What managers decide: assignments that come back through the log, rows for the CRM, and the rest afterwards."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from schemas.settings import Change, Settings
from schemas.topics import ASSIGNMENTS, SUGGESTIONS
from tests.support.region import (
    MONDAY,
    SOURCE_PARTITION,
    RegionBench,
    a_region,
    a_rep_set,
    an_account_set,
    an_assignment_set,
    noon,
    sunday,
)

DECIDED_ON = sunday(2)
MOVED = ["a10", "a11", "a12", "a13", "a14"]


@pytest.fixture
def bench() -> RegionBench:
    """Three weeks are closed and the suggestion to move a10..a14 from west to east is open."""
    bench = a_region()
    bench.weeks(0, 3)
    assert sorted(move["account_id"] for move in bench.suggestion()["moves"]) == MOVED
    return bench


def test_accepting_moves_every_account_from_the_next_day_on(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id, decided_by="M1", reason="yes")
    tomorrow = (DECIDED_ON + timedelta(days=1)).isoformat()
    assert bench.changes() == [(account, "west", "east", tomorrow, "move") for account in MOVED]
    row = bench.suggestion()
    assert (row["status"], row["revision"], row["effective_from"]) == ("approved", 1, tomorrow)
    assert (row["decided_by"], row["decision_reason"]) == ("M1", "yes")
    assert bench.owner_of("a10") == "west"
    bench.weeks(3, 1)
    assert {bench.owner_of(account) for account in MOVED} == {"east"}


def test_the_assignments_go_where_the_account_lives(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id)
    emits = [emit for emit in bench.emits if emit.topic == ASSIGNMENTS.name]
    assert sorted(emit.key.decode() for emit in emits) == MOVED
    assert {emit.partition for emit in emits} == {SOURCE_PARTITION}
    event = json.loads(emits[0].value)
    assert (event["source"], event["suggestion_id"]) == ("decision", bench.suggestion_id)


def test_accepting_some_moves_moves_only_those(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id, moves=(("a14", "east"), ("a13", "east")))
    assert [account for account, *_ in bench.changes()] == ["a13", "a14"]
    assert bench.suggestion()["status"] == "approved"


def test_accepting_a_move_that_was_not_proposed_is_refused_whole(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id, moves=(("a14", "east"), ("a00", "east")))
    assert bench.reasons() == ["unknown_move"]
    assert bench.changes() == []
    assert bench.suggestion()["status"] == "proposed"


def test_a_modified_plan_moves_what_the_manager_says(bench: RegionBench) -> None:
    bench.decide("modify", bench.suggestion_id, moves=(("a09", "east"), ("a14", "east")))
    assert [account for account, *_ in bench.changes()] == ["a09", "a14"]
    assert bench.suggestion()["status"] == "modified"


@pytest.mark.parametrize("move", [("a14", "nobody"), ("nobody", "east"), ("a14", "gone")])
def test_a_modified_plan_needs_accounts_and_reps_that_are_there(bench: RegionBench, move: tuple[str, str]) -> None:
    bench.say(a_rep_set("gone", -2.5, active_to=MONDAY))
    bench.decide("modify", bench.suggestion_id, moves=(move,))
    assert bench.reasons() == ["unknown_move"]
    assert bench.changes() == []


def test_a_decision_takes_effect_on_the_day_it_names(bench: RegionBench) -> None:
    bench.decide("accept", bench.suggestion_id, effective_from=sunday(4))
    assert {valid_from for *_, valid_from, _ in bench.changes()} == {sunday(4).isoformat()}
    bench.weeks(3, 1)
    assert bench.owner_of("a14") == "west"
    bench.weeks(4, 1)
    assert bench.owner_of("a14") == "east"


@pytest.mark.parametrize(("kind", "status"), [("reject", "rejected"), ("snooze", "snoozed")])
def test_who_says_no_or_later_moves_nobody(bench: RegionBench, kind: str, status: str) -> None:
    bench.decide(kind, bench.suggestion_id, reason="not now")
    assert (bench.suggestion()["status"], bench.suggestion()["revision"]) == (status, 1)
    assert bench.changes() == []


def test_the_region_rests_after_a_decision(bench: RegionBench) -> None:
    bench.decide("reject", bench.suggestion_id)
    bench.weeks(3, 4)
    assert len(bench.rows(SUGGESTIONS)) == 2
    bench.weeks(7, 1)
    assert bench.suggestion()["status"] == "proposed"
    assert bench.suggestion()["created_on"] == sunday(7).isoformat()


def test_only_the_first_decision_counts(bench: RegionBench) -> None:
    bench.decide("reject", bench.suggestion_id, decision_id="first")
    bench.decide("accept", bench.suggestion_id, decision_id="second")
    assert bench.reasons() == ["stale_decision"]
    assert bench.suggestion()["decision_id"] == "first"
    assert bench.changes() == []


def test_a_decision_that_comes_twice_is_applied_once(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.decide("accept", suggestion_id)
    bench.decide("accept", suggestion_id)
    assert len(bench.changes()) == len(MOVED)
    assert bench.reasons() == []


def test_a_decision_on_an_expired_or_unknown_suggestion_is_refused(bench: RegionBench) -> None:
    suggestion_id = bench.suggestion_id
    bench.weeks(3, 7)
    assert bench.rows(SUGGESTIONS)[1]["status"] == "expired"
    bench.decide("accept", suggestion_id)
    bench.decide("accept", "another")
    assert bench.reasons() == ["stale_decision", "unknown_suggestion"]


def test_an_account_that_moved_meanwhile_is_left_where_it_is(bench: RegionBench) -> None:
    bench.say(a_rep_set("third", -2.5))
    bench.say(an_assignment_set("a14", "third", DECIDED_ON, source="crm"))
    bench.decide("accept", bench.suggestion_id)
    assert [account for account, *_ in bench.changes()] == MOVED[:-1]


def test_an_account_moved_last_month_is_not_suggested_again() -> None:
    settings = Settings(change=Change(warm_up_weeks=2, budget_share_90_days=1.0, suggestion_cooldown_days=7))
    bench = a_region(settings=settings)
    bench.weeks(0, 3)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(3, 1)
    for i in range(5):
        bench.say(an_assignment_set(f"a{i:02d}", "east", sunday(3), source="crm"))
    bench.weeks(4, 6)
    moves = {m["account_id"] for row in bench.rows(SUGGESTIONS)[2:] for m in row["moves"]}
    assert moves
    assert moves.isdisjoint(MOVED)


def test_a_region_that_has_moved_more_than_its_budget_can_still_place_orphans() -> None:
    settings = Settings(change=Change(warm_up_weeks=2, budget_share_90_days=0.26, suggestion_cooldown_days=7))
    bench = a_region(settings=settings)
    bench.weeks(0, 3)
    bench.decide("accept", bench.suggestion_id)  # 5 of 20 accounts; then 16 are left, and 26 % of them are fewer
    closed = [f"a{i:02d}" for i in range(4)]
    bench.say(*(an_account_set(a, -3.0, status="closed", occurred_at=noon(sunday(3))) for a in closed))
    bench.say(a_rep_set("third", -2.5))
    bench.say(a_rep_set("west", -3.0, active_to=sunday(3), occurred_at=noon(sunday(3))))
    bench.weeks(3, 3)
    assert bench.count("solves_failed") == 0
    assert {m["from_rep"] for m in bench.suggestion()["moves"]} == {""}


def test_a_decision_that_comes_during_a_solve_waits_and_is_buried_if_it_fits_nothing() -> None:
    bench = a_region(solves_at_once=False)
    bench.weeks(0, 3)
    bench.decide("accept", "another")
    bench.decide("pin", account_id="a00", until=date(2027, 1, 1))
    assert bench.reasons() == []
    offset = len(bench.log["region-events"]) - 2
    bench.answer()
    assert [(letter["reason"], letter["offset"]) for letter in bench.letters()] == [("unknown_suggestion", offset)]


def test_moves_that_no_longer_fit_are_left_out_and_said() -> None:
    bench = a_region()
    bench.weeks(0, 4)
    moves = bench.suggestion()["moves"]
    assert len(moves) > 1
    gone = moves[0]["account_id"]
    bench.decide("pin", account_id=gone, until=sunday(60))
    bench.decide("accept", bench.suggestion_id, reason="fair")
    assert (
        bench.suggestion()["decision_reason"]
        == f"fair; 1 of {len(moves)} moves left out: {gone} (pinned until {sunday(60)})"
    )
    assert gone not in {account for account, *_ in bench.changes()}
