"""The way between accounts: what it is per visit, that it adds up to the tour, and what it does to a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from schemas.what_if import RepJoins, RepLeaves
from solvers.budget import Budget
from solvers.figures import by_ids
from solvers.local_travel import detour_km, with_local_travel
from solvers.objective import costs_of
from solvers.places import Places
from solvers.problem import Problem, ProblemError, reorder
from solvers.rebalance import rebalance
from solvers.situation import Situation, changed
from solvers.travel import tour_km
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=50_000)


def two_towns(accounts: int = 40, seed: int = 1) -> tuple[Problem, Places]:
    """Two reps, each at home in a town with half of the accounts around it, 60 km apart."""
    rng = np.random.default_rng(seed)
    half = accounts // 2
    points = np.vstack([rng.normal(0, 8, (half, 2)), rng.normal((60, 0), 8, (half, 2))])
    places = Places(points, np.array([[0.0, 0], [60, 0]]), geographic=False)
    problem = a_problem(
        potential=rng.uniform(40_000, 160_000, accounts),
        visits=rng.integers(2, 13, accounts).astype(float),
        hours=np.full(accounts, 20.0),
        distance_km=places.distance_km(),
        current=np.repeat([0, 1], half),
    )
    return problem, places


def test_the_ways_of_a_years_visits_add_up_to_the_tour_through_each_territory():
    problem, places = two_towns()
    detour = with_local_travel(problem, places).detour_km
    for rep in (0, 1):
        own = problem.current == rep
        tour = tour_km(places.accounts[own]) / own.sum() * problem.visits[own].sum()
        assert (problem.visits[own] * detour[own, rep]).sum() == pytest.approx(tour, rel=1e-3)


def test_an_account_in_the_midst_of_a_territory_costs_it_little_and_one_far_from_it_much():
    problem, places = two_towns()
    detour = with_local_travel(problem, places).detour_km
    own = problem.current == 0
    assert (detour[own, 0] < detour[own, 1]).all()
    edge, midst = (places.accounts[own] ** 2).sum(1).argmax(), (places.accounts[own] ** 2).sum(1).argmin()
    assert detour[own, 0][midst] < detour[own, 0][edge]


def test_a_place_more_adds_half_of_what_falls_on_each_to_a_tour():
    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(10.0)), -1).reshape(-1, 2)
    current = np.where(grid[:, 0] < 10, 0, 1)
    inside = (grid[:, 0] == 14) & (grid[:, 1] == 5)
    current[inside] = 0  # in the midst of the other's accounts, far from those of its own rep
    own, other = detour_km(grid, np.full((200, 2), 100.0), current, np.ones(200))[inside][0]
    assert other - own / 2 == pytest.approx(1 / 2, rel=0.1)  # on each place of the grid falls a step, 1 km


def test_accounts_under_one_roof_are_one_stop():
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 50, (12, 2))
    points[9:] = points[0]  # twelve accounts at nine places
    home, visits, current = np.full((12, 1), 1e9), np.full(12, 4.0), np.zeros(12, np.int64)
    together = detour_km(points, home, current, visits)[:, 0]
    alone = detour_km(points[:9], home[:9], current[:9], visits[:9])[:, 0]
    assert together[0] == together[9] == pytest.approx(alone[0] / 4, abs=0.001)
    assert together[1:9] == pytest.approx(alone[1:], abs=0.001)


def test_the_way_home_limits_the_way_between_accounts():
    points = np.array([[0.0, 0], [0, 10], [0, 20], [500, 0]])
    home_km = np.array([[5.0, 5], [5, 5], [5, 5], [900, 2]])
    share = detour_km(points, home_km, np.array([0, 0, 0, 1]), np.ones(4))
    added = 2 * share[:3, 1] - share[:3, 0]  # half of it is that of the rep of today
    assert added == pytest.approx(5, abs=0.002)  # the only other account is 480 km away, the home 5
    assert share[:3, 0].sum() == pytest.approx(
        tour_km(points[:3]), abs=0.01
    )  # of its own rep's tour nothing is left out


def test_what_nobody_knows_has_no_way():
    points = np.array([[0.0, 0], [0, 10], [np.nan, np.nan], [5, 5]])
    share = detour_km(points, np.full((4, 3), 20.0), np.array([0, 0, 0, -1]), np.ones(4))
    assert np.isnan(share[2]).all()  # an account without a place
    assert np.isnan(share[:, 1:]).all()  # reps who serve nobody
    assert not np.isnan(share[[0, 1, 3], 0]).any()
    assert np.isnan(detour_km(np.full((4, 2), np.nan), np.full((4, 1), 1.0), np.zeros(4, np.int64), np.ones(4))).all()


def test_a_home_that_nobody_knows_leaves_the_way_between_accounts():
    points = np.random.default_rng(0).uniform(0, 30, (10, 2))
    share = detour_km(points, np.full((10, 1), np.nan), np.zeros(10, np.int64), np.ones(10))[:, 0]
    assert share.sum() == pytest.approx(tour_km(points), abs=0.01)


def test_one_account_alone_and_a_territory_in_one_spot_drive_no_way_between():
    one = detour_km(np.array([[1.0, 1]]), np.array([[3.0]]), np.array([0]), np.array([4.0]))
    spot = detour_km(np.ones((5, 2)), np.full((5, 1), 3.0), np.zeros(5, np.int64), np.full(5, 4.0))
    assert (one == 0).all()
    assert (spot == 0).all()


def test_the_order_of_accounts_and_reps_changes_no_way():
    problem, places = two_towns()
    accounts, reps = np.random.default_rng(3).permutation(40), np.array([1, 0])
    turned = with_local_travel(reorder(problem, accounts, reps), places.reordered(accounts, reps))
    straight = reorder(with_local_travel(problem, places), accounts, reps)
    assert np.array_equal(turned.detour_km, straight.detour_km)


def test_the_way_between_accounts_is_driven_on_the_road_and_priced_as_any_km():
    problem, places = two_towns()
    local = with_local_travel(problem, places)
    plain, full, w = costs_of(problem), costs_of(local), problem.weights
    more = problem.visits[:, None] * local.detour_km * w.road_factor
    assert np.allclose(full.km - plain.km, more)
    assert np.allclose(full.travel - plain.travel, more * w.travel_per_km)


def test_an_unknown_way_never_argues_for_or_against_a_move():
    detour = np.array([[3.0, np.nan]] * 4 + [[np.nan, 2.0]] * 2)
    travel = costs_of(a_problem(detour_km=detour)).travel - costs_of(a_problem()).travel
    assert np.allclose(travel[:, 0], travel[:, 1])


def test_a_plan_with_local_travel_is_judged_and_says_what_the_way_is():
    problem, places = two_towns(60)
    shifted = replace(problem, potential=problem.potential * np.where(problem.current == 0, 1.6, 0.7))
    local = with_local_travel(shifted, places)
    solution = rebalance(local, QUICK)
    assert solution.moves
    assert verify_solution(local, solution) == []
    assert any("the way to the next account" in move.reason for move in solution.moves)
    assert solution == rebalance(Problem.from_bytes(local.to_bytes()), QUICK)


def test_a_rep_who_joins_has_no_territory_yet_and_one_who_leaves_takes_the_column_along():
    problem, places = two_towns()
    flat = replace(places, accounts=places.accounts / 100 + 45, homes=places.homes / 100 + 45, geographic=True)
    local = with_local_travel(replace(problem, distance_km=flat.distance_km()), flat)
    situation = Situation("r", local, 0.15, places=flat)
    joined, _ = changed(situation, [RepJoins(rep_id="R2", weekly_hours=40, home_lat=45.2, home_lon=45.2)])
    assert np.isnan(joined.problem.detour_km[:, 2]).all()
    assert np.array_equal(joined.problem.detour_km[:, :2], local.detour_km)
    left, _ = changed(situation, [RepLeaves(rep_id="R0")])
    assert np.array_equal(left.problem.detour_km, local.detour_km[:, 1:])
    assert rebalance(by_ids(joined.problem)[0], QUICK).after.total_eur > 0


@pytest.mark.parametrize("wrong", [np.full((6, 3), 1.0), np.full((6, 2), -1.0), np.full((6, 2), np.inf)])
def test_ways_that_cannot_be_are_refused(wrong):
    with pytest.raises(ProblemError, match="detour"):
        a_problem(detour_km=wrong)
