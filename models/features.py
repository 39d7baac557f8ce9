"""The 43 features of an account at an origin and their expansion to 107 columns.

An origin is the end of week t; a horizon h asks for the revenue of the weeks t+1..t+h. Features are log ratios to the
account's own reference level, so accounts of any size share one model. The first 22 are levels, season and silence of
the account; then come its rhythm of ordering, its season of two years, its type (chain) and its scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.feature_rows import BASE, OFFSET, RATIO_CLIP, log_ratios, write_features
from models.history import Flags, Floats, WeeklyHistory
from models.market import EARLIEST_ORIGIN, seasonal_index, year_on_year
from models.windows import Past

YOUNGEST = 8
_CLIP = 3.0
_YEAR = 52.18

Types = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Origin:
    """Features of the k usable accounts at one origin and horizon: old enough, and with an order in 26 weeks."""

    rows: NDArray[np.intp]  # (k,) which accounts of the region
    base: Floats  # (k, 43)
    ref: Floats  # (k,) EUR per week

    def only(self, active: Flags) -> Origin:
        """Those of the given accounts; `active` is (n,), n accounts of the region."""
        kept = active[self.rows]
        return self if kept.all() else Origin(self.rows[kept], self.base[kept], self.ref[kept])

    def target(self, revenue: Floats, horizon: int) -> Floats:
        """Log ratio of the realised weekly mean to the reference; `revenue` (k,) is the sum of the horizon, EUR."""
        return log_ratios(revenue / horizon, self.ref)

    def euros(self, log_ratio: Floats, horizon: int) -> Floats:
        """The inverse of `target`: EUR over the horizon, never negative."""
        weekly = np.exp(np.clip(log_ratio, -_CLIP, _CLIP)) * (self.ref + OFFSET) - OFFSET
        return np.maximum(0.0, horizon * weekly)


def _ratio(value: Floats, other: Floats) -> Floats:
    """Log ratio of two levels, EUR."""
    log = np.log((np.maximum(value, 0) + OFFSET) / (np.maximum(other, 0) + OFFSET))
    return np.clip(log, -RATIO_CLIP, RATIO_CLIP)


def origin_features(history: WeeklyHistory, past: Past, horizon: int, types: Types) -> Origin:
    """All features of a horizon of 4 or 13 weeks from what was known at the origin of `past`.

    types: (n,) codes of the accounts' types, 0..k-1.
    """
    week = past.week
    usable = (past.age > YOUNGEST) & past.ordered_lately & (week >= EARLIEST_ORIGIN)
    rows = np.flatnonzero(usable)
    season = seasonal_index(history, week, horizon)
    phase = 2 * np.pi * ((week + 1 + horizon / 2) % _YEAR) / _YEAR
    of_week = np.array(
        [season, np.log(season), np.log(year_on_year(history, week)),
         np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)]
    )  # fmt: skip
    newest = np.stack([history.revenue(week - lag) for lag in range(4)])
    base, ref = np.empty((rows.size, BASE)), np.empty(rows.size)
    write_features(
        rows, past.stretches, newest, history.fast(week), past.age, past.recency,
        _of_type(past, horizon, types), types, of_week, horizon, base, ref,
    )  # fmt: skip
    return Origin(rows, base, ref)


def _of_type(past: Past, horizon: int, types: Types) -> Floats:
    """(types, 4) how accounts of a type do together: last weeks, last quarter, coming season, year on year."""
    windows = [(0, 4), (0, 13), (0, 52), (52, 65), (52 - horizon, 52)]
    of_types = [np.bincount(types, past.eur(*one)) / (one[1] - one[0]) for one in windows]
    short, now, year, before, coming = of_types
    known = before > 0
    ratios = [_ratio(short, now), _ratio(now, year), known * _ratio(coming, before), known * _ratio(now, before)]
    return np.stack(ratios, axis=1)
