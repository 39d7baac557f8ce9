from __future__ import annotations

import numpy as np
import pytest

from models.detectors import (
    Cusum,
    Detector,
    ShiryaevRoberts,
    alarms_per_observation,
    calibrated_threshold,
    change_start,
)

BOTH = [Cusum(0.5), ShiryaevRoberts()]


@pytest.mark.parametrize(
    ("k", "run_length", "tabled"), [(0.25, 500, 7.27), (0.5, 500, 4.37), (1, 500, 2.31), (0.5, 5000, 6.64)]
)
def test_cusum_thresholds_agree_with_the_simulated_table(k: float, run_length: float, tabled: float) -> None:
    assert Cusum(k).iid_threshold(run_length) == pytest.approx(tabled, rel=0.02)


@pytest.mark.parametrize(("run_length", "tabled"), [(500, 5.42), (5000, 7.73)])
def test_mixture_thresholds_agree_with_the_simulated_table(run_length: float, tabled: float) -> None:
    assert ShiryaevRoberts().iid_threshold(run_length) == pytest.approx(tabled, rel=0.02)


def test_the_mixture_is_the_weighted_mean_of_its_recursions() -> None:
    detector = ShiryaevRoberts()
    state = detector.start(1)
    r = np.zeros(6)
    sizes, weights = np.array([0.5, 0.75, 1, 1.5, 2, 3]), np.array([0.22, 0.08, 0.14, 0.09, 0.42, 0.05])
    for x in (0.3, -1.2, -0.7, 2.0):
        state = detector.update(state, np.array([x]))
        r = (1 + r) * np.exp(-sizes * x - sizes**2 / 2)
    assert detector.statistic(state)[0] == pytest.approx(np.log(weights @ r))


@pytest.mark.parametrize("detector", BOTH)
def test_what_is_not_observed_moves_nothing(detector: Detector) -> None:
    state = detector.update(detector.start(2), np.array([-1.0, -1.0]))
    after = detector.update(state, np.array([np.nan, -1.0]))
    assert detector.statistic(after)[0] == detector.statistic(state)[0]
    assert detector.statistic(after)[1] > detector.statistic(state)[1]


@pytest.mark.parametrize("detector", BOTH)
def test_a_drop_raises_the_statistic_and_a_rise_does_not(detector: Detector) -> None:
    state = detector.start(2)
    for _ in range(8):
        state = detector.update(state, np.array([-1.5, 1.5]))
    statistic = detector.statistic(state)
    assert statistic[0] > detector.iid_threshold(500) > statistic[1]


def test_the_change_is_dated_where_the_drop_began() -> None:
    quiet = np.array([0.4, -0.5, 0.1, 0.3, -0.2, 0.5])
    observations, mean = change_start(np.append(quiet, [-2.0, -1.8, -2.2]))
    assert observations == 3
    assert mean == pytest.approx(-2.0)
    assert change_start(np.array([1.0, 2.0])) == (0, 0.0)


def test_a_gap_in_the_stream_does_not_count_as_a_week_of_the_drop() -> None:
    weeks, mean = change_start(np.array([0.5, -2.0, np.nan, -2.0]))
    assert weeks == 3
    assert mean == pytest.approx(-2.0)


def test_thresholds_come_from_the_own_past_once_there_is_enough_of_it() -> None:
    rng = np.random.default_rng(3)
    heavy = rng.standard_t(3, (300, 40))
    detector = Cusum(0.5)
    threshold = calibrated_threshold(detector, heavy, 100)
    assert threshold > detector.iid_threshold(100)
    assert alarms_per_observation(detector, heavy, threshold) == pytest.approx(1 / 100, rel=0.1)
    assert calibrated_threshold(detector, heavy[:10, :10], 100) == detector.iid_threshold(100)
