from __future__ import annotations

import numpy as np
import pytest

from solvers.design import design
from solvers.problem import ProblemError


def some_market(n: int = 150, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.uniform((46, 1), (49, 5), (n, 2)), random.lognormal(9.5, 0.6, n)


def test_territories_from_nothing_are_balanced_within_five_percent():
    places, potential = some_market()
    made = design(places, potential, np.full(150, 8.0), reps=5)
    load = np.bincount(made.assignment, potential, 5)
    assert np.abs(load / load.mean() - 1).max() < 0.05
    assert made.quality.max_deviation_percent == pytest.approx(100 * np.abs(load / load.mean() - 1).max())


def test_territories_are_compact_most_accounts_have_the_nearest_home():
    places, potential = some_market()
    made = design(places, potential, np.full(150, 8.0), reps=5)
    nearest = ((places[:, None] - made.homes) ** 2 * (1, 0.45)).sum(-1).argmin(1)
    assert (nearest == made.assignment).mean() > 0.7


def test_accounts_without_a_place_fill_up_light_territories():
    places, potential = some_market()
    places[::5] = np.nan
    made = design(places, potential, np.full(150, 8.0), reps=4)
    assert made.quality.max_deviation_percent < 5
    assert np.isfinite(made.homes).all()


def test_a_market_without_any_place_is_still_divided_fairly():
    made = design(np.full((30, 2), np.nan), np.full(30, 1000.0), np.full(30, 5.0), reps=3)
    assert np.bincount(made.assignment).tolist() == [10, 10, 10]
    assert np.isnan(made.homes).all()


def test_the_same_seed_designs_the_same_territories():
    places, potential = some_market(80)
    first, second = (design(places, potential, np.full(80, 8.0), reps=3, random_state=11) for _ in range(2))
    assert np.array_equal(first.assignment, second.assignment)
    assert np.array_equal(first.homes, second.homes)


def test_more_territories_than_places_and_senseless_wishes_are_answered():
    made = design(np.array([[48.0, 2.0], [48.0, 2.0]]), np.ones(2), np.ones(2), reps=3)
    assert len(made.homes) == 3
    with pytest.raises(ProblemError, match="0 territories"):
        design(np.zeros((1, 2)), np.ones(1), np.ones(1), reps=0)
    with pytest.raises(ProblemError, match="latitude"):
        design(np.array([[4800.0, 2.0]]), np.ones(1), np.ones(1), reps=1)
