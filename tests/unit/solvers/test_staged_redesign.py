"""Territories from scratch and the stages to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.neighbours import neighbour_edges
from solvers.redesign import Redesign, redesign
from solvers.relief import Relief, relieved
from solvers.situation import Situation
from solvers.verify import breaks, verify
from streams.system.greenfield import stage_feed
from tests.unit.solvers.rebalancing_problems import a_problem
from tests.unit.solvers.test_reference_scenarios import a_country
from tests.unit.solvers.test_relief import HOPELESS, ORPHANED

QUICK = Budget(evaluations=150_000)
MOVES, EUR = 6, 250_000.0


@pytest.fixture(scope="module")
def situation() -> Situation:
    problem, where = a_country(accounts=50, max_moves=None)
    held = problem.movable.copy()
    held[:5] = False
    return Situation(
        "plain", replace(problem, movable=held, held_because=("pinned",) * 5 + ("",) * 45), 0.15, places=where
    )


@pytest.fixture(scope="module")
def found(situation: Situation) -> Redesign:
    return redesign(situation, MOVES, EUR, QUICK)


def test_every_stage_is_cheaper_to_run_than_the_one_before(found: Redesign) -> None:
    costs = [found.today.total_eur, *(stage.figures.total_eur for stage in found.stages)]
    assert len(costs) > 2
    assert all(after < before for before, after in pairwise(costs))
    assert costs[-1] == pytest.approx(found.target.total_eur, rel=0.02)
    assert found.bound_eur <= found.target.total_eur + 0.01


def test_every_stage_keeps_the_change_budget_and_the_rules(situation: Situation, found: Redesign) -> None:
    problem = situation.problem
    now = dict(zip(problem.account_ids, problem.current.tolist(), strict=True))
    for stage in found.stages:
        current = np.array([now[account] for account in problem.account_ids])
        for move in stage.moves:
            assert move.from_rep == problem.rep_ids[now[move.account_id]]
            now[move.account_id] = problem.rep_ids.index(move.to_rep)
        plan = [problem.rep_ids[now[account]] for account in problem.account_ids]
        assert verify(replace(problem, current=current, max_moves=MOVES, move_budget=EUR), plan) == []
        assert stage.potential_moved_eur <= EUR


def test_a_design_of_territories_in_one_piece_leads_through_stages_in_one_piece(situation: Situation) -> None:
    assert situation.places is not None
    edges = neighbour_edges(situation.places.on_plane().accounts)
    ruled = replace(situation.problem, edges=edges, contiguity="hard")
    design = redesign(replace(situation, problem=ruled), MOVES, EUR, QUICK)
    index = dict(zip(ruled.account_ids, range(ruled.accounts), strict=True))
    plan, today = ruled.current.tolist(), breaks(ruled, ruled.current.tolist())
    assert design.stages
    for stage in design.stages:
        for move in stage.moves:
            plan[index[move.account_id]] = ruled.rep_ids.index(move.to_rep)
        assert breaks(ruled, plan) <= today


def test_pinned_accounts_are_in_no_stage(situation: Situation, found: Redesign) -> None:
    moved = {move.account_id for stage in found.stages for move in stage.moves}
    assert not moved & set(situation.problem.account_ids[:5])


def test_what_the_changes_of_a_stage_cost_once_stands_beside_it(situation: Situation, found: Redesign) -> None:
    stage, weights = found.stages[0], situation.problem.weights
    once = len(stage.moves) * weights.handover + weights.churn_share * stage.potential_moved_eur
    assert stage.change_eur == pytest.approx(once)
    assert stage.figures.change_eur == 0


def test_accounts_of_nobody_get_a_rep_in_the_first_stage(situation: Situation) -> None:
    orphaned = situation.problem.current.copy()
    orphaned[10:14] = -1
    told = redesign(replace(situation, problem=replace(situation.problem, current=orphaned)), MOVES, EUR, QUICK)
    first = {move.account_id for move in told.stages[0].moves if not move.from_rep}
    assert first == {situation.problem.account_ids[i] for i in range(10, 14)}


@pytest.mark.parametrize(("change", "relief", "rule", "words"), HOPELESS, ids=[rule for _, _, rule, _ in HOPELESS])
def test_rules_that_leave_an_account_of_nobody_no_rep_give_by_the_least_and_the_design_says_so(
    change: dict[str, Any], relief: Relief, rule: str, words: str
) -> None:
    problem = a_problem(**(ORPHANED | change))
    told = redesign(Situation("plain", problem, 0.15), MOVES, EUR, QUICK)
    assert any(words in note for note in told.notes)
    given = dict(zip(problem.account_ids, problem.current.tolist(), strict=True))
    for move in (move for stage in told.stages for move in stage.moves):
        given[move.account_id] = problem.rep_ids.index(move.to_rep)
    plan = [problem.rep_ids[j] for j in given.values()]
    assert {one.rule for one in verify(problem, plan)} == {rule}
    assert verify(relieved(problem, relief), plan) == []


def test_an_account_of_nobody_whose_place_in_the_design_is_not_free_yet_goes_elsewhere_and_no_rule_gives() -> None:
    """In the design R1 has A3 to A5; today it has three others, of whom none may leave within the budget of a stage."""
    problem = a_problem(current=[0, 0, 1, 1, 1, -1], most_accounts=3)
    told = redesign(Situation("plain", problem, 0.15), MOVES, 50_000.0, QUICK)
    assert told.notes == ()
    assert [(move.account_id, move.to_rep) for stage in told.stages for move in stage.moves] == [("A5", "R0")]


def test_a_stage_is_published_as_assignments_with_ids_of_their_own(found: Redesign) -> None:
    feed = stage_feed(found.stages[0], date(2026, 4, 1))
    again = stage_feed(found.stages[0], date(2026, 4, 1))
    assert len(feed.roster) == len(found.stages[0].moves)
    assert feed == again


def test_an_account_larger_than_the_change_budget_is_named_as_left_out(situation: Situation) -> None:
    largest = int(situation.problem.potential.argmax())
    told = redesign(situation, MOVES, 150_000.0, QUICK)
    assert situation.problem.account_ids[largest] in told.left_out
