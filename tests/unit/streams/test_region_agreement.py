"""A large change takes two persons, a rep may challenge a move, and a suggestion that the world has overtaken lets go."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from tests.support.region import RegionBench, a_region, a_rep_set, an_assignment_set, sunday

MOVED = ["a10", "a11", "a12", "a13", "a14"]
SMALL = (("a10", "east"), ("a11", "east"))


def a_waiting_suggestion(**change: Any) -> RegionBench:
    """The suggestion to move a10..a14 from west to east is open."""
    bench = a_region(settings=Settings(change=Change(warm_up_weeks=2, budget_share_90_days=0.5, **change)))
    bench.weeks(0, 3)
    assert sorted(move["account_id"] for move in bench.suggestion()["moves"]) == MOVED
    return bench


@pytest.fixture(params=[{"second_approval_moves": 3}, {"second_approval_eur": 100_000}], ids=["moves", "potential"])
def large(request: pytest.FixtureRequest) -> RegionBench:
    """All five moves together are above the configured size."""
    return a_waiting_suggestion(**request.param)


def approvers(bench: RegionBench) -> list[str]:
    return [approval["decided_by"] for approval in bench.suggestion()["approvals"]]


def test_a_large_change_waits_for_a_second_person_and_both_are_named(large: RegionBench) -> None:
    suggestion_id = large.suggestion_id
    large.decide("accept", suggestion_id, decided_by="mia", effective_from=sunday(5))
    assert (large.suggestion()["status"], approvers(large), large.changes()) == ("proposed", ["mia"], [])
    large.decide("accept", suggestion_id, decided_by="noah")
    assert (large.suggestion()["status"], approvers(large)) == ("approved", ["mia", "noah"])
    assert large.suggestion()["decided_by"] == "noah"
    assert {valid_from for *_, valid_from, _ in large.changes()} == {sunday(5).isoformat()}
    assert len(large.changes()) == len(MOVED)


def test_the_same_person_is_no_second_one(large: RegionBench) -> None:
    large.decide("accept", large.suggestion_id, decided_by="mia", decision_id="1")
    large.decide("accept", large.suggestion_id, decided_by="mia", decision_id="2")
    assert large.reasons() == ["second_person_needed"]
    assert (large.suggestion()["status"], large.changes()) == ("proposed", [])


def test_two_persons_must_want_the_same_moves(large: RegionBench) -> None:
    large.decide("accept", large.suggestion_id, decided_by="mia")
    other = tuple((account, "east") for account in MOVED[1:])
    large.decide("accept", large.suggestion_id, decided_by="noah", moves=other)
    assert (large.suggestion()["status"], approvers(large), large.changes()) == ("proposed", ["noah"], [])
    large.decide("accept", large.suggestion_id, decided_by="mia", moves=other, decision_id="3")
    assert approvers(large) == ["noah", "mia"]
    assert [account for account, *_ in large.changes()] == MOVED[1:]


def test_a_small_change_takes_one_person(large: RegionBench) -> None:
    large.decide("accept", large.suggestion_id, decided_by="mia", moves=SMALL)
    assert (large.suggestion()["status"], approvers(large)) == ("approved", ["mia"])


def test_one_person_alone_can_say_no_to_what_another_has_approved(large: RegionBench) -> None:
    large.decide("accept", large.suggestion_id, decided_by="mia")
    large.decide("reject", large.suggestion_id, decided_by="noah", reason="season")
    assert (large.suggestion()["status"], large.changes()) == ("rejected", [])


def test_a_first_approval_survives_a_restart(large: RegionBench) -> None:
    suggestion_id = large.suggestion_id
    large.decide("accept", suggestion_id, decided_by="mia")
    large.replay()
    large.decide("accept", suggestion_id, decided_by="noah")
    assert approvers(large) == ["mia", "noah"]


def test_without_a_configured_size_one_person_decides_on_everything() -> None:
    bench = a_waiting_suggestion()
    bench.decide("accept", bench.suggestion_id, decided_by="mia")
    assert (bench.suggestion()["status"], approvers(bench)) == ("approved", ["mia"])


def test_a_challenge_stands_on_the_suggestion_and_decides_nothing() -> None:
    bench = a_waiting_suggestion()
    suggestion_id = bench.suggestion_id
    bench.decide("challenge", suggestion_id, account_id="a12", reason="deal_running", decided_by="rosa")
    row = bench.suggestion()
    assert (row["status"], row["revision"], row["decision_id"]) == ("proposed", 1, "")
    assert [(c["account_id"], c["reason"], c["challenged_by"]) for c in row["challenges"]] == [
        ("a12", "deal_running", "rosa")
    ]
    bench.decide("accept", suggestion_id, decided_by="mia")
    assert len(bench.changes()) == len(MOVED)
    bench.decide("challenge", suggestion_id, account_id="a12", reason="language", decided_by="rosa")
    bench.decide("challenge", suggestion_id, account_id="a13", reason="season", decided_by="otto")
    assert [(c["account_id"], c["reason"]) for c in bench.suggestion()["challenges"]] == [
        ("a12", "language"), ("a13", "season"),
    ]  # fmt: skip
    assert bench.suggestion()["status"] == "approved"


def test_a_challenge_of_what_is_not_moved_or_is_over_is_refused() -> None:
    bench = a_waiting_suggestion()
    suggestion_id = bench.suggestion_id
    bench.decide("challenge", suggestion_id, account_id="a00", reason="season")
    bench.decide("reject", suggestion_id, reason="season")
    bench.decide("challenge", suggestion_id, account_id="a12", reason="season")
    assert bench.reasons() == ["unknown_move", "stale_decision"]


def test_while_other_moves_still_fit_a_stale_choice_is_refused_and_the_suggestion_waits_on() -> None:
    bench = a_waiting_suggestion()
    bench.decide("pin", account_id="a12", until=date(2027, 1, 1))
    bench.decide("accept", bench.suggestion_id, moves=(("a12", "east"),))
    assert bench.reasons() == ["stale_suggestion"]
    assert bench.suggestion()["status"] == "proposed"


def test_a_suggestion_that_the_world_has_overtaken_is_refused_closed_and_solved_anew() -> None:
    bench = a_waiting_suggestion()
    suggestion_id = bench.suggestion_id
    for account in MOVED[:3]:
        bench.decide("pin", account_id=account, until=date(2027, 1, 1))
    bench.say(a_rep_set("third", -2.5))
    for account in MOVED[3:]:
        bench.say(an_assignment_set(account, "third", sunday(2), source="crm"))
    bench.decide("accept", suggestion_id, decided_by="mia")
    assert bench.reasons() == ["stale_suggestion"]
    assert bench.changes() == []
    said = bench.rows(SUGGESTIONS)[-1]
    assert (said["status"], said["decision_reason"]) == ("expired", "no move fits today's assignments any more")
    bench.weeks(3, 1)
    assert (bench.suggestion()["status"], bench.suggestion_id != suggestion_id) == ("proposed", True)
    assert {move["account_id"] for move in bench.suggestion()["moves"]}.isdisjoint(MOVED[:3])
