"""What a region reckons of travel: the way home, and from one account to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from schemas.settings import Travel
from schemas.topics import SUGGESTIONS
from solvers.local_travel import with_local_travel
from streams.handlers.region.planning import places_of, problem_of
from streams.handlers.region.state import RegionState
from tests.support.region import QUICK, REGION, RegionBench, a_region, a_rep_set, an_account_set

HOME_ALONE = QUICK.model_copy(update={"travel": Travel(local=False)})


def told(bench: RegionBench) -> tuple[RegionState, date]:
    state = bench.handler._regions[REGION].state
    assert state.closed is not None
    return state, state.closed


def test_a_plan_reckons_the_way_between_accounts_unless_the_settings_forbid_it() -> None:
    bench = a_region()
    bench.weeks(0, 1)
    state, day = told(bench)
    with_way, accounts = problem_of(state, day, QUICK)
    without, _ = problem_of(state, day, HOME_ALONE)
    assert without.detour_km is None
    assert with_way.detour_km is not None
    places = places_of(state, with_way, accounts)
    assert np.array_equal(with_way.detour_km, with_local_travel(without, places).detour_km)
    assert replace(with_way, detour_km=None).to_bytes() == without.to_bytes()


def test_a_rep_who_serves_nobody_and_an_account_without_a_place_are_no_reason_for_a_move() -> None:
    bench = a_region()
    bench.say(a_rep_set("new", -2.5), an_account_set("a00", None, lat=None))
    bench.weeks(0, 1)
    problem, _ = problem_of(*told(bench), QUICK)
    unknown = np.isnan(problem.detour_km)
    assert unknown[:, problem.rep_ids.index("new")].all()
    assert unknown[problem.account_ids.index("a00")].all()
    assert unknown.sum() == problem.accounts + 2


def test_a_suggestion_is_made_either_way() -> None:
    for settings in (QUICK, HOME_ALONE):
        bench = a_region(settings=settings)
        bench.weeks(0, 3)
        assert [row["status"] for row in bench.rows(SUGGESTIONS)] == ["proposed"]
