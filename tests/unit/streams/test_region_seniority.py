"""Who is new to the trade is ready for a smaller territory: the fair share follows the seniority of the rep."""

from __future__ import annotations

import pytest

from schemas.settings import Change, Settings
from schemas.topics import SUGGESTIONS
from solvers.penalty import fair_shares
from streams.handlers.region.planning import problem_of, standing
from tests.support.region import REGION, a_region, a_rep_set

SETTINGS = Settings(change=Change(warm_up_weeks=2, budget_share_90_days=0.5))


def test_a_territory_of_a_third_is_fair_for_a_rep_who_is_ready_for_half_of_one() -> None:
    bench = a_region(of_west=12, of_east=6, settings=SETTINGS)
    bench.say(a_rep_set("east", -2.0, seniority=0.5))
    bench.weeks(0, 4)
    state = bench.handler._regions[REGION].state
    day = state.closed
    assert day is not None
    assert standing(state, day).worst < 0.05
    assert bench.rows(SUGGESTIONS) == []


def test_the_same_territories_are_unfair_once_the_rep_is_ready_for_a_whole_one() -> None:
    bench = a_region(of_west=12, of_east=6, settings=SETTINGS)
    bench.weeks(0, 4)
    state = bench.handler._regions[REGION].state
    day = state.closed
    assert day is not None
    assert standing(state, day).worst == pytest.approx(1 / 3, abs=0.05)
    assert bench.suggestion()["status"] == "proposed"


def test_solver_and_region_reckon_the_same_fair_shares() -> None:
    bench = a_region(settings=SETTINGS)
    bench.say(a_rep_set("east", -2.0, seniority=0.4, weekly_hours=30.0))
    bench.weeks(0, 2)
    state = bench.handler._regions[REGION].state
    day = state.closed
    assert day is not None
    problem, _ = problem_of(state, day, SETTINGS)
    assert problem.seniority is not None
    fair, _ = fair_shares(problem)
    now = standing(state, day)
    held = [now.potential_eur[rep] for rep in problem.rep_ids]
    assert [have / (1 + now.deviation[rep]) for have, rep in zip(held, problem.rep_ids, strict=True)] == pytest.approx(
        fair.tolist()
    )
    assert fair[0] / fair[1] == pytest.approx(0.4 * 30 / 35)
