"""Laws of the early warning: copies go on alike, memory is bounded, the future is not seen, the budget is kept."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import alarms_on, judged_years, standing, threshold_for
from models.early_warning import DAYS, SCOPE_DAYS, SCOPES, WEEKS, EarlyWarning, Rhythm
from models.history import Floats
from models.monitor import Found, Monitor
from models.pace import DAILY, SCOPED, SCOPED_DAILY, WEEKLY, Pace

RHYTHMS = pytest.mark.parametrize(
    "rhythm", [DAYS, WEEKS, SCOPES, SCOPE_DAYS], ids=["daily", "weekly", "scopes", "scope days"]
)
PACES = pytest.mark.parametrize(
    "pace", [DAILY, WEEKLY, SCOPED, SCOPED_DAILY], ids=["daily", "weekly", "scoped", "scoped daily"]
)


def a_market(periods: int, streams: int, seed: int = 3) -> Floats:
    """Log values with three common factors, own levels, own noise, and a tenth of the days closed."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.2, (periods, 3)) @ rng.normal(1, 0.5, (3, streams))
    values = rng.normal(8, 1, streams) + common + rng.normal(0, 0.05, (periods, streams))
    return np.where(rng.random((periods, streams)) < 0.1, np.nan, values)


def closed(warning: EarlyWarning, values: Floats, first: int = 0) -> list[Found]:
    return [
        found
        for number, row in enumerate(values, first)
        for found in warning.close_period(row, np.full(row.size, number % warning.cells, np.intp))
    ]


@RHYTHMS
@pytest.mark.parametrize("periods", [1, 27, 130, 200])
def test_a_warning_read_from_its_snapshot_goes_on_alike(rhythm: Rhythm, periods: int) -> None:
    values = a_market(periods + 60, 40)
    values[periods + 5 :, 3] -= 0.5
    straight = EarlyWarning(rhythm, 7, 0.1)
    closed(straight, values[:periods])
    again = EarlyWarning.from_bytes(rhythm, 7, 0.1, straight.to_bytes())
    assert closed(again, values[periods:], periods) == closed(straight, values[periods:], periods)
    assert again.to_bytes() == straight.to_bytes()


@RHYTHMS
def test_its_memory_does_not_grow_with_time(rhythm: Rhythm) -> None:
    warning = EarlyWarning(rhythm, 7, 0.1)
    values = a_market(2 * rhythm.window + 20, 15)
    closed(warning, values[: rhythm.window + 10])
    early = len(warning.to_bytes())
    closed(warning, values[rhythm.window + 10 :])
    assert len(warning.to_bytes()) <= early * 1.01


def test_what_comes_later_changes_nothing_said_before() -> None:
    values = a_market(220, 40)
    other = values.copy()
    other[180:] = np.random.default_rng(9).normal(0, 5, other[180:].shape)
    before, after = (closed(EarlyWarning(DAYS, 7, 2.0), one) for one in (values, other))
    assert [found for found in before if found.period < 180] == [found for found in after if found.period < 180]


@RHYTHMS
def test_a_stream_without_observations_says_nothing_and_harms_nobody(rhythm: Rhythm) -> None:
    values = a_market(220, 40)
    values[200:, 5] -= 0.6
    with_gap = np.insert(values, 17, np.nan, axis=1)
    for one, row in ((values, 5), (with_gap, 5)):
        found = closed(EarlyWarning(rhythm, 7, 0.1), one)
        assert [f.stream for f in found if f.period >= 200] == [row]


@PACES
def test_a_pickled_monitor_goes_on_alike(pace: Pace) -> None:
    values = np.random.default_rng(2).normal(0, 0.1, (160, 5))
    values[100:, 2] += 0.3
    straight = Monitor(pace, 2.0)
    straight.run(values[:102], np.ones(102))
    again = pickle.loads(pickle.dumps(straight))  # noqa: S301  our own bytes
    assert again.run(values[102:], np.ones(58)) == straight.run(values[102:], np.ones(58)) != []


@PACES
def test_a_stream_far_beyond_its_usual_scatter_on_the_side_nobody_judges_raises_nothing(pace: Pace) -> None:
    values = np.random.default_rng(2).normal(0, 0.1, (700, 1))
    values[100:, 0] += 1.06 ** np.arange(600)  # faster than its spread can follow
    assert [one for one in alarms_on(values, np.ones(700), pace, (6.0, np.inf)) if one.rise] == []


@PACES
@given(cut=st.integers(1, 149), seed=st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_a_block_of_periods_is_the_same_as_its_periods_one_by_one(pace: Pace, cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_t(3, (150, 4)) * 0.1
    values[90:, 1] -= 0.3
    scale = rng.uniform(0.5, 2, 150)
    whole, parts = Monitor(pace, 1.0), Monitor(pace, 1.0)
    found = [*parts.run(values[:cut], scale[:cut])]
    for row, size in zip(values[cut:], scale[cut:], strict=True):
        found += parts.step(row, size)
    assert found == whole.run(values, scale)


@PACES
@pytest.mark.parametrize("side", [0, 1], ids=["drop", "rise"])
def test_thresholds_keep_the_budget_on_streams_they_have_not_seen(pace: Pace, side: int) -> None:
    noise = np.random.default_rng(5).standard_t(4, (1200, 120)) * 0.1
    seen, unseen, even = noise[:, :60], noise[:, 60:], np.ones(1200)
    threshold = threshold_for(seen, even, pace, 1.0, side)
    limits = (threshold, np.inf) if side == 0 else (np.inf, threshold)
    rate = standing(alarms_on(unseen, even, pace, limits)) / judged_years(unseen, pace)
    assert rate == pytest.approx(1.0, rel=0.3)
