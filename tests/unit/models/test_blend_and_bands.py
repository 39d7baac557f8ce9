"""Blending per account, and intervals that reach their coverage."""

from __future__ import annotations

import numpy as np
import pytest

from models.blend import Blend
from models.group_bands import GROUPS, GroupBands


def blend(accounts: int = 1) -> Blend:
    made = Blend()
    for _ in range(accounts):
        made.add()
    return made


def test_the_expert_that_was_right_for_this_account_gets_the_word() -> None:
    two = blend(2)
    said = np.array([[100.0, 100.0], [50.0, 50.0], [50.0, 50.0]])
    for _ in range(60):
        two.learn(said, np.array([100.0, 50.0]), np.full(2, 60.0))
    first, second = (two.weights(np.ones(2)) * said).sum(axis=0)
    assert first > 95
    assert second < 55


def test_plain_means_lose_their_say_when_an_order_is_overdue() -> None:
    said = np.array([[0.0], [100.0], [100.0]])
    one = blend()
    assert (one.weights(np.array([0.05])) * said).sum() < 0.1 * (one.weights(np.array([1.0])) * said).sum()


def test_an_unknown_forecast_teaches_nothing() -> None:
    one = blend()
    before = one.state()["loss"].copy()
    one.learn(np.array([[np.nan], [1.0], [2.0]]), np.array([1.0]), np.array([1.0]))
    np.testing.assert_array_equal(one.state()["loss"], before)


@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_intervals_cover_what_they_promise_even_with_lumps_of_zero(zeros: float) -> None:
    rng = np.random.default_rng(3)
    bands, inside, count = GroupBands(0.8, 4), 0, 0
    estimate, scale = np.full(300, 100.0), np.full(300, 40.0)
    group = np.arange(300) % GROUPS
    for week in range(400):
        actual = np.where(rng.random(300) < zeros, 0, np.maximum(100 + 60 * rng.standard_normal(300), 0))
        if week >= 150:
            low, high = bands.bounds(estimate, scale, group)
            inside += int(((low <= actual) & (actual <= high)).sum())
            count += 300
        bands.learn(actual, estimate, scale, group)
    assert inside / count == pytest.approx(0.80, abs=0.02)


def test_small_accounts_that_still_order_are_covered_less_while_silent_ones_are_always_covered() -> None:
    rng = np.random.default_rng(3)
    bands, inside = GroupBands(0.8, 4), np.zeros(2)
    estimate, scale = np.full(400, 100.0), np.full(400, 40.0)
    estimate[300:] = 0
    group = np.where(np.arange(400) < 300, 0, -1)
    for week in range(300):
        actual = np.where(estimate > 0, np.maximum(100 + 60 * rng.standard_normal(400), 0), 0)
        low, high = bands.bounds(estimate, scale, group)
        covered = (low <= actual) & (actual <= high)
        inside += [covered.mean(), covered[:300].mean()] if week >= 150 else 0
        bands.learn(actual, estimate, scale, group)
    assert inside[0] / 150 == pytest.approx(0.82, abs=0.02)
    assert inside[1] / 150 < 0.78


def test_the_estimate_lies_inside_and_money_is_never_negative() -> None:
    bands = GroupBands(0.8, 4)
    bands.learn(np.full(50, 500.0), np.full(50, 10.0), np.full(50, 5.0), np.zeros(50, np.int64))
    low, high = bands.bounds(np.array([10.0, 3.0]), np.array([5.0, 99.0]), np.array([0, -1]))
    assert (low >= 0).all()
    assert (low <= [10, 3]).all()
    assert (high >= [10, 3]).all()
