"""The compiled inner loops against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.history import WeeklyHistory
from models.quantiles import group_quantiles, quantiles
from models.windows import CUTS, RECENT_ORDER, Past

ACCOUNTS, WEEKS = 300, 150


@pytest.fixture(scope="module")
def history() -> WeeklyHistory:
    rng = np.random.default_rng(4)
    made = WeeklyHistory()
    for _ in range(ACCOUNTS):
        made.add()
    for _ in range(WEEKS):
        made.close(rng.exponential(50, ACCOUNTS).round(2) * (rng.random(ACCOUNTS) < 0.2))
    return made


@pytest.mark.parametrize("back", [0, 4, 13])
@pytest.mark.parametrize(("newest", "oldest"), [(0, 4), (0, 52), (39, 52), (52, 65), (100, 104)])
def test_a_window_is_the_sum_of_its_weeks(history: WeeklyHistory, back: int, newest: int, oldest: int) -> None:
    origin = WEEKS - 1 - back
    weeks = history.weeks(origin - newest, oldest - newest).astype(np.float64)
    past = Past(history, origin)
    np.testing.assert_allclose(past.eur(newest, oldest), weeks.sum(axis=0))
    np.testing.assert_allclose(past.squared(newest, oldest), (weeks**2).sum(axis=0))
    np.testing.assert_array_equal(past.ordered(newest, oldest), (weeks > 0).sum(axis=0))


def test_recency_counts_the_weeks_since_the_last_order(history: WeeklyHistory) -> None:
    past = Past(history, WEEKS - 1)
    np.testing.assert_array_equal(past.recency, np.minimum(WEEKS - 1 - history.last_order, RECENT_ORDER))


def test_weeks_before_the_first_one_count_as_zero() -> None:
    young = WeeklyHistory()
    young.add()
    young.close(np.array([7.0]))
    past = Past(young, 0)
    assert past.eur(0, CUTS[-1])[0] == past.eur(0, 4)[0] == 7
    assert past.eur(4, 52)[0] == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], share: float) -> None:
    found = quantiles(np.array(values), np.array([share]))[0]
    assert found == pytest.approx(np.quantile(values, share), rel=1e-9, abs=1e-6)


def test_each_group_has_its_own_quantiles_and_an_empty_one_zeros() -> None:
    values, group = np.array([1.0, 2, 3, 10, 20, 99]), np.array([0, 0, 0, 2, 2, -1])
    np.testing.assert_allclose(group_quantiles(values, group, 3, np.array([0.5])), [[2], [0], [15]])
