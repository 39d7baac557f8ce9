"""Intervals of 4 and 13 weeks: running quantiles of scaled errors, by how large and how regular an account is.

Source of the method: adaptive conformal inference with delayed labels (Gibbs and Candes 2021). The quantiles give the
shape of a group's interval; a width factor per group then follows the coverage that was really reached, because many
accounts have a lump of zero weeks that no quantile can halve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.history import Floats
from models.quantiles import group_quantiles, quantiles
from models.windows import Past

SIZES, RHYTHMS = 3, 3
GROUPS = SIZES * RHYTHMS
_STEP = 0.05
_WIDTH_STEP = 0.1
_FULL_BATCH = 20
_RARE, _OFTEN = 0.5, 0.85  # share of the weeks of a year with an order
_SILENT_SHARE = 0.022  # accounts long silent are always covered, so the others are covered by that much less

Groups = NDArray[np.int64]


def errors_scale(past: Past, horizon: int) -> tuple[Floats, Groups]:
    """(n,) EUR by which a sum of `horizon` weeks is usually missed, and the group of each account (-1: silent)."""
    _, spread = past.yearly_spread()
    recent = past.eur(0, 26) / np.clip(past.age, 1, 26)
    scale = 5.0 + np.sqrt(horizon) * spread + 0.1 * horizon * recent
    often = past.ordered(0, 52) / np.clip(past.age, 1, 52)
    rhythm = (often > _RARE).astype(np.int64) + (often > _OFTEN)
    ordered = past.ordered_lately
    cuts = quantiles(recent[ordered], np.array([1 / 3, 2 / 3]))
    size = (recent > cuts[0]).astype(np.int64) + (recent > cuts[1])
    return scale, np.where(ordered, SIZES * rhythm + size, -1)


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
        judged = np.where(np.isfinite(estimate), group, -1)
        inside = judged >= 0
        count = np.bincount(judged[inside], minlength=GROUPS)
        seen = count > 0
        tail = (1 - self._coverage) / 2
        found = group_quantiles(score, judged, GROUPS, np.array([tail, 1 - tail]))
        self._batches += seen
        trust = count / (count + _FULL_BATCH)
        step = np.maximum(_STEP * trust, np.where(count > 5, 1 / np.maximum(self._batches, 1), 0))
        self._low += step * (found[:, 0] - self._low)
        self._high += step * (found[:, 1] - self._high)
        reached = np.bincount(judged[inside], covered[inside], GROUPS) / np.maximum(count, 1)
        missing = np.where(seen, self._coverage - _SILENT_SHARE - reached, 0)
        self._width = np.clip(self._width * np.exp(_WIDTH_STEP * trust * missing), 0.2, 5)

    def state(self) -> dict[str, NDArray[Any]]:
        return {"low": self._low, "high": self._high, "width": self._width, "batches": self._batches}

    @classmethod
    def restored(cls, coverage: float, arrays: dict[str, NDArray[Any]]) -> GroupBands:
        bands = cls(coverage)
        bands._low, bands._high = arrays["low"], arrays["high"]
        bands._width, bands._batches = arrays["width"], arrays["batches"]
        return bands
