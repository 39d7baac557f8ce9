"""Reasons sum to the estimate, and name what was really done to an account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.counterfactual import taken_apart
from models.feature_rows import BASE, COLUMNS, CORE, expand
from models.history import Floats
from models.potential import PotentialModel
from models.reasons import HORIZONS
from models.week_outcome import WeekOutcome
from schemas.reasons import CODES
from schemas.settings import Potential
from tests.unit.models.companies import Company, traits, week

WEEKS = 130
FELL, GONE, NEW, YOUNG = 0, 1, 40, 41


@pytest.fixture(scope="module")
def outcome() -> WeekOutcome:
    """Forty accounts with a season: one fell to half thirteen weeks ago, one has stopped; a prospect, and a young one."""
    company = Company(noise=0.1, order_share=0.95)
    model, revenue = company.model(), company.revenue(WEEKS)
    revenue[-13:, FELL] *= 0.5
    revenue[-40:, GONE] = 0
    model.add(traits("chain1"))
    model.add(traits("chain2"))
    for number, row in enumerate(revenue):
        young = 100.0 if number >= WEEKS - 5 else 0.0
        last = model.close_week(week(number), np.append(row, [0.0, young]), np.ones(42, bool))
    return last


def assert_sums(outcome: WeekOutcome) -> None:
    said = (outcome.estimate_4w, outcome.estimate_13w, outcome.estimate_52w)
    for weeks, eur, estimate in zip(HORIZONS, outcome.reasons.eur, said, strict=True):
        told = weeks / 52 * outcome.reasons.base + eur.sum(axis=0)
        np.testing.assert_allclose(told, estimate, rtol=1e-9, atol=1e-6)


def of(outcome: WeekOutcome, code: str) -> Floats:
    return np.asarray(outcome.reasons.eur[:, CODES.index(code)])  # type: ignore[arg-type]


def test_base_and_reasons_sum_to_every_estimate(outcome: WeekOutcome) -> None:
    assert_sums(outcome)


@given(seed=st.integers(0, 2**20), weeks=st.integers(1, 100))
@settings(max_examples=8, deadline=None)
def test_they_sum_whatever_was_ordered_and_given_back(seed: int, weeks: int) -> None:
    rng = np.random.default_rng(seed)
    model = PotentialModel(Potential())
    for i in range(12):
        model.add(traits(f"chain{i % 3}"))
    begins = rng.integers(0, 90, 12)
    for number in range(weeks):
        revenue = rng.exponential(10 ** rng.uniform(-2, 6), 12) * rng.choice([-1, 0, 1, 1], 12) * (begins <= number)
        assert_sums(model.close_week(week(number), revenue, np.ones(12, bool)))


def test_an_account_that_fell_hears_of_its_own_orders_and_since_when(outcome: WeekOutcome) -> None:
    code, eur = outcome.reasons.strongest()
    year = HORIZONS.index(52)
    assert CODES[code[year, 0, FELL]] == "own_orders"
    assert eur[year, 0, FELL] < -0.1 * outcome.reasons.base[FELL]
    assert outcome.reasons.change[FELL] == pytest.approx(-0.5, abs=0.12)
    assert outcome.reasons.changed_weeks[FELL] == 13


def test_an_account_that_stopped_is_silent_and_nothing_else(outcome: WeekOutcome) -> None:
    assert outcome.estimate_52w[GONE] == 0
    assert of(outcome, "silent")[2, GONE] == pytest.approx(-outcome.reasons.base[GONE])
    assert np.count_nonzero(outcome.reasons.eur[2, :, GONE]) == 1
    assert outcome.reasons.waited[GONE] == 40


def test_a_prospect_begins_at_the_usual_new_account(outcome: WeekOutcome) -> None:
    assert outcome.reasons.base_by_analogy[NEW]
    assert outcome.reasons.base[NEW] > 0
    assert of(outcome, "name_or_kind")[2, NEW] != 0
    assert (of(outcome, "own_orders")[:, NEW] == 0).all()


def test_a_young_account_is_partly_valued_by_its_like(outcome: WeekOutcome) -> None:
    assert not outcome.reasons.base_by_analogy[YOUNG]
    assert of(outcome, "like_accounts")[2, YOUNG] != 0


def test_the_season_is_told_to_the_near_estimates_of_steady_accounts() -> None:
    """The company's season is at its lowest in week 39 of a year; the quarter before it is an average one."""
    company = Company(accounts=60, noise=0.05, order_share=1.0, season=0.4)
    model = company.model()
    for number, revenue in enumerate(company.revenue(4 * 52 + 32)):
        outcome = model.close_week(week(number), revenue, np.ones(60, bool))
    quarter = HORIZONS.index(13)
    code, eur = outcome.reasons.strongest()
    first = [CODES[place] for place in code[quarter, 0]]
    assert first.count("season") > 40
    assert np.median(eur[quarter, 0]) < 0


def test_the_parts_of_a_prediction_sum_to_it_over_the_past_year() -> None:
    rng = np.random.default_rng(1)
    base, mean, sd = rng.normal(0, 1, (50, BASE)), rng.normal(0, 0.1, CORE), rng.uniform(0.5, 2, CORE)
    coefficients = rng.normal(0, 0.1, COLUMNS)
    moves = np.append(rng.normal(0, 0.1, (2, 8)), np.zeros((2, 1)), axis=1)
    said, parts = taken_apart(base, mean, sd, coefficients, moves)
    np.testing.assert_allclose(said, expand(base, mean, sd) @ coefficients, atol=1e-12)
    np.testing.assert_allclose(parts.sum(axis=1), said - base[:, 8], atol=1e-12)


def test_as_of_now_a_growing_account_is_worth_less_than_is_anticipated_of_it() -> None:
    company = Company(accounts=40, noise=0.05, order_share=1.0, season=0.0)
    grown = company.revenue(120) * np.exp(0.012 * np.arange(120))[:, None]
    outcomes = {}
    for year in ("now", "anticipated"):
        model = PotentialModel(Potential(year=year))  # type: ignore[arg-type]
        for i in range(40):
            model.add(traits(f"chain{i % 3}"))
        for number, revenue in enumerate(grown):
            outcomes[year] = model.close_week(week(number), revenue, np.ones(40, bool))
    now, ahead = outcomes["now"], outcomes["anticipated"]
    assert (now.low <= now.potential).all()
    assert (now.potential <= now.high).all()
    np.testing.assert_allclose(ahead.growth, ahead.potential - now.potential, atol=1e-6)
    np.testing.assert_array_equal(now.growth, ahead.growth)
    assert_sums(now)
