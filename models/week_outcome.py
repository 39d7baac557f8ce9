"""What a closed week says of every account: what was expected of it, the estimates, their bounds and their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.forecast import Forecast
from models.history import Flags, Floats
from models.ledger import YEAR
from models.reasons import Reasons

_SD_PER_MEAN_DEVIATION = 1.2533  # of a normal distribution


@dataclass(frozen=True, slots=True)
class WeekOutcome:
    """Arrays (n,) after a closed week; money in EUR."""

    week: date
    expected_eur: Floats  # predicted a week earlier for the week just closed; NaN where nothing was predicted
    scale_eur: Floats  # usual deviation of a week from its prediction (as a standard deviation)
    estimate_4w: Floats
    estimate_13w: Floats
    estimate_52w: Floats
    bounds_4w: tuple[Floats, Floats]  # low and high
    bounds_13w: tuple[Floats, Floats]
    bounds_52w: tuple[Floats, Floats]
    potential: Floats  # revenue of the next `horizon_weeks` weeks
    low: Floats  # bounds of the potential
    high: Floats
    horizon_weeks: int  # of the potential
    growth: Floats  # potential as anticipated less potential as of now
    reasons: Reasons  # of the estimates, whether active or not
    by_analogy: Flags
    observed_weeks: NDArray[np.int64]  # since the account's first order


def outcome_of(
    week: date, expected: Floats, deviation: Floats, ahead: Forecast, active: Flags, why: Reasons, horizon_weeks: int
) -> WeekOutcome:
    """The outcome as told. expected, deviation (n,): a week's prediction and its mean absolute error, NaN where none was made."""
    scale = np.where(np.isfinite(deviation), _SD_PER_MEAN_DEVIATION * deviation, 0.5 * ahead.year / 52)
    short, long, year, low, high = (
        np.where(active, v, 0.0) for v in (ahead.short, ahead.long, ahead.year, ahead.low, ahead.high)
    )
    share = horizon_weeks / YEAR
    return WeekOutcome(
        week=week,
        expected_eur=expected,
        scale_eur=np.maximum(scale, 5.0),
        estimate_4w=short,
        estimate_13w=long,
        estimate_52w=year,
        bounds_4w=_within(ahead.short_bounds, active),
        bounds_13w=_within(ahead.long_bounds, active),
        bounds_52w=(low, high),
        potential=year * share,
        low=low * share,
        high=high * share,
        horizon_weeks=horizon_weeks,
        growth=np.where(active, ahead.growth, 0.0) * share,
        reasons=why,
        by_analogy=ahead.by_analogy,
        observed_weeks=ahead.age_weeks.astype(np.int64),
    )


def _within(bounds: tuple[Floats, Floats], active: Flags) -> tuple[Floats, Floats]:
    return np.where(active, bounds[0], 0.0), np.where(active, bounds[1], 0.0)
