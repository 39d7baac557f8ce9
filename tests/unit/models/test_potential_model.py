"""The potential model: real predictions from the first week, honest about what it does not know."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from models.potential import PotentialModel, WeekOrderError
from models.snapshot import SnapshotError, pack
from schemas.settings import Potential
from tests.unit.models.companies import Company, traits, week


def test_the_first_week_already_gives_an_estimate() -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    outcome = model.close_week(week(0), np.array([100.0]), np.array([True]))
    assert np.isnan(outcome.expected_eur[0])
    assert outcome.estimate_52w[0] == pytest.approx(5200)
    assert outcome.by_analogy[0]


def test_the_expectation_of_a_week_was_made_before_it() -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    model.close_week(week(0), np.array([100.0]), np.array([True]))
    surprised = model.close_week(week(1), np.array([900.0]), np.array([True]))
    assert surprised.expected_eur[0] == pytest.approx(100)


def test_a_steady_account_is_worth_52_of_its_weeks() -> None:
    model = PotentialModel(Potential())
    for _ in range(3):
        model.add(traits())
    for number in range(80):
        outcome = model.close_week(week(number), np.array([100.0, 200.0, 0.0]), np.ones(3, bool))
    assert outcome.estimate_52w[:2] == pytest.approx([5200, 10400], rel=0.02)
    assert outcome.observed_weeks.tolist() == [80, 80, 0]
    assert (outcome.low <= outcome.potential).all()
    assert (outcome.potential <= outcome.high).all()


def test_a_new_account_is_worth_what_its_kind_is_worth() -> None:
    model = PotentialModel(Potential())
    for i in range(12):
        model.add(traits(chain="large" if i < 6 else "small"))
    revenue = np.array([1000.0] * 6 + [50.0] * 6)
    for number in range(60):
        model.close_week(week(number), revenue, np.ones(12, bool))
    large, small = model.add(traits("large")), model.add(traits("small", lat=None, lon=None))
    outcome = model.close_week(week(60), np.append(revenue, [0.0, 0.0]), np.ones(14, bool))
    assert outcome.by_analogy[[large, small]].all()
    assert outcome.estimate_52w[large] == pytest.approx(52_000, rel=0.5)
    assert outcome.estimate_52w[small] < 0.2 * outcome.estimate_52w[large]


def test_own_history_replaces_the_analogy_after_the_set_weeks() -> None:
    model = PotentialModel(Potential(min_weeks=5))
    model.add(traits())
    flags = [model.close_week(week(k), np.array([10.0]), np.array([True])).by_analogy[0] for k in range(6)]
    assert flags == [True, True, True, True, False, False]


def test_a_closed_account_is_worth_nothing() -> None:
    company = Company(accounts=5)
    model = company.model()
    active = np.array([True, True, True, True, False])
    for number, revenue in enumerate(company.revenue(20)):
        outcome = model.close_week(week(number), revenue, active)
    assert outcome.potential[4] == outcome.high[4] == 0


def test_late_money_counts_as_if_it_had_come_in_time() -> None:
    late, timely = PotentialModel(Potential()), PotentialModel(Potential())
    late.add(traits()), timely.add(traits())
    for number in range(40):
        late.close_week(week(number), np.array([40.0 if number == 35 else 100.0]), np.array([True]))
        timely.close_week(week(number), np.array([100.0]), np.array([True]))
    assert late.correct(0, week(35), 60.0)
    assert late.predict().year == pytest.approx(timely.predict().year, rel=1e-3)


@pytest.mark.parametrize("number", [-1, 3, 40])
def test_late_money_of_a_week_not_remembered_is_refused(number: int) -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    assert not model.correct(0, week(0), 10.0)
    model.close_week(week(0), np.array([5.0]), np.array([True]))
    before = model.to_bytes()
    assert not model.correct(0, week(number), 10.0)
    assert model.to_bytes() == before


def test_weeks_close_in_order_on_mondays_with_all_accounts() -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    one, yes = np.array([1.0]), np.array([True])
    with pytest.raises(WeekOrderError, match="not a Monday"):
        model.close_week(week(0) + timedelta(days=1), one, yes)
    with pytest.raises(WeekOrderError, match="1 accounts"):
        model.close_week(week(0), np.array([1.0, 2.0]), yes)
    with pytest.raises(WeekOrderError, match="not finite"):
        model.close_week(week(0), np.array([np.nan]), yes)
    model.close_week(week(0), one, yes)
    with pytest.raises(WeekOrderError, match="the next one is 2020-01-13"):
        model.close_week(week(2), one, yes)


def test_a_refused_week_changes_nothing() -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    with pytest.raises(WeekOrderError):
        model.close_week(week(0), np.array([np.inf]), np.array([True]))
    model.close_week(week(5), np.array([1.0]), np.array([True]))


def test_returned_goods_do_not_break_the_model() -> None:
    model = PotentialModel(Potential())
    model.add(traits())
    for number in range(80):
        outcome = model.close_week(week(number), np.array([-50.0 if number % 9 == 8 else 20.0]), np.array([True]))
    assert np.isfinite(outcome.potential).all()
    assert (outcome.low >= 0).all()


def test_the_regression_learns_a_season_the_level_cannot_know() -> None:
    company = Company(accounts=60, noise=0.15)
    model = company.model()
    for number, revenue in enumerate(company.revenue(176)):
        model.close_week(week(number), revenue, np.ones(60, bool))
    ours, naive = model.quality.rolling(13)
    assert ours < 0.9 * naive
    assert not model.quality.drifting()


def test_a_snapshot_of_another_version_is_refused() -> None:
    with pytest.raises(SnapshotError, match="version old"):
        PotentialModel.from_bytes(Potential(), pack("potential model", "old", {}, {}))
    with pytest.raises(SnapshotError, match="not a snapshot"):
        PotentialModel.from_bytes(Potential(), b"nonsense")
    with pytest.raises(SnapshotError, match="ends inside"):
        PotentialModel.from_bytes(Potential(), PotentialModel(Potential()).to_bytes()[:-8])
