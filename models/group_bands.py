"""Intervals of 4 and 13 weeks: running quantiles of scaled errors, by how large and how regular an account is.

Source of the method: adaptive conformal inference with delayed labels (Gibbs and Candes 2021). The quantiles give the
shape of a group's interval; a width factor per group then follows the coverage that was really reached, because many
accounts have a lump of zero weeks that no quantile can halve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.history import Floats, WeeklyHistory
from models.windows import last_orders, window_sums

SIZES, RHYTHMS = 3, 3
GROUPS = SIZES * RHYTHMS
_STEP = 0.05
_WIDTH_STEP = 0.1
_FULL_BATCH = 20
_RARE, _OFTEN = 0.5, 0.85  # share of the weeks of a year with an order
_SILENT_SHARE = 0.022  # accounts long silent are always covered, so the others are covered by that much less

Groups = NDArray[np.int64]


def errors_scale(history: WeeklyHistory, week: int, horizon: int) -> tuple[Floats, Groups]:
    """(n,) EUR by which a sum of `horizon` weeks is usually missed, and the group of each account (-1: silent)."""
    year, half = window_sums(history, [(week, 52), (week, 26)])
    age = np.clip(history.age(week), 1, 52)
    mean = year.eur / age
    spread = np.sqrt(np.maximum(year.squared / age - mean**2, 0))
    recent = half.eur / np.clip(age, 1, 26)
    scale = 5.0 + np.sqrt(horizon) * spread + 0.1 * horizon * recent
    _, ordered = last_orders(history, week, 26)
    often = year.ordered / age
    rhythm = (often > _RARE).astype(np.int64) + (often > _OFTEN)
    cuts = np.quantile(recent[ordered], [1 / 3, 2 / 3]) if ordered.any() else np.zeros(2)
    return scale, np.where(ordered, SIZES * rhythm + np.searchsorted(cuts, recent), -1)


class GroupBands:
    """The intervals of one horizon; four numbers a group."""

    def __init__(self, coverage: float) -> None:
        self._coverage = coverage
        self._low, self._high = np.full(GROUPS, -0.8), np.full(GROUPS, 0.8)
        self._width, self._batches = np.ones(GROUPS), np.zeros(GROUPS)

    def bounds(self, estimate: Floats, scale: Floats, group: Groups) -> tuple[Floats, Floats]:
        """(n,) EUR below and above; the estimate lies inside. A silent account:
        from 0 to twice the estimate."""
        width = self._width[group] * scale
        below = np.where(group >= 0, np.minimum(self._low[group], 0) * width, -np.inf)
        above = np.where(group >= 0, np.maximum(self._high[group], 0) * width, estimate)
        return np.minimum(np.maximum(estimate + below, 0), estimate), estimate + above

    def learn(self, actual: Floats, estimate: Floats, scale: Floats, group: Groups) -> None:
        """One week's matured estimates (n,), with scale and group as they were at their origin; NaN: none."""
        low, high = self.bounds(estimate, scale, group)
        covered = (low <= actual) & (actual <= high)
        score = (actual - estimate) / scale
        known = np.isfinite(estimate)
        tail = (1 - self._coverage) / 2
        for one in range(GROUPS):
            rows = known & (group == one)
            count = int(rows.sum())
            if count == 0:
                continue
            self._batches[one] += 1
            trust = count / (count + _FULL_BATCH)
            step = max(_STEP * trust, 1 / self._batches[one] if count > 5 else 0)
            quantiles = np.quantile(score[rows], [tail, 1 - tail])
            self._low[one] += step * (quantiles[0] - self._low[one])
            self._high[one] += step * (quantiles[1] - self._high[one])
            missing = self._coverage - _SILENT_SHARE - covered[rows].mean()
            self._width[one] = np.clip(self._width[one] * np.exp(_WIDTH_STEP * trust * missing), 0.2, 5)

    def state(self) -> dict[str, NDArray[Any]]:
        return {"low": self._low, "high": self._high, "width": self._width, "batches": self._batches}

    @classmethod
    def restored(cls, coverage: float, arrays: dict[str, NDArray[Any]]) -> GroupBands:
        bands = cls(coverage)
        bands._low, bands._high = arrays["low"], arrays["high"]
        bands._width, bands._batches = arrays["width"], arrays["batches"]
        return bands
