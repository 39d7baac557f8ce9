"""A rep is absent for weeks: colleagues stand in, the territories stay, and it ends by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region.planning import problem_of, standing
from tests.support.region import MONDAY, REGION, RegionBench, a_region, a_rep_set, noon

SETTINGS = Settings(change=Change(warm_up_weeks=60, cover_lead_days=14))
AWAY, BACK = MONDAY + timedelta(days=27), MONDAY + timedelta(days=50)
EASTERN = [f"a{n:02d}" for n in range(15, 20)]


def an_absence(**fields: object) -> RegionBench:
    """Two weeks in, "east" tells of an absence that begins in the fourth week; "middle" and "west" are there."""
    bench = a_region(settings=SETTINGS)
    bench.say(a_rep_set("middle", -2.4))
    bench.weeks(0, 1)
    values = {"absent_from": AWAY, "absent_to": BACK, "occurred_at": noon(MONDAY + timedelta(days=7))} | fields
    bench.say(a_rep_set("east", -2.0, **values))
    return bench


def covered(bench: RegionBench) -> dict[str, str]:
    return {account: cover.rep_id for account, cover in bench.handler._regions[REGION].state.covers.items()}


def told(bench: RegionBench, kind: str) -> list[tuple[str, str, str, str]]:
    """(account, from, to, since) of the outbox."""
    return [change[:4] for change in bench.changes() if change[4] == kind]


def test_two_weeks_before_an_absence_a_cover_is_proposed_for_every_account_and_no_other_moves() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    (row,) = bench.rows(SUGGESTIONS)
    assert row["cause"] == "rep_absent"
    assert row["created_on"] == (AWAY - timedelta(days=14)).isoformat()
    assert sorted(move["account_id"] for move in row["moves"]) == EASTERN
    assert {move["from_rep"] for move in row["moves"]} == {"east"}
    assert {move["to_rep"] for move in row["moves"]} <= {"middle", "west"}
    assert row["reason"] == (
        f"absent: east from {AWAY} to {BACK}; colleagues stand in for 5 accounts, the territories stay as they are"
    )
    assert row["moves"][0]["reason"].endswith(f"stands in for east, absent from {AWAY} to {BACK}")
    assert (row["frontier"], row["frontier_moves"], row["scenarios"]) == ([], [], [])  # a part of a cover is none


def test_an_accepted_cover_begins_with_the_absence_and_ends_with_it_and_no_account_changes_its_rep() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    assert sorted(covered(bench)) == EASTERN
    assert [change[0] for change in told(bench, "cover")] == EASTERN
    assert {(source, since) for _, source, _, since in told(bench, "cover")} == {("east", AWAY.isoformat())}
    bench.weeks(2, 5)
    assert sorted(covered(bench)) == EASTERN
    bench.weeks(7, 1)
    assert covered(bench) == {}
    ended = told(bench, "cover_end")
    assert [(account, target) for account, _, target, _ in ended] == [(account, "east") for account in EASTERN]
    assert {since for *_, since in ended} == {(BACK + timedelta(days=1)).isoformat()}
    assert {bench.owner_of(account) for account in EASTERN} == {"east"}
    assert len(bench.rows(SUGGESTIONS)) == 2  # proposed and approved: nobody is asked twice for an absence


def test_an_absence_does_not_unbalance_the_territories() -> None:
    bench, quiet = an_absence(), a_region(settings=SETTINGS)
    quiet.say(a_rep_set("middle", -2.4))
    quiet.weeks(0, 5)
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(2, 3)
    day = MONDAY + timedelta(days=34)
    states = [one.handler._regions[REGION].state for one in (bench, quiet)]
    assert standing(states[0], day) == standing(states[1], day)
    assert states[0].moved_eur == []
    assert states[0].rest_until is None


def test_while_absent_a_rep_gets_no_account() -> None:
    bench = an_absence()
    bench.weeks(1, 3)
    state = bench.handler._regions[REGION].state
    problem, _ = problem_of(state, AWAY, SETTINGS)
    east = problem.rep_ids.index("east")
    assert problem.eligible is not None
    assert problem.eligible[:, east].tolist() == (problem.current == east).tolist()
    assert problem_of(state, AWAY - timedelta(days=1), SETTINGS)[0].eligible is None


@pytest.mark.parametrize(
    ("news", "until"),
    [
        ({"absent_to": AWAY + timedelta(days=8)}, AWAY + timedelta(days=9)),
        ({"absent_from": None, "absent_to": None}, MONDAY + timedelta(days=29)),
        ({"active_to": AWAY + timedelta(days=8)}, AWAY + timedelta(days=9)),
    ],
    ids=["back sooner", "not absent after all", "leaves for good"],
)
def test_a_cover_ends_when_its_reason_ends(news: dict[str, object], until: date) -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(2, 2)
    values = {"absent_from": AWAY, "absent_to": BACK, "occurred_at": noon(AWAY)} | news
    bench.say(a_rep_set("east", -2.0, **values))
    bench.weeks(4, 2)
    assert covered(bench) == {}
    assert {since for *_, since in told(bench, "cover_end")} == {until.isoformat()}


def test_a_longer_absence_is_covered_to_its_end() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(2, 3)
    longer = BACK + timedelta(days=30)
    bench.say(a_rep_set("east", -2.0, absent_from=AWAY, absent_to=longer, occurred_at=noon(AWAY)))
    bench.weeks(5, 8)
    assert {since for *_, since in told(bench, "cover_end")} == {(longer + timedelta(days=1)).isoformat()}


def test_who_stands_in_and_cannot_any_more_is_replaced_by_a_new_proposal() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(2, 2)
    (substitute,) = set(covered(bench).values())
    bench.say(a_rep_set(substitute, -2.4, active_to=MONDAY + timedelta(days=30), occurred_at=noon(AWAY)))
    bench.weeks(4, 1)
    assert covered(bench) == {}
    proposals = [row for row in bench.rows(SUGGESTIONS) if row["status"] == "proposed" and row["cause"] == "rep_absent"]
    assert len(proposals) == 2
    assert {move["to_rep"] for move in proposals[-1]["moves"]} == {"west"}


def test_an_undone_cover_never_begins() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.decide("undo", bench.suggestion_id)
    assert covered(bench) == {}
    assert bench.suggestion()["status"] == "rolled_back"
    assert {since for *_, since in told(bench, "cover_end")} == {AWAY.isoformat()}
    bench.weeks(2, 3)
    assert len(told(bench, "cover_end")) == 5


def test_a_part_of_a_cover_may_be_accepted_and_given_to_somebody_else() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("modify", bench.suggestion_id, moves=(("a15", "west"), ("a16", "middle")))
    assert covered(bench) == {"a15": "west", "a16": "middle"}


def test_nobody_stands_in_for_a_rep_who_is_there() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("modify", bench.suggestion_id, moves=(("a00", "middle"),))
    assert bench.reasons() == ["stale_suggestion"]
    bench.decide("accept", bench.suggestion_id, effective_from=BACK + timedelta(days=1))
    assert bench.reasons() == ["stale_suggestion", "stale_suggestion"]
    assert covered(bench) == {}
    assert bench.suggestion()["status"] == "proposed"


def test_a_proposal_that_nobody_decided_lapses_when_the_rep_is_back() -> None:
    bench = an_absence(absent_to=AWAY + timedelta(days=3))
    bench.weeks(1, 4)
    row = bench.suggestion()
    assert (row["status"], row["decision_reason"]) == ("expired", "nobody is absent any more")


def test_a_second_absence_renews_a_proposal_that_waits() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.say(a_rep_set("middle", -2.4, absent_from=AWAY, absent_to=BACK, occurred_at=noon(MONDAY)))
    bench.weeks(2, 1)
    first, lapsed, second = bench.rows(SUGGESTIONS)
    assert (lapsed["suggestion_id"], lapsed["status"]) == (first["suggestion_id"], "expired")
    assert {move["to_rep"] for move in second["moves"]} == {"west"}


def test_covers_survive_a_crash() -> None:
    bench = an_absence()
    bench.weeks(1, 1)
    bench.decide("accept", bench.suggestion_id)
    bench.weeks(2, 2)
    before = covered(bench)
    bench.replay()
    assert covered(bench) == before
    bench.weeks(4, 4)
    assert len({tuple(change) for change in told(bench, "cover_end")}) == 5


def test_where_nobody_could_stand_in_it_is_said_once() -> None:
    bench = a_region(settings=SETTINGS)
    bench.say(
        a_rep_set("east", -2.0, absent_from=AWAY, absent_to=BACK),
        a_rep_set("west", -3.0, absent_from=AWAY, absent_to=BACK),
    )
    bench.weeks(0, 5)
    assert bench.rows(SUGGESTIONS) == []
    assert len([note for note in bench.notes if "no plan can be asked for" in note]) == 1
