"""A rep who joins a region that runs is an occasion to propose."""

from __future__ import annotations

from datetime import timedelta

from schemas.settings import Change, Corridor, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region.news import rep_joined
from streams.handlers.region.roster import newly_joined, newly_left, set_rep
from streams.handlers.region.state import RegionState
from tests.support.region import MONDAY, REGION, RegionBench, a_region, a_rep_set, noon, sunday

PATIENT = Settings(
    change=Change(warm_up_weeks=2, budget_share_90_days=0.5), corridor=Corridor(tolerance=0.15, persistence_weeks=50)
)
WEDNESDAY = MONDAY + timedelta(days=23)


def say_a_third_joins(bench: RegionBench) -> None:
    bench.say(a_rep_set("third", -2.5, active_from=WEDNESDAY, occurred_at=noon(sunday(2))))


def told(bench: RegionBench) -> list[tuple[str, str, str]]:
    return [(row["cause"], row["status"], row["as_of"][:10]) for row in bench.rows(SUGGESTIONS)]


def test_who_joins_is_offered_accounts_on_the_first_day_and_the_suggestion_says_why() -> None:
    bench = a_region(10, 10, settings=PATIENT)
    bench.weeks(0, 3)
    assert told(bench) == []
    say_a_third_joins(bench)
    bench.weeks(3, 1)
    row = bench.suggestion()
    assert (row["cause"], row["created_on"], row["status"]) == ("rep_joined", WEDNESDAY.isoformat(), "proposed")
    assert row["reason"].startswith("a rep has joined and has less than a fair share: ")
    assert {move["to_rep"] for move in row["moves"]} == {"third"}
    assert row["max_deviation_after"] < row["max_deviation_before"]


def test_the_first_roster_of_a_region_is_no_occasion() -> None:
    bench = a_region(10, 10, settings=PATIENT)
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 6)
    assert told(bench) == []


def test_a_rep_who_comes_with_a_fair_share_is_no_occasion() -> None:
    bench = a_region(10, 10, settings=PATIENT.model_copy(update={"corridor": Corridor(tolerance=1.0)}))
    bench.weeks(0, 3)
    say_a_third_joins(bench)
    bench.weeks(3, 2)
    assert told(bench) == []
    assert bench.handler._regions[REGION].state.joined_reps == []


def test_a_suggestion_that_did_not_know_of_the_newcomer_gives_way_to_one_that_does() -> None:
    bench = a_region()
    bench.weeks(0, 3)
    say_a_third_joins(bench)
    bench.weeks(3, 1)
    first, gone, again = bench.rows(SUGGESTIONS)
    assert gone["suggestion_id"] == first["suggestion_id"]
    assert gone["decision_reason"] == "a rep has joined: another plan is needed"
    assert (again["cause"], again["created_on"]) == ("rep_joined", WEDNESDAY.isoformat())


def test_inside_the_rest_after_a_decision_the_newcomer_waits_for_its_end() -> None:
    bench = a_region(settings=PATIENT.model_copy(update={"corridor": Corridor(persistence_weeks=3)}))
    bench.weeks(0, 3)
    bench.decide("reject", bench.suggestion_id)
    say_a_third_joins(bench)
    bench.weeks(3, 8)
    offers = [row for row in bench.rows(SUGGESTIONS) if row["status"] == "proposed"]
    assert [row["cause"] for row in offers] == ["corridor", "rep_joined"]
    rest = PATIENT.change.suggestion_cooldown_days
    assert offers[1]["created_on"] > (sunday(2) + timedelta(days=rest)).isoformat()


def test_a_region_notes_each_newcomer_once_and_who_comes_back_anew() -> None:
    state = RegionState(REGION)
    set_rep(state, a_rep_set("west", -3.0))
    assert newly_joined(state, MONDAY) == [], "the first roster"
    set_rep(state, a_rep_set("east", -2.0, active_from=MONDAY + timedelta(days=2)))
    days = [MONDAY + timedelta(days=n) for n in range(9)]
    assert [newly_joined(state, day) for day in days[1:4]] == [[], ["east"], []]
    set_rep(state, a_rep_set("east", -2.0, active_to=days[4], occurred_at=noon(days[4])))
    assert (newly_left(state, days[5]), newly_joined(state, days[5])) == (["east"], [])
    set_rep(state, a_rep_set("east", -2.0, active_from=days[7], occurred_at=noon(days[6])))
    assert [newly_joined(state, day) for day in days[6:9]] == [[], ["east"], []]


def test_the_models_hear_of_a_newcomer_as_a_change_of_capacity_that_raises_no_alert_by_itself() -> None:
    event = rep_joined("east", RegionState(REGION), MONDAY)
    assert (event.kind, event.structural, event.note) == ("rep_joined", False, "east has joined")
    assert event.scopes == (("territory", "east"), ("region", ""))
