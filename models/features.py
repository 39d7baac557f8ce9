"""The 43 features of an account at an origin and their expansion to 107 columns.

An origin is the end of week t; a horizon h asks for the revenue of the weeks t+1..t+h. Features are log ratios to the
account's own reference level, so accounts of any size share one model. The first 22 are levels, season and silence of
the account; then come its rhythm of ordering, its season of two years, its type (chain) and its scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats, WeeklyHistory
from models.windows import Sums, last_orders, window_sums

CORE = 22
BASE = 43
COLUMNS = 107
SHARED_COLUMNS = tuple(range(13, 19))  # of the expansion: season and market, one value for all accounts of a week
EARLIEST_ORIGIN = 60  # last year's season needs 52 weeks and a few to average over
YOUNGEST = 8
RECENT_ORDER = 26
_OFFSET = 5.0  # EUR; keeps the logarithm of a zero week finite
_CLIP = 3.0
_RATIO_CLIP = 2.0
_YEAR = 52.18

Types = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Origin:
    """Features of all n accounts at one origin and horizon."""

    base: Floats  # (n, 43)
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


def _ratio(value: Floats, other: Floats) -> Floats:
    """Log ratio of two levels, EUR."""
    log = np.log((np.maximum(value, 0) + _OFFSET) / (np.maximum(other, 0) + _OFFSET))
    return np.clip(log, -_RATIO_CLIP, _RATIO_CLIP)


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


@dataclass(frozen=True, slots=True)
class _Past:
    """Windows of one origin, all accounts: lengths up to the origin, and the same season one and two years ago."""

    last: dict[int, Sums]
    coming: tuple[Sums, Sums]  # the horizon's weeks, one and two years ago
    before: tuple[Sums, Sums]  # the 13 weeks before those
    recency: Floats

    @classmethod
    def of(cls, history: WeeklyHistory, week: int, horizon: int) -> tuple[_Past, Flags]:
        lengths = (4, 8, 13, 26, 52, 104)
        ends = (week - 52, week - 104)
        windows = [(week, length) for length in lengths]
        windows += [(end + horizon, horizon) for end in ends] + [(end, 13) for end in ends]
        sums = window_sums(history, windows)
        recency, ordered = last_orders(history, week, RECENT_ORDER)
        last = dict(zip(lengths, sums[:6], strict=True))
        return cls(last, (sums[6], sums[7]), (sums[8], sums[9]), recency), ordered


def origin_features(history: WeeklyHistory, week: int, horizon: int, types: Types) -> Origin:
    """All features from what was known at the end of `week`, which may lie up to 13 weeks back.

    types: (n,) codes of the accounts' types, 0..k-1.
    """
    age = history.age(week)
    past, ordered = _Past.of(history, week, horizon)
    means = {length: one.eur / np.clip(age, 1, length) for length, one in past.last.items()}
    ref = np.maximum.reduce([history.fast(week), 0.25 * means[52], np.full(age.size, 20.0)])

    base = np.empty((age.size, BASE))
    _write_levels(base, history, week, horizon, past, means, ref, age)
    base[:, 22:29] = _rhythm(past, age)
    base[:, 29:33] = _two_years(base[:, 9], past, horizon, ref, age)
    base[:, 33:37] = _of_type(past, horizon, types)
    base[:, 37:42] = _scatter(past, base[:, 7:9], age)
    base[:, 42] = _log_ratio(means[104], ref)
    return Origin(base, ref, (age > YOUNGEST) & ordered & (week >= EARLIEST_ORIGIN))


def _write_levels(
    base: Floats,
    history: WeeklyHistory,
    week: int,
    horizon: int,
    past: _Past,
    means: dict[int, Floats],
    ref: Floats,
    age: NDArray[np.int64],
) -> None:
    season = seasonal_index(history, week, horizon)
    a_year_ago = past.before[0].eur / 13
    same_weeks = np.where(age < 52 + horizon, means[13], past.coming[0].eur / horizon)
    by_market = means[13] * season
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.minimum(same_weeks * means[13] / a_year_ago, 5 * np.maximum(means[13], means[52]) + 1)
    own = np.where((a_year_ago > 0) & (age >= 65), own, by_market)
    phase = 2 * np.pi * ((week + 1 + horizon / 2) % _YEAR) / _YEAR
    levels = [history.revenue(week - lag) for lag in range(4)] + [means[k] for k in (4, 8, 13, 26, 52)]
    for column, value in enumerate([*levels, same_weeks, by_market, own]):
        base[:, column] = _log_ratio(value, ref)
    base[:, 12:14] = np.log([season, year_on_year(history, week)])
    base[:, 14:18] = [np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)]
    base[:, 18] = np.log(ref)
    base[:, 19] = np.clip(1 - past.last[13].ordered / np.clip(age, 1, 13), 0, 1)
    base[:, 20] = past.recency / 13
    base[:, 21] = np.minimum(age, 260) / 260


def _rhythm(past: _Past, age: NDArray[np.int64]) -> Floats:
    """(n, 7) how often it orders, how overdue the next order is, and whether orders or their sizes change."""
    often = past.last[52].ordered / np.clip(age, 1, 52)
    overdue = np.clip(past.recency * np.maximum(often, 1 / 52), 0, 8)
    size = past.last[13].eur / np.maximum(past.last[13].ordered, 1)
    usual_size = past.last[52].eur / np.maximum(past.last[52].ordered, 1)
    return np.stack(
        [
            often, np.minimum(overdue, 2), np.maximum(overdue - 2, 0), np.exp(-overdue), _ratio(size, usual_size),
            past.last[13].ordered / 13 - often, overdue * often,
        ],
        axis=1,
    )  # fmt: skip


def _two_years(last_year: Floats, past: _Past, horizon: int, ref: Floats, age: NDArray[np.int64]) -> Floats:
    """(n, 4) the same weeks two years ago, and the account's own season of each year and their mean."""
    weekly = [one.eur / horizon for one in past.coming]
    quarter = [one.eur / 13 for one in past.before]
    old = age >= 104 + horizon
    level = np.where(old, _log_ratio(weekly[1], ref), last_year)
    second = np.where(old & (quarter[1] > 20), _ratio(weekly[1], quarter[1]), 0)
    first = np.where((age >= 65) & (quarter[0] > 20), _ratio(weekly[0], quarter[0]), 0)
    return np.stack([level, second, first, old * (first + second) / 2], axis=1)


def _of_type(past: _Past, horizon: int, types: Types) -> Floats:
    """(n, 4) how accounts of the same type do together: last weeks, last quarter, coming season, year on year."""
    windows = [past.last[4], past.last[13], past.last[52], past.before[0], past.coming[0]]
    lengths = [4, 13, 52, 13, horizon]
    of_types = [np.bincount(types, one.eur) / k for one, k in zip(windows, lengths, strict=True)]
    short, now, year, before, coming = of_types
    known = before > 0
    ratios = [_ratio(short, now), _ratio(now, year), known * _ratio(coming, before), known * _ratio(now, before)]
    return np.stack(ratios, axis=1)[types]


def _scatter(past: _Past, levels: Floats, age: NDArray[np.int64]) -> Floats:
    """(n, 5) variation coefficients of the weeks of half a year and a year, and how the levels act with them."""
    half, year = (_variation(past.last[k], np.clip(age, 1, k)) for k in (26, 52))
    return np.stack([half, year, year**2 / 4, year * levels[:, 0], year * levels[:, 1]], axis=1)


def _variation(sums: Sums, weeks: NDArray[np.int64]) -> Floats:
    mean = sums.eur / weeks
    spread = np.sqrt(np.maximum(sums.squared / weeks - mean**2, 0))
    return np.minimum(spread / np.maximum(mean, 5), 4)


def expand(base: Floats, mean: Floats, sd: Floats) -> Floats:
    """(rows, 43) features and the (22,) mean and sd of the first -> (rows, 107): kinks and interactions of the levels."""
    N = np.clip((base[:, :CORE] - mean) / sd, -5, 5)
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
        base[:, CORE:],
    ]
    return np.concatenate(parts, axis=1)
