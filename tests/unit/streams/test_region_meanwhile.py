"""While a suggestion waits the world moves on: what planning would not move now is not moved by a late yes either."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.words import Words
from schemas.region_log import DealSet
from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from streams.handlers.region import budget
from streams.handlers.region.planning import problem_of
from tests.support.region import REGION, RegionBench, a_region, a_rep_set, an_assignment_set, noon, sunday

DECIDED_ON = sunday(2)
MOVED = ["a10", "a11", "a12", "a13", "a14"]


def a_waiting_suggestion(**change: Any) -> RegionBench:
    """The suggestion to move a10..a14 from west to east is open."""
    bench = a_region(settings=Settings(change=Change(**({"warm_up_weeks": 2, "budget_share_90_days": 0.5} | change))))
    bench.weeks(0, 3)
    assert sorted(move["account_id"] for move in bench.suggestion()["moves"]) == MOVED
    return bench


def there_and_back(bench: RegionBench, account_id: str) -> None:
    """The CRM gives the account to a third rep and back again."""
    bench.say(a_rep_set("third", -2.5))
    bench.say(an_assignment_set(account_id, "third", DECIDED_ON - timedelta(days=1), source="crm"))
    bench.say(an_assignment_set(account_id, "west", DECIDED_ON, source="crm"))


def a_deal(bench: RegionBench, account_id: str) -> None:
    bench.say(DealSet(account_id, "D7", True, noon(DECIDED_ON), "deal-7"))


def a_pin(bench: RegionBench, account_id: str) -> None:
    bench.decide("pin", account_id=account_id, until=sunday(60), reason="season")


HELD = [
    (there_and_back, "moved on 2026-01-25, rests until 2026-07-24", "transféré le 25 janv. 2026, au repos jusqu’au 24 juil. 2026"),
    (a_deal, "deal D7 is open since 2026-01-25", "l’affaire D7 est ouverte depuis le 25 janv. 2026"),
    (a_pin, "pinned until 2027-03-07: season", "épinglé jusqu’au 7 mars 2027 : Pas en cette saison"),
]  # fmt: skip


@pytest.mark.parametrize(("happens", "why", "pourquoi"), HELD, ids=["moved and moved back", "a deal", "a pin"])
def test_an_account_that_is_held_meanwhile_stays_and_the_suggestion_says_why(
    happens: Any, why: str, pourquoi: str
) -> None:
    bench = a_waiting_suggestion()
    happens(bench, "a12")
    bench.decide("accept", bench.suggestion_id, reason="fair")
    assert [account for account, *_ in bench.changes()] == ["a10", "a11", "a13", "a14"]
    said = bench.suggestion()["decision_reason"]
    assert said == f"fair; 1 of 5 moves left out: a12 ({why})"
    assert Words("fr").reason(said) == f"fair; 1 transferts sur 5 laissés de côté : a12 ({pourquoi})."


@pytest.mark.parametrize("happens", [there_and_back, a_deal, a_pin])
def test_what_planning_would_hold_today_is_what_an_acceptance_leaves_out(happens: Any) -> None:
    bench = a_waiting_suggestion()
    happens(bench, "a12")
    state = bench.handler._regions[REGION].state
    problem, accounts = problem_of(state, DECIDED_ON, Settings())
    held = {account.now.account_id for account, stays in zip(accounts, problem.held, strict=True) if stays}
    bench.decide("accept", bench.suggestion_id)
    assert held & set(MOVED) == set(MOVED) - {account for account, *_ in bench.changes()} == {"a12"}


def test_choosing_only_what_is_held_is_refused_with_the_reason_and_the_rest_waits_on() -> None:
    bench = a_waiting_suggestion()
    a_deal(bench, "a12")
    bench.decide("accept", bench.suggestion_id, moves=(("a12", "east"),))
    (letter,) = bench.letters()
    assert letter["reason"] == "stale_suggestion"
    assert letter["detail"] == "no listed move can be made any more: a12 (deal D7 is open since 2026-01-25)"
    assert bench.suggestion()["status"] == "proposed"


def test_a_suggestion_all_of_whose_accounts_are_held_meanwhile_closes() -> None:
    bench = a_waiting_suggestion()
    for number, account in enumerate(MOVED):
        bench.say(DealSet(account, f"D{number}", True, noon(DECIDED_ON), f"deal-{number}"))
    bench.decide("accept", bench.suggestion_id)
    assert bench.reasons() == ["stale_suggestion"]
    assert (bench.suggestion()["status"], bench.changes()) == ("expired", [])


def test_whom_nobody_serves_has_to_go_somewhere_even_with_an_open_deal() -> None:
    bench = a_region()
    bench.say(a_rep_set("third", -2.5))
    bench.weeks(0, 3)
    bench.say(a_rep_set("east", -2.0, active_to=sunday(2), occurred_at=noon(sunday(2))))
    bench.weeks(3, 1)
    assert bench.suggestion()["cause"] == "rep_left"
    orphans = {move["account_id"] for move in bench.suggestion()["moves"] if not move["from_rep"]}
    a_deal(bench, min(orphans))
    bench.decide("accept", bench.suggestion_id)
    assert orphans <= {account for account, *_ in bench.changes()}


def spend(bench: RegionBench, share: float) -> float:
    """Others have brought that share of the region's potential to other reps; its EUR."""
    state = bench.handler._regions[REGION].state
    eur = share * budget.total_potential(state, DECIDED_ON)
    state.moved_eur.append((DECIDED_ON, eur))
    return eur


def test_more_than_is_left_of_the_change_budget_is_refused_and_fewer_moves_are_not() -> None:
    bench = a_waiting_suggestion()
    spend(bench, 0.35)  # of 0.5, and each of the twenty accounts holds 0.05
    bench.decide("accept", bench.suggestion_id)
    (letter,) = bench.letters()
    assert letter["reason"] == "over_budget"
    assert "choose fewer" in letter["detail"]
    assert str(Words("fr").limit(letter["detail"])).endswith("du budget de changement : choisissez-en moins.")
    assert (bench.suggestion()["status"], bench.changes()) == ("proposed", [])
    bench.decide("accept", bench.suggestion_id, moves=tuple((account, "east") for account in MOVED[:3]))
    assert [account for account, *_ in bench.changes()] == MOVED[:3]


def test_a_budget_that_is_used_up_closes_the_suggestion() -> None:
    bench = a_waiting_suggestion()
    spend(bench, 0.5)
    bench.decide("accept", bench.suggestion_id)
    assert bench.reasons() == ["over_budget"]
    row = bench.suggestion()
    assert (row["status"], row["decision_reason"]) == (
        "expired",
        "what is left of the change budget allows no move any more",
    )


def test_undoing_an_earlier_suggestion_takes_from_the_budget_of_one_that_waits() -> None:
    bench = a_waiting_suggestion(budget_share_90_days=0.3, suggestion_cooldown_days=7)
    first = bench.suggestion_id
    bench.decide("accept", first, moves=(("a14", "east"), ("a13", "east")))
    bench.weeks(3, 3)
    waiting = bench.suggestion()
    assert (waiting["status"], waiting["suggestion_id"] != first, len(waiting["moves"])) == ("proposed", True, 3)
    bench.decide("undo", first)
    bench.decide("accept", waiting["suggestion_id"])
    assert bench.reasons() == ["over_budget"]


def test_the_budget_of_a_rep_is_kept_too_whoever_names_the_moves() -> None:
    bench = a_waiting_suggestion(rep_budget_share_90_days=0.6)  # of half of twenty accounts: six
    bench.decide("modify", bench.suggestion_id, moves=tuple((f"a{n:02d}", "east") for n in range(8, 15)))
    (letter,) = bench.letters()
    assert letter["reason"] == "over_budget"
    assert "to or leave" in letter["detail"]
    assert Words("fr").limit(letter["detail"]) is not None
    bench.decide("modify", bench.suggestion_id, moves=tuple((f"a{n:02d}", "east") for n in range(9, 15)))
    assert len(bench.changes()) == 6


def test_a_plan_that_takes_the_whole_budget_is_not_refused_because_potentials_are_estimated_anew() -> None:
    bench = a_waiting_suggestion(budget_share_90_days=0.2501)
    bench.weeks(3, 2, eur=300.0)
    state = bench.handler._regions[REGION].state
    today = sum(state.accounts[account].potential_eur for account in MOVED)
    assert budget.total_potential(state, sunday(4)) < 0.99 * state.suggestions[bench.suggestion_id].total_eur
    assert today > 0
    bench.decide("accept", bench.suggestion_id)
    assert len(bench.changes()) == len(MOVED)


def test_a_choice_of_nothing_is_refused_and_says_so() -> None:
    bench = a_waiting_suggestion()
    bench.decide("modify", bench.suggestion_id)
    (letter,) = bench.letters()
    assert (letter["reason"], letter["detail"]) == (
        "stale_suggestion",
        "no listed move can be made any more: none is listed",
    )
    assert bench.rows(SUGGESTIONS)[-1]["status"] == "proposed"
