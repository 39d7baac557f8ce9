"""The 22 features of an account at an origin and their expansion to 86 columns.

An origin is the end of week t; a horizon h asks for the revenue of the weeks t+1..t+h. Features are log ratios to the
account's own reference level, so accounts of any size share one model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats, WeeklyHistory

BASE = 22
COLUMNS = 86
SHARED_COLUMNS = tuple(range(13, 19))  # of the expansion: season and market, one value for all accounts of a week
EARLIEST_ORIGIN = 60  # last year's season needs 52 weeks and a few to average over
YOUNGEST = 8
RECENT_ORDER = 26
_OFFSET = 5.0  # EUR; keeps the logarithm of a zero week finite
_CLIP = 3.0
_YEAR = 52.18


@dataclass(frozen=True, slots=True)
class Origin:
    """Features of all n accounts at one origin and horizon."""

    base: Floats  # (n, 22)
    ref: Floats  # (n,) EUR per week
    usable: Flags  # (n,) old enough, and ordered in the last 26 weeks

    def only(self, rows: NDArray[np.intp]) -> Origin:
        return Origin(self.base[rows], self.ref[rows], self.usable[rows])

    def target(self, revenue: Floats, horizon: int) -> Floats:
        """Log ratio of the realised weekly mean to the reference; `revenue` is the sum of the horizon, EUR."""
        return _log_ratio(revenue / horizon, self.ref)

    def euros(self, log_ratio: Floats, horizon: int) -> Floats:
        """The inverse of `target`: EUR over the horizon, never negative."""
        weekly = np.exp(np.clip(log_ratio, -_CLIP, _CLIP)) * (self.ref + _OFFSET) - _OFFSET
        return np.maximum(0.0, horizon * weekly)


def _log_ratio(value: Floats, ref: Floats) -> Floats:
    return np.clip(np.log((np.maximum(value, 0) + _OFFSET) / (ref + _OFFSET)), -_CLIP, _CLIP)


def seasonal_index(history: WeeklyHistory, week: int, horizon: int) -> float:
    """How the market's coming `horizon` weeks stood a year ago against the 13 weeks before them; 1 when unknown."""
    coming = history.market_mean(week - 52 + horizon, horizon)
    before = history.market_mean(week - 52, 13)
    if week < EARLIEST_ORIGIN or before <= 0 or coming <= 0:
        return 1.0
    return float(np.clip(coming / before, 0.25, 4.0))


def year_on_year(history: WeeklyHistory, week: int) -> float:
    """The market's last 13 weeks against the same weeks a year ago; 1 when unknown."""
    now, before = history.market_mean(week, 13), history.market_mean(week - 52, 13)
    if week < EARLIEST_ORIGIN or before <= 0 or now <= 0:
        return 1.0
    return float(np.clip(now / before, 0.25, 4.0))


def origin_features(history: WeeklyHistory, week: int, horizon: int) -> Origin:
    """All features from what was known at the end of `week`, which may lie up to 13 weeks back."""
    age = history.age(week)
    totals = {length: history.total(week, length) for length in (4, 8, 13, 26, 52)}
    means = {length: total / np.clip(age, 1, length) for length, total in totals.items()}
    ref = np.maximum.reduce([history.fast(week), 0.25 * means[52], np.full(age.size, 20.0)])

    season = seasonal_index(history, week, horizon)
    a_year_ago = history.total(week - 52, 13) / 13
    same_weeks = history.total(week - 52 + horizon, horizon) / horizon
    same_weeks = np.where(age < 52 + horizon, means[13], same_weeks)
    by_market = means[13] * season
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.minimum(same_weeks * means[13] / a_year_ago, 5 * np.maximum(means[13], means[52]) + 1)
    own = np.where((a_year_ago > 0) & (age >= 65), own, by_market)

    last26 = history.weeks(week, RECENT_ORDER) > 0
    ordered = last26.any(axis=0)
    recency = np.where(ordered, last26[::-1].argmax(axis=0), RECENT_ORDER)
    quiet = 1 - last26[-13:].sum(axis=0) / np.clip(age, 1, 13)
    phase = 2 * np.pi * ((week + 1 + horizon / 2) % _YEAR) / _YEAR

    base = np.empty((age.size, BASE))
    levels = [history.revenue(week - lag) for lag in range(4)] + [means[k] for k in (4, 8, 13, 26, 52)]
    for column, value in enumerate([*levels, same_weeks, by_market, own]):
        base[:, column] = _log_ratio(value, ref)
    base[:, 12:14] = np.log([season, year_on_year(history, week)])
    base[:, 14:18] = [np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)]
    base[:, 18] = np.log(ref)
    base[:, 19] = np.clip(quiet, 0, 1)
    base[:, 20] = recency / 13
    base[:, 21] = np.minimum(age, 260) / 260
    return Origin(base, ref, (age > YOUNGEST) & ordered & (week >= EARLIEST_ORIGIN))


def expand(base: Floats, mean: Floats, sd: Floats) -> Floats:
    """(rows, 22) features and their (22,) mean and sd -> (rows, 86) columns: kinks and interactions of the levels."""
    N = np.clip((base - mean) / sd, -5, 5)
    quiet, recency = base[:, 19:20], np.minimum(base[:, 20:21], 1)
    levels, means = N[:, :12], N[:, 4:12]
    parts: list[NDArray[np.float64]] = [
        np.ones((len(N), 1)),
        N,
        np.abs(levels),
        np.maximum(means - 0.5, 0),
        np.minimum(means + 0.5, 0),
        levels * quiet,
        levels * recency,
        N[:, 14:18] * N[:, 7:8],
        N[:, 18:19] * N[:, 4:9],
        quiet**2,
        recency**2,
    ]
    return np.concatenate(parts, axis=1)
