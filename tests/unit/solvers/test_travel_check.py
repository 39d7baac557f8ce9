"""Tours by routing: right where the shortest tour is known, the same every time, and with a way out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from schemas.errors import UnavailableError
from schemas.settings import Weights
from solvers.budget import Budget
from solvers.places import Places
from solvers.problem import Floats, Problem
from solvers.rebalance import rebalance
from solvers.routing import MOST_PLACES, length_of, routed_tour, routed_tour_km
from solvers.solution import Solution
from solvers.travel import SPEED_KMH, haversine_km, tour_km
from solvers.travel_check import travel_by_road, travel_check
from tests.unit.solvers.rebalancing_problems import a_problem
from tests.unit.solvers.test_reference_scenarios import a_country

QUICK = Budget(evaluations=80_000)


def test_the_shortest_tour_of_points_on_a_circle_and_on_a_grid_is_found() -> None:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = 100 * np.column_stack([np.cos(angle), np.sin(angle)])
    assert routed_tour_km(circle) == pytest.approx(24 * 200 * np.sin(np.pi / 24), abs=0.05)
    grid = np.array([(x, y) for x in range(6) for y in range(6)], float)
    assert routed_tour_km(grid) == pytest.approx(36, abs=0.01)


def test_few_or_unknown_places_need_no_router() -> None:
    assert routed_tour_km(np.zeros((0, 2))) == routed_tour_km(np.array([[1.0, 2.0], [1.0, 2.0], [np.nan, np.nan]])) == 0
    assert routed_tour_km(np.array([[0.0, 0.0], [3.0, 4.0]])) == pytest.approx(10)


def test_the_order_of_places_changes_nothing() -> None:
    points = np.random.default_rng(1).uniform(0, 100, (40, 2))
    assert routed_tour_km(points) == routed_tour_km(points[::-1])


def test_the_estimate_agrees_with_routing_within_a_tenth() -> None:
    points = np.random.default_rng(2).uniform(0, 100, (80, 2))
    routed = routed_tour_km(points)
    assert routed is not None
    assert tour_km(points) == pytest.approx(routed, rel=0.1)


def test_a_road_distance_may_differ_by_direction() -> None:
    one_way = np.array([[0, 1, 5], [5, 0, 1], [1, 5, 0]], float)
    order = routed_tour(one_way)
    assert order == [0, 1, 2]
    assert length_of(order, one_way) == pytest.approx(3)


def test_where_routing_cannot_say_the_estimate_stands_and_the_row_says_so() -> None:
    assert routed_tour_km(np.random.default_rng(3).uniform(0, 100, (MOST_PLACES + 1, 2))) is None
    problem, where = a_country()
    solution = rebalance(problem, QUICK)
    routed = travel_check(problem, solution, where)
    estimated = travel_check(problem, solution, where, router=lambda _: None)
    assert [row.method for row in estimated] == ["estimated"] * len(routed)
    assert [row.method for row in routed] == ["routed"] * len(routed)
    assert [row.hours_per_client_after for row in estimated] == pytest.approx(
        [row.hours_per_client_after for row in routed], rel=0.2
    )


def test_only_territories_that_change_are_checked() -> None:
    problem, where = a_country(max_moves=1)
    solution = rebalance(problem, QUICK)
    (move,) = solution.moves
    assert [row.rep_id for row in travel_check(problem, solution, where)] == sorted((move.from_rep, move.to_rep))


def a_plan() -> tuple[Problem, Solution, Places]:
    """Six accounts along a road at 48 degrees north, two reps at its ends, and the moves that balance them."""
    where = Places(np.array([(48.0, -3.0 + 0.2 * i) for i in range(6)]), np.array([(48.0, -3.1), (48.0, -1.9)]))
    problem = a_problem(distance_km=where.distance_km(), current=np.array([0, 0, 0, 0, 0, 1]))
    solution = rebalance(problem, QUICK)
    assert solution.moves
    return problem, solution, where


def test_a_year_on_the_road_takes_the_distances_and_hours_that_are_known() -> None:
    km = np.array([[0, 10, 20], [12, 0, 30], [20, 40, 0]], float)  # home first; out and back differ
    travel = travel_by_road(km, km / 40, np.array([8.0, 4.0]), Weights(visits_per_tour=4))
    assert travel is not None
    assert travel.tour_km == pytest.approx(70)
    year = 70 / 2 * 12 + 2 * (8 * 11 + 4 * 20) / 4
    assert travel.year_km == pytest.approx(year)
    assert travel.year_hours == pytest.approx(year / 40)
    assert travel.hours_per_client == pytest.approx(year / 40 / 2)
    slower = travel_by_road(km, None, np.array([8.0, 4.0]), Weights(visits_per_tour=4))
    assert slower is not None
    assert slower.year_hours == pytest.approx(year / SPEED_KMH)


class SomeRoads:
    """Knows the roads of every territory but those with an account named in `unknown`; counts what it is asked."""

    def __init__(self, unknown: str = "", silent: bool = False) -> None:
        self.unknown, self.silent, self.asked = unknown, silent, 0

    def between(self, ids: Sequence[str], degrees: Floats) -> tuple[Floats, Floats | None] | None:
        self.asked += 1
        if self.silent:
            raise UnavailableError("nobody answers")
        return None if self.unknown in ids else (2 * haversine_km(degrees, degrees), None)


def test_a_road_twice_as_long_as_the_bird_flies_is_driven_twice_as_far() -> None:
    problem, solution, where = a_plan()
    by_road = travel_check(problem, solution, where, roads=SomeRoads())
    straight = travel_check(problem, solution, where)
    assert [row.method for row in by_road] == ["roads", "roads"]
    for road, line in zip(by_road, straight, strict=True):
        assert road.tour_km_before == pytest.approx(2 * line.tour_km_before, rel=1e-3)
        assert road.year_km_after == pytest.approx(2 * line.year_km_after / problem.weights.road_factor, rel=1e-3)


def test_both_sides_of_a_row_are_told_by_the_same_method() -> None:
    problem, solution, where = a_plan()
    moved = solution.moves[0].account_id
    rows = travel_check(problem, solution, where, roads=SomeRoads(unknown=moved))
    assert [row.method for row in rows] == ["routed", "routed"]  # it is in the first before, and in the second after


def test_roads_that_do_not_answer_are_not_asked_again() -> None:
    problem, solution, where = a_plan()
    silent = SomeRoads(silent=True)
    assert [row.method for row in travel_check(problem, solution, where, roads=silent)] == ["routed", "routed"]
    assert silent.asked == 1
