"""Tours by routing: right where the shortest tour is known, the same every time, and with a way out."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.rebalance import rebalance
from solvers.routing import MOST_PLACES, routed_tour_km
from solvers.travel import tour_km
from solvers.travel_check import travel_check
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
    assert routed_tour_km(np.zeros((0, 2)), one_way) == pytest.approx(3)


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
