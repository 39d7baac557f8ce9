"""Potentials hear of market events: at once, no more than is believed, and less as orders come to tell."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from models.event_effects import EventEffect, learnt_share, still_to_come
from models.event_watch import MarketNews
from models.history import Floats
from models.watch import Watch
from models.week_outcome import WeekOutcome
from schemas.reasons import CODES
from schemas.settings import Alerts
from tests.unit.models.companies import Company, week

ACCOUNTS, WEEKS, EVENT = 160, 150, 90
REACH = tuple(range(0, ACCOUNTS, 4))
MARKET_EVENT = CODES.index("market_event")


def company() -> Company:
    return Company(accounts=ACCOUNTS, territories=8, noise=0.2, spread=0.3, order_share=0.9, season=0.0)


def outcomes(told: float | None, real: float, weeks: int = WEEKS) -> list[WeekOutcome]:
    """Of each week, with an event in the middle of one of them."""
    one, watch = company(), Watch(Alerts())
    model, revenue = one.model(), one.revenue(weeks)
    revenue[EVENT:, list(REACH)] *= 1 + real
    found = []
    for number, view in enumerate(one.views(revenue)):
        if number == EVENT and told is not None:
            day = week(number) + timedelta(days=2)
            watch.hear(
                MarketNews("m1", "competitor_opened", day, REACH, told, ("zone", "Z0"), (), ""), view.account_ids
            )
        believed = watch.believed(view.week)
        found.append(model.close_week(view.week, view.observed, np.ones(ACCOUNTS, bool), believed))
        watch = Watch.from_bytes(Alerts(), watch.to_bytes())
        one.shown(watch, view)
    return found


def of_reach(found: list[WeekOutcome]) -> Floats:
    """(weeks,) EUR: the potential of the accounts in reach."""
    return np.array([outcome.potential[list(REACH)].sum() for outcome in found])


def test_the_potential_in_reach_moves_the_week_it_is_told_and_no_other_potential_does() -> None:
    with_event, without = outcomes(-0.3, -0.3, EVENT + 1), outcomes(None, -0.3, EVENT + 1)
    told, untold = with_event[EVENT], without[EVENT]
    others = [row for row in range(ACCOUNTS) if row not in REACH]
    np.testing.assert_array_equal(told.potential[others], untold.potential[others])
    for name in ("potential", "low", "high", "estimate_4w", "estimate_13w", "growth"):
        np.testing.assert_allclose(getattr(told, name)[list(REACH)], 0.7 * getattr(untold, name)[list(REACH)])
    assert with_event[EVENT - 1].potential == pytest.approx(without[EVENT - 1].potential)


def test_the_estimate_is_nearer_the_truth_from_the_first_week_until_orders_have_told_all() -> None:
    real = -0.4
    with_event, without, untouched = (of_reach(outcomes(told, change)) for told, change in ((real, real), (None, real), (None, 0.0)))  # fmt: skip
    for weeks in (0, 4, 8, 13, 20, 30):
        truth = (1 + real) * untouched[EVENT + weeks]
        assert abs(with_event[EVENT + weeks] - truth) < 0.5 * abs(without[EVENT + weeks] - truth), weeks
        assert with_event[EVENT + weeks] == pytest.approx(truth, rel=0.12)
    assert with_event[-1] == pytest.approx(without[-1], rel=0.02)


def test_an_event_that_did_nothing_is_taken_back() -> None:
    with_event, without = of_reach(outcomes(-0.3, 0.0)), of_reach(outcomes(None, 0.0))
    assert with_event[EVENT] == pytest.approx(0.7 * without[EVENT])
    assert with_event[EVENT + 6] == pytest.approx(without[EVENT + 6])


def test_the_event_is_a_reason_with_its_euros() -> None:
    told, untold = outcomes(-0.3, -0.3, EVENT + 1)[EVENT], outcomes(None, -0.3, EVENT + 1)[EVENT]
    lost = told.potential - untold.potential
    np.testing.assert_allclose(told.reasons.eur[-1, MARKET_EVENT], lost, atol=1e-6)
    assert (untold.reasons.eur[:, MARKET_EVENT] == 0).all()


def test_orders_tell_more_of_it_week_by_week() -> None:
    shares = [learnt_share(weeks) for weeks in range(60)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    factor = still_to_come([EventEffect((0,), 13, 0.5), EventEffect((0, 1), 0, -0.2)], 2)
    assert factor == pytest.approx([0.8 * 1.5 / (1 + 0.5 * learnt_share(13)), 0.8])
