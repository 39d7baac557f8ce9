"""Somebody gives accounts to another rep by hand, in the CRM: it is done, and what would restore balance is offered."""

from __future__ import annotations

from datetime import timedelta

from schemas.settings import Change, Corridor, Settings
from schemas.topics import SUGGESTIONS
from tests.support.region import MONDAY, REGION, RegionBench, a_region, an_assignment_set

SETTINGS = Settings(
    change=Change(warm_up_weeks=2, budget_share_90_days=0.5), corridor=Corridor(tolerance=0.15, persistence_weeks=50)
)
TUESDAY = MONDAY + timedelta(days=22)


def a_balanced_region() -> RegionBench:
    bench = a_region(of_west=10, of_east=10, settings=SETTINGS)
    bench.weeks(0, 3)
    assert bench.rows(SUGGESTIONS) == []
    return bench


def by_hand(bench: RegionBench, *accounts: str, source: str = "crm") -> None:
    bench.say(*(an_assignment_set(account, "east", TUESDAY, source) for account in accounts))
    bench.weeks(3, 1)


def test_counter_moves_are_offered_the_same_day_and_leave_the_overridden_accounts_alone() -> None:
    bench = a_balanced_region()
    taken = ("a07", "a08", "a09")
    by_hand(bench, *taken)
    row = bench.suggestion()
    assert (row["cause"], row["created_on"], row["status"]) == ("override", TUESDAY.isoformat(), "proposed")
    assert {bench.owner_of(account) for account in taken} == {"east"}
    assert {move["to_rep"] for move in row["moves"]} == {"west"}
    assert not {move["account_id"] for move in row["moves"]} & set(taken)
    assert row["max_deviation_after"] < 0.15 < row["max_deviation_before"]


def test_an_override_that_keeps_the_balance_is_left_alone() -> None:
    bench = a_balanced_region()
    by_hand(bench, "a09")
    assert bench.rows(SUGGESTIONS) == []
    assert not bench.handler._regions[REGION].state.overridden


def test_an_import_is_no_override() -> None:
    bench = a_balanced_region()
    by_hand(bench, "a07", "a08", "a09", source="import")
    assert bench.rows(SUGGESTIONS) == []


def test_the_offer_lapses_when_the_override_is_taken_back() -> None:
    bench = a_balanced_region()
    by_hand(bench, "a07", "a08", "a09")
    back = TUESDAY + timedelta(days=7)
    bench.say(*(an_assignment_set(account, "west", back, "crm") for account in ("a07", "a08", "a09")))
    bench.weeks(4, 1)
    row = bench.suggestion()
    assert (row["status"], row["decision_reason"]) == ("expired", "the corridor holds again")
    assert len(bench.rows(SUGGESTIONS)) == 2


def test_an_override_inside_the_rest_after_a_suggestion_is_answered_when_the_rest_is_over() -> None:
    bench = a_balanced_region()
    by_hand(bench, "a07", "a08", "a09")
    bench.decide("reject", bench.suggestion_id)
    bench.say(an_assignment_set("a06", "east", TUESDAY + timedelta(days=8), "crm"))
    bench.weeks(4, 8)
    offers = [row for row in bench.rows(SUGGESTIONS) if row["status"] == "proposed"]
    assert [row["cause"] for row in offers] == ["override", "override"]
    rest = SETTINGS.change.suggestion_cooldown_days
    assert offers[1]["created_on"] > (TUESDAY + timedelta(days=rest)).isoformat()
