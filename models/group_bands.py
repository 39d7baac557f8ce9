"""Intervals of 4 and 13 weeks: running quantiles of scaled errors, by how large and how regular an account is.

Source of the method: adaptive conformal inference with delayed labels (Gibbs and Candes 2021). The quantiles give the
shape of a group's interval; a width factor per group then follows the coverage that was really reached, because many
accounts have a lump of zero weeks that no quantile can halve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats
from models.quantiles import group_quantiles
from models.windows import Past

SIZES, RHYTHMS = 3, 4
YOUNG = 3  # the rhythm of accounts in their first year, which scatter more
GROUPS = SIZES * RHYTHMS
_STEP = 0.05
_WIDTH_STEPS = 1.2  # over a horizon; about half of what would swing
_FULL_BATCH = 20
_RARE, _OFTEN = 0.5, 0.85  # share of the weeks of a year with an order
_REVENUE_SHARES = (0.85, 0.5)  # as the customary cuts of A, B and C
_SMALL = np.arange(GROUPS) % SIZES == 0
# Accounts long silent are small and always covered. Small accounts may be covered this much more than promised for
# them; beyond that those that still order are covered less, down to a limit.
_SILENT_MORE, _SILENT_LESS = 0.02, 0.08

Groups = NDArray[np.int64]


def errors_scale(past: Past, horizon: int) -> tuple[Floats, Groups]:
    """(n,) EUR by which a sum of `horizon` weeks is usually missed, and the group of each account (-1: silent)."""
    _, spread = past.yearly_spread()
    recent = past.eur(0, 26) / np.clip(past.age, 1, 26)
    scale = 5.0 + np.sqrt(horizon) * spread + 0.1 * horizon * recent
    often = past.ordered(0, 52) / np.clip(past.age, 1, 52)
    rhythm = np.where(past.age < 52, YOUNG, (often > _RARE).astype(np.int64) + (often > _OFTEN))
    ordered = past.ordered_lately
    size = _sizes(recent, ordered)
    return scale, np.where(ordered, SIZES * rhythm + size, -1)


def _sizes(recent: Floats, ordered: Flags) -> Groups:
    """(n,) 2 for the largest accounts, which bring half of the revenue, 1 for the next up to four fifths, else 0."""
    ranked = np.sort(recent[ordered])[::-1]
    brought = np.cumsum(ranked)
    if brought.size == 0 or brought[-1] <= 0:
        return np.zeros(recent.size, np.int64)
    least = ranked[np.searchsorted(brought, brought[-1] * np.array(_REVENUE_SHARES))]
    return np.asarray((recent >= least[0]).astype(np.int64) + (recent >= least[1]))


class GroupBands:
    """The intervals of one horizon; four numbers a group."""

    def __init__(self, coverage: float, weeks: int) -> None:
        """`weeks`: the horizon, which is how late an interval learns; the later, the smaller its steps."""
        self._coverage = coverage
        self._width_step = _WIDTH_STEPS / weeks
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
        judged = np.where(np.isfinite(score), group, -1)
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
        missing = np.where(seen, self._aims(count, int((np.isfinite(estimate) & (group < 0)).sum())) - reached, 0)
        self._width = np.clip(self._width * np.exp(self._width_step * trust * missing), 0.2, 5)

    def _aims(self, count: Groups, silent: int) -> Floats:
        """(GROUPS,) the share of each group to cover, so that small and silent accounts together come near the promise."""
        small = int(count[_SMALL].sum())
        share = silent / max(small + silent, 1)
        aim = (self._coverage + _SILENT_MORE - share) / max(1 - share, 0.01)
        return np.where(_SMALL, np.clip(aim, self._coverage - _SILENT_LESS, self._coverage), self._coverage)

    def state(self) -> dict[str, NDArray[Any]]:
        return {"low": self._low, "high": self._high, "width": self._width, "batches": self._batches}

    @classmethod
    def restored(cls, coverage: float, weeks: int, arrays: dict[str, NDArray[Any]]) -> GroupBands:
        bands = cls(coverage, weeks)
        bands._low, bands._high = arrays["low"], arrays["high"]
        bands._width, bands._batches = arrays["width"], arrays["batches"]
        return bands
