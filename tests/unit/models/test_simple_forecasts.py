"""The simple forecasts are what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from models.simple import SimpleForecasts


def after(weeks: list[float]) -> SimpleForecasts:
    simple = SimpleForecasts(1)
    for eur in weeks:
        simple.close_week(np.array([eur]))
    return simple


def test_a_steady_account_is_forecast_steadily_by_all_but_sba() -> None:
    for name, one in after([10.0] * 120).forecasts(4).items():
        expected = 40 * (1 - float(name.split()[1]) / 2) if name.startswith("SBA") else 40
        assert one[0] == pytest.approx(expected), name


def test_seasonal_naive_is_the_same_weeks_of_last_year() -> None:
    weeks = [float(k) for k in range(1, 61)]  # the coming four were weeks 9..12 of these
    assert after(weeks).forecasts(4)["seasonal naive 52"][0] == pytest.approx(9 + 10 + 11 + 12)


def test_weeks_before_the_first_order_are_not_counted() -> None:
    assert after([0.0] * 30 + [10.0, 20.0]).forecasts(1)["MA13"][0] == pytest.approx(15)


def test_croston_spreads_an_order_over_its_gap_and_tsb_forgets_who_stopped() -> None:
    regular = after([12.0, 0.0, 0.0] * 60).forecasts(1)
    assert regular["Croston 0.1"][0] == pytest.approx(4, rel=0.05)
    stopped = after([12.0, 0.0, 0.0] * 60 + [0.0] * 60).forecasts(1)
    assert stopped["Croston 0.1"][0] == pytest.approx(4, rel=0.05)
    assert stopped["TSB 0.1"][0] < 0.1
