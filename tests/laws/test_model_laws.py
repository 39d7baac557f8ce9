"""Laws of everything that learns online.

Predicting changes nothing, copies go on alike, memory is bounded, the order of accounts does not matter, false alarms
keep their budget.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import base

from models.detectors import (
    Cusum,
    CusumDetector,
    Detector,
    ShiryaevRoberts,
    ShiryaevRobertsDetector,
    alarms_per_observation,
)
from models.history import Floats
from models.potential import PotentialModel
from models.watch import Watch
from models.week_outcome import WeekOutcome
from schemas.settings import Alerts, Potential
from tests.unit.models.companies import Company, traits, week

ARRAYS = ("estimate_4w", "estimate_13w", "estimate_52w", "potential", "low", "high", "by_analogy", "observed_weeks")


PLACES = st.tuples(st.none() | st.floats(-90, 90), st.none() | st.floats(-180, 180))


def closed(model: PotentialModel, revenue: Floats, start: int = 0) -> WeekOutcome:
    active = np.ones(revenue.shape[1], bool)
    for number, row in enumerate(revenue, start):
        outcome = model.close_week(week(number), row, active)
    return outcome


def assert_same(one: WeekOutcome, other: WeekOutcome) -> None:
    for name in (*ARRAYS, "expected_eur", "scale_eur"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_array_equal(one.reasons.eur, other.reasons.eur)
    np.testing.assert_array_equal(one.reasons.change, other.reasons.change)


def test_the_same_weeks_give_the_same_bytes_and_the_same_words() -> None:
    company = Company(accounts=30)
    revenue = company.revenue(90)
    one, other = company.model(), company.model()
    assert_same(closed(one, revenue), closed(other, revenue))
    assert one.to_bytes() == other.to_bytes()


@pytest.mark.parametrize("weeks", [0, 1, 61, 90])
@pytest.mark.parametrize("copy", ["snapshot", "pickle"])
def test_a_copied_model_goes_on_exactly_alike(weeks: int, copy: str) -> None:
    company = Company()
    model, revenue = company.model(), company.revenue(weeks + 8)
    if weeks:
        closed(model, revenue[:weeks])
    if copy == "pickle":
        again = pickle.loads(pickle.dumps(model))  # noqa: S301  its own bytes
    else:
        again = PotentialModel.from_bytes(Potential(), model.to_bytes())
    assert again.add(traits()) == model.add(traits()) == company.accounts
    wider = np.pad(revenue[weeks:], ((0, 0), (0, 1)), constant_values=30.0)
    assert_same(closed(again, wider, weeks), closed(model, wider, weeks))
    assert again.quality_rows() == model.quality_rows()
    assert again.to_bytes() == model.to_bytes()


@pytest.mark.parametrize("weeks", [1, 30, 80])
def test_predicting_changes_nothing(weeks: int) -> None:
    company = Company()
    model = company.model()
    closed(model, company.revenue(weeks))
    before = model.to_bytes()
    np.testing.assert_array_equal(model.predict().year, model.predict().year)
    assert model.to_bytes() == before


def test_the_arrays_given_are_left_as_they_were() -> None:
    company = Company()
    model, revenue = company.model(), company.revenue(70)
    before = revenue.copy()
    closed(model, revenue)
    np.testing.assert_array_equal(revenue, before)


def test_no_memory_grows_with_time() -> None:
    company = Company(accounts=12)
    model, watch = company.model(), Watch(Alerts())
    revenue = company.revenue(300)
    sizes = {}
    for number, view in enumerate(company.views(revenue)):
        model.close_week(view.week, view.observed, view.active)
        company.shown(watch, view)
        if number in (140, 299):  # a year's forecasts have been judged by then
            sizes[number] = len(model.to_bytes()), len(watch.to_bytes())
    for early, late in zip(sizes[140], sizes[299], strict=True):
        assert late <= early * 1.02  # digits of the numbers in the header


def test_the_order_of_accounts_does_not_matter() -> None:
    company = Company(accounts=60)
    revenue = company.revenue(100)
    order = np.random.default_rng(1).permutation(60)
    straight, mixed = company.model(), PotentialModel(Potential())
    for i in order:
        mixed.add(traits(chain=f"chain{i % 3}", lat=48 + i / 100, lon=2 + i / 70))
    one, other = closed(straight, revenue), closed(mixed, revenue[:, order])
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(other, name), getattr(one, name)[order], rtol=1e-6, atol=1e-6, err_msg=name)


@given(
    places=st.lists(
        st.tuples(st.none() | st.floats(-90, 90), st.none() | st.floats(-180, 180)), min_size=3, max_size=8
    ),
    names=st.lists(st.text(max_size=5), min_size=8, max_size=8),
    seed=st.integers(0, 2**20),
)
@settings(max_examples=15, deadline=None)
def test_whatever_is_known_of_accounts_estimates_are_finite_and_bounds_hold(
    places: list[tuple[float | None, float | None]], names: list[str], seed: int
) -> None:
    model = PotentialModel(Potential())
    for (lat, lon), name in zip(places, names, strict=False):
        model.add(traits(name, lat, lon))
    rng = np.random.default_rng(seed)
    revenue = rng.exponential(10 ** rng.uniform(-2, 7), (16, len(places))) * (rng.random((16, len(places))) < 0.4)
    outcome = closed(model, revenue)
    for name in ARRAYS:
        assert np.isfinite(getattr(outcome, name)).all()
    assert (outcome.low <= outcome.potential + 1e-6).all()
    assert (outcome.potential <= outcome.high + 1e-6).all()


def test_a_watch_read_from_its_snapshot_goes_on_alike_at_any_week() -> None:
    company = Company(accounts=80, territories=8)
    revenue = company.revenue(90)
    revenue[60:, ::8] *= 0.4
    straight, copied = Watch(Alerts()), Watch(Alerts())
    for number, view in enumerate(company.views(revenue)):
        if number % 7 == 0:
            copied = Watch.from_bytes(Alerts(), copied.to_bytes())
        assert company.shown(copied, view) == company.shown(straight, view)
    assert copied.to_bytes() == straight.to_bytes()


@pytest.mark.parametrize("detector", [Cusum(0.25), Cusum(0.5), ShiryaevRoberts()], ids=str)
@pytest.mark.parametrize("run_length", [43, 200])
def test_false_alarms_on_independent_noise_keep_the_budget(detector: Detector, run_length: int) -> None:
    noise = np.random.default_rng(5).standard_normal((2000, 60))
    rate = alarms_per_observation(detector, noise, detector.iid_threshold(run_length))
    assert 1 / rate == pytest.approx(run_length, rel=0.15)


RIVER = [CusumDetector, ShiryaevRobertsDetector]


@pytest.mark.parametrize("make", RIVER)
class TestRiverManners:
    """What River asks of every drift detector."""

    def test_it_is_one_of_rivers_detectors_and_builds_without_arguments(
        self, make: Callable[[], base.DriftDetector]
    ) -> None:
        assert isinstance(make(), base.DriftDetector)
        assert not make().drift_detected

    def test_it_finds_a_drop_and_a_rise_and_starts_anew(self, make: Callable[[], base.DriftDetector]) -> None:
        for level in (-2.0, 2.0):
            rng, detector, alarms = random.Random(2), make(), []
            for number in range(120):
                detector.update(rng.gauss(level if number >= 60 else 0.0, 0.7))
                if detector.drift_detected:
                    alarms.append(number)
            assert 60 <= alarms[0] <= 66
            assert alarms[1] > alarms[0] + 1

    def test_a_clone_is_new_and_has_the_same_parameters(self, make: Callable[[], Any]) -> None:
        detector = make()
        for _ in range(9):
            detector.update(-2.0)
        fresh = detector.clone()
        assert fresh._get_params() == detector._get_params()
        assert fresh.statistic < detector.statistic

    def test_a_pickled_detector_goes_on_alike(self, make: Callable[[], Any]) -> None:
        detector = make()
        for x in (-0.5, -1.0, 0.2):
            detector.update(x)
        again = pickle.loads(pickle.dumps(detector))  # noqa: S301  its own bytes
        for x in (-1.5, 0.3, -2.0):
            detector.update(x)
            again.update(x)
        assert again.statistic == detector.statistic
