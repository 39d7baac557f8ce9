from __future__ import annotations

import numpy as np
import pytest

from schemas.settings import Weights
from solvers.travel import Plane, haversine_km, territory_travel, tour_km, travel_before_after

PARIS, LYON = (48.8566, 2.3522), (45.7640, 4.8357)


def test_paris_lies_392_km_from_lyon():
    assert haversine_km(np.array([PARIS]), np.array([LYON]))[0, 0] == pytest.approx(391.5, abs=0.5)


def test_an_unknown_place_has_an_unknown_distance():
    assert np.isnan(haversine_km(np.array([[np.nan, np.nan], PARIS]), np.array([LYON]))).ravel().tolist() == [
        True,
        False,
    ]


def test_the_flat_map_keeps_distances_and_leads_back_even_across_the_date_line():
    places = np.array([[-17.0, 179.5], [-17.5, -179.5], [-16.5, 180.0]])
    plane = Plane.around(places)
    assert plane is not None
    flat = plane.km(places)
    assert np.hypot(*(flat[0] - flat[1])) == pytest.approx(haversine_km(places[:1], places[1:2])[0, 0], rel=0.01)
    there = plane.degrees(flat)
    assert haversine_km(there, places).diagonal() == pytest.approx(0, abs=1e-6)


def test_a_tour_through_a_grid_is_estimated_within_a_fifth():
    grid = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), -1).reshape(-1, 2)
    assert tour_km(grid) == pytest.approx(100, rel=0.2)  # a 10 by 10 grid of step 1 has a tour of 100


def test_a_tour_through_two_or_three_points_is_exact_and_through_one_is_nothing():
    assert tour_km(np.array([[0.0, 0], [3, 4]])) == pytest.approx(10)
    assert tour_km(np.array([[0.0, 0], [3, 4], [3, 0]])) == pytest.approx(12)
    assert tour_km(np.array([[1.0, 1], [1, 1]])) == 0


def test_a_large_territory_is_sampled_without_losing_its_size():
    cloud = np.random.default_rng(3).uniform(0, 100, (3000, 2))
    assert tour_km(cloud) == pytest.approx(0.7124 * np.sqrt(3000 * 100 * 100), rel=0.15)


def test_a_home_far_away_costs_hours_per_client():
    places, visits = np.array([[48.0, 2.0], [48.0, 2.2], [48.2, 2.1], [48.1, 2.4]]), np.full(4, 6.0)
    near = territory_travel(places, visits, np.array([48.1, 2.1]), Weights())
    far = territory_travel(places, visits, np.array([49.5, 2.1]), Weights())
    assert near.clients == far.clients == 4
    assert far.hours_per_client > 2 * near.hours_per_client > 0
    assert far.tour_km == near.tour_km


def test_an_empty_or_placeless_territory_travels_nothing():
    assert territory_travel(np.full((2, 2), np.nan), np.ones(2), np.array(PARIS), Weights()).year_hours == 0


def test_only_the_territories_that_change_are_computed_anew():
    places = np.array([[48.0, 2.0], [48.1, 2.0], [48.2, 2.0], [45.0, 4.0]])
    homes = np.array([[48.0, 2.0], [48.2, 2.0], [45.0, 4.0]])
    both = travel_before_after(places, np.ones(4), homes, np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), Weights())
    assert sorted(both) == [0, 1]
    assert (both[0][0].clients, both[0][1].clients) == (2, 1)
