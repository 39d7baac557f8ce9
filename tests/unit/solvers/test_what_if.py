"""Questions that touch nothing: each change alone, and what makes no sense."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from schemas.what_if import (
    AccountCloses,
    AccountsMove,
    MarketShift,
    OtherCorridor,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfRefusedError,
)
from solvers.budget import Budget
from solvers.objective import costs_of
from solvers.places import Places
from solvers.rebalance import rebalance
from solvers.situation import Situation, changed
from solvers.what_if import what_if
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=20_000)


def a_situation(**changes: object) -> Situation:
    """Six accounts along a road, two reps at its ends; the western one has four."""
    places = Places(
        np.array([[48.0, -3.0 + i * 0.134] for i in range(6)]), np.array([[48.0, -3.0], [48.0, -3.0 + 5 * 0.134]])
    )
    values = {"distance_km": places.distance_km(), "max_moves": 3, **changes}
    return Situation("west", a_problem(**values), tolerance=0.15, places=places)


def refusal(situation: Situation, *changes: object) -> str:
    with pytest.raises(WhatIfRefusedError) as caught:
        changed(situation, changes)  # type: ignore[arg-type]
    return str(caught.value)


def test_without_a_change_it_is_what_the_solver_would_propose_today() -> None:
    situation = a_situation()
    answer = what_if(situation, (), QUICK)
    solution = rebalance(situation.problem, QUICK)
    assert [(m.account_id, m.to_rep) for m in answer.moves] == [(m.account_id, m.to_rep) for m in solution.moves] != []
    assert answer.today.total_eur == answer.nothing.total_eur == pytest.approx(solution.before.total_eur)
    assert answer.plan.total_eur == pytest.approx(solution.after.total_eur)
    assert answer.worth_eur == pytest.approx(answer.nothing.total_eur - answer.plan.total_eur)
    assert answer.bound_eur <= answer.plan.total_eur
    assert answer.told == ()


def test_the_accounts_of_a_rep_who_leaves_go_to_the_others() -> None:
    answer = what_if(a_situation(), [RepLeaves(rep_id="R1")], QUICK)
    assert answer.told == ("R1 leaves: 2 accounts with 200 kEUR need another rep",)
    assert {(m.account_id, m.from_rep, m.to_rep) for m in answer.moves} == {("A4", "", "R0"), ("A5", "", "R0")}
    assert answer.today.move_count == answer.nothing.move_count == 0


def test_the_only_rep_cannot_leave() -> None:
    alone = a_situation()
    once = changed(alone, [RepLeaves(rep_id="R1")])[0]
    assert "R0 is the only rep" in refusal(once, RepLeaves(rep_id="R0"))


def test_a_rep_who_joins_gets_accounts_near_the_new_home() -> None:
    answer = what_if(a_situation(), [RepJoins(rep_id="new", home_lat=48.0, home_lon=-2.8, weekly_hours=35)], QUICK)
    assert answer.told == ("new joins with 35 hours a week",)
    assert {m.to_rep for m in answer.moves} == {"new"}
    assert answer.plan.max_deviation < 1 < answer.nothing.max_deviation


def test_a_rep_who_joins_as_a_beginner_is_given_less_than_a_whole_territory() -> None:
    after, _ = changed(a_situation(), [RepJoins(home_lat=48, home_lon=-2.8, seniority=0.5)])
    assert after.problem.seniority is not None
    assert after.problem.seniority.tolist() == [1, 1, 0.5]
    once_more, _ = changed(after, [RepJoins(rep_id="other", home_lat=48, home_lon=-2.8)])
    assert once_more.problem.seniority is not None
    assert once_more.problem.seniority.tolist() == [1, 1, 0.5, 1]


def test_a_rep_who_joins_serves_only_accounts_whose_skills_he_has() -> None:
    asking = a_situation()
    asking = Situation(
        "west", asking.problem, 0.15, places=asking.places, required=(("dairy",), ("wine",), (), (), (), ())
    )
    after, _ = changed(asking, [RepJoins(home_lat=48, home_lon=-2.9, skills=("dairy",))])
    assert after.problem.eligible is not None
    assert after.problem.eligible[:, 2].tolist() == [True, False, True, True, True, True]


def test_an_account_that_closes_takes_its_potential_and_its_edges_along() -> None:
    road = a_situation(edges=[(i, i + 1) for i in range(5)])
    after, told = changed(road, [AccountCloses(account_id="A5")])
    assert told == ("A5 closes, 100 kEUR a year",)
    assert after.problem.account_ids == ("A0", "A1", "A2", "A3", "A4")
    assert after.problem.edges is not None
    assert after.problem.edges.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert after.places is not None
    assert len(after.places.accounts) == 5


GIVEN = AccountsMove(rep_id="R0", account_ids=("A4", "A5"))


def test_accounts_that_are_given_away_count_as_moved_and_the_plan_answers_around_them() -> None:
    answer = what_if(a_situation(max_moves=2), [GIVEN], QUICK)
    assert answer.told == ("2 accounts go to R0, with 200 kEUR",)
    assert (answer.today.move_count, answer.nothing.move_count, answer.plan.move_count) == (0, 2, 4)
    assert {(m.from_rep, m.to_rep) for m in answer.moves} == {("R0", "R1")}
    assert {m.account_id for m in answer.moves}.isdisjoint(GIVEN.account_ids)
    assert len(answer.moves) == 2
    assert answer.nothing.potential_moved_eur == 200_000
    assert answer.nothing.max_deviation == pytest.approx(1)
    assert answer.plan.max_deviation == pytest.approx(1 / 3)


def test_what_giving_accounts_away_costs_includes_handing_them_over() -> None:
    here = a_situation()
    answer = what_if(here, [GIVEN, OtherLimit(max_moves=0)], QUICK)
    as_is = costs_of(here.problem)
    given = np.array([0] * 6)
    assert answer.cost_eur == pytest.approx(as_is.total(given) - as_is.total(here.problem.current))
    assert answer.nothing.change_eur == pytest.approx(as_is.change[4:].sum())
    assert answer.bound_eur <= answer.plan.total_eur == pytest.approx(as_is.total(given))
    assert answer.worth_eur == 0


def test_accounts_that_had_no_rep_before_are_no_part_of_what_the_changes_cost() -> None:
    """To today they cost nothing, since nobody serves them: the same is imagined of today, that the cheapest rep does."""
    closing = [AccountCloses(account_id="A0"), OtherLimit(max_moves=0)]
    answer = what_if(a_situation(current=np.array([0, 0, 0, 0, 1, -1])), closing, QUICK)
    placed = what_if(a_situation(current=np.array([0, 0, 0, 0, 1, 1])), closing, QUICK)
    assert answer.today.total_eur != pytest.approx(placed.today.total_eur)
    assert answer.cost_eur == pytest.approx(placed.cost_eur)


def test_territories_are_shown_from_today_not_from_after_the_gift() -> None:
    answer = what_if(a_situation(), [AccountsMove(rep_id="R1", account_ids=("A3",)), OtherLimit(max_moves=0)], QUICK)
    assert [(e.rep_id, e.accounts_before, e.accounts_after) for e in answer.effects] == [("R0", 4, 3), ("R1", 2, 3)]


def test_accounts_may_go_to_a_rep_who_joins_in_the_same_question() -> None:
    joins = RepJoins(rep_id="new", home_lat=48, home_lon=-2.8)
    answer = what_if(a_situation(), [joins, AccountsMove(rep_id="new", account_ids=("A1", "A1"))], QUICK)
    assert answer.told[1] == "A1 goes to new, with 100 kEUR"
    assert "A1" not in {move.account_id for move in answer.moves}
    assert answer.plan.move_count == 1 + len(answer.moves)


def test_the_price_of_the_changes_is_untold_where_the_question_changes_the_prices() -> None:
    assert what_if(a_situation(), [GIVEN, OtherWeights(weights={"handover": 1.0})], QUICK).cost_eur is None


def test_an_account_without_a_known_way_to_its_new_rep_neither_saves_nor_costs_travel() -> None:
    nowhere = a_situation(distance_km=np.array([[10.0 * i, np.nan if i == 3 else 50.0 - 10 * i] for i in range(6)]))
    answer = what_if(nowhere, [AccountsMove(rep_id="R1", account_ids=("A3",)), OtherLimit(max_moves=0)], QUICK)
    assert answer.nothing.travel_eur == pytest.approx(answer.today.travel_eur)


def test_accounts_that_may_not_be_given_are_named_with_the_reason() -> None:
    eligible = np.ones((6, 2), bool)
    eligible[1, 1] = False
    movable = np.array([False, True, True, True, True, True])
    held = ("pinned until 2026-09-01: season", "", "", "", "", "")
    here = a_situation(eligible=eligible, movable=movable, held_because=held, family=np.array([-1, -1, 7, 7, 7, -1]))
    asking = replace(here, required=((), ("wine",), (), (), (), ()))

    def to_r1(*accounts: str) -> AccountsMove:
        return AccountsMove(rep_id="R1", account_ids=accounts)

    assert refusal(asking, to_r1("A0", "A1", "A2")) == (
        "change 1 (accounts_move): may not move: A0 (pinned until 2026-09-01: season); "
        "change 1 (accounts_move): not for R1, who is absent or lacks a skill: A1 (asks for wine); "
        "change 1 (accounts_move): would part from their family, name them too: A3 (with R0)"
    )
    assert "no rep 'R9' here" in refusal(here, AccountsMove(rep_id="R9", account_ids=("A0",)))
    assert "no account 'X' here" in refusal(here, to_r1("X"))
    assert "nothing would change: A4 belong to R1 already" in refusal(here, to_r1("A4"))
    again = AccountsMove(rep_id="R0", account_ids=("A2", "A3"))
    assert "may not move: A2 (the question gives it to R1)" in refusal(here, to_r1("A2", "A3"), again)


def test_a_market_event_hits_named_accounts_a_circle_or_the_whole_region() -> None:
    here = a_situation()
    named = changed(here, [MarketShift(effect=-0.3, account_ids=("A1",))])[0].problem.potential
    circle = changed(here, [MarketShift(effect=0.5, lat=48.0, lon=-3.0, radius_km=12)])[0].problem.potential
    whole = changed(here, [MarketShift(effect=-1)])[0].problem.potential
    assert named.tolist() == [100_000, 70_000, 100_000, 100_000, 100_000, 100_000]
    assert circle.tolist() == [150_000, 150_000, 100_000, 100_000, 100_000, 100_000]
    assert whole.tolist() == [0] * 6


def test_a_circle_around_nobody_is_refused() -> None:
    assert "no account lies within 1 km" in refusal(a_situation(), MarketShift(effect=-0.5, lat=0, lon=0, radius_km=1))


def test_other_weights_price_doing_nothing_and_the_plan_but_not_today() -> None:
    here = a_situation()
    answer = what_if(here, [OtherWeights(weights={"travel_per_km": 10.2})], QUICK)
    assert answer.nothing.travel_eur == pytest.approx(10 * answer.today.travel_eur)
    assert answer.nothing.total_eur == pytest.approx(costs_of(changed(here, [OtherWeights(weights={"travel_per_km": 10.2})])[0].problem).total(here.problem.current))  # fmt: skip


def test_unbalance_inside_another_corridor_costs_nothing() -> None:
    answer = what_if(a_situation(), [OtherCorridor(tolerance=0.34)], QUICK)
    assert (answer.nothing.balance_eur, answer.moves, answer.within_corridor) == (0.0, (), True)


def test_another_limit_on_moves_is_kept() -> None:
    assert what_if(a_situation(), [OtherLimit(max_moves=0)], QUICK).moves == ()


def test_a_question_that_makes_no_sense_names_the_change_and_the_reason() -> None:
    here = a_situation()
    assert refusal(here, RepLeaves(rep_id="R9")) == "change 1 (rep_leaves): no rep 'R9' here; there are 2: R0, R1 ..."
    assert "change 2 (account_closes): no account 'X'" in refusal(
        here, OtherLimit(max_moves=1), AccountCloses(account_id="X")
    )
    assert "weights.travel: Extra inputs" in refusal(here, OtherWeights(weights={"travel": 1.0}))
    assert "balance_slopes must not fall" in refusal(here, OtherWeights(weights={"balance_slopes": (0.4, 0.2, 0.1)}))
    assert "there is a rep R0 already" in refusal(here, RepJoins(rep_id="R0", home_lat=48, home_lon=-3))
    assert "all three" in refusal(here, MarketShift(effect=-0.5, lat=48))


def test_an_account_whom_no_other_rep_may_serve_keeps_its_rep_from_leaving() -> None:
    eligible = np.ones((6, 2), bool)
    eligible[4, 0] = False
    assert "no rep and no eligible rep: A4" in refusal(a_situation(eligible=eligible), RepLeaves(rep_id="R1"))


def test_asking_changes_nothing() -> None:
    here = a_situation()
    before = here.problem.to_bytes()
    what_if(here, [RepLeaves(rep_id="R1"), MarketShift(effect=-0.5), OtherLimit(max_moves=0)], QUICK)
    assert here.problem.to_bytes() == before


def test_a_question_and_its_refusal_travel_between_processes() -> None:
    here = pickle.loads(pickle.dumps(a_situation()))  # noqa: S301 - our own bytes
    assert what_if(here, (), QUICK) == what_if(a_situation(), (), QUICK)
    error = pickle.loads(pickle.dumps(WhatIfRefusedError(("one", "two"))))  # noqa: S301
    assert error.findings == ("one", "two")
