"""Sums over the windows that end at an origin, for all accounts at once: the inner loop of the features.

The past of an origin is cut into stretches that do not overlap; every window is a sum of whole stretches. A week is
touched once an origin, and a window without orders sums to exactly zero.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.history import Flags, Floats, WeeklyHistory

CUTS = (0, 4, 8, 13, 26, 39, 48, 52, 65, 91, 100, 104, 117)  # weeks before the origin; stretch j lies between two cuts
RECENT_ORDER = 26
_BLOCK = 256  # accounts whose sums stay in the processor's cache while the weeks pass by


class Past:
    """What was known at the end of one week, which lies at most 13 weeks (or, for sums of a year, 52) back.

    `stretches` has the shape (12, 3, n): EUR, EUR squared and weeks with an order. Weeks that are not remembered, or
    not yet there, count as zero.
    """

    def __init__(self, history: WeeklyHistory, week: int) -> None:
        self.week = week
        self.age = history.age(week)
        bounds = np.array([history.bounds(week - near, far - near) for near, far in pairwise(CUTS)], np.int64)
        ring, rows = history.ring, history.rows
        self.stretches = _sums(ring, bounds, rows)
        self.recency = _since(ring, *history.bounds(week, RECENT_ORDER), rows, RECENT_ORDER)
        self._year: tuple[Floats, Floats] | None = None

    @property
    def ordered_lately(self) -> Flags:
        """(n,) an order in the last 26 weeks."""
        return np.asarray(self.recency < RECENT_ORDER)

    def eur(self, newest: int, oldest: int) -> Floats:
        """(n,) EUR of the weeks between two cuts, in weeks before the origin: (0, 52) is the past year."""
        return self._window(0, newest, oldest)

    def squared(self, newest: int, oldest: int) -> Floats:
        return self._window(1, newest, oldest)

    def ordered(self, newest: int, oldest: int) -> Floats:
        return self._window(2, newest, oldest)

    def _window(self, kind: int, newest: int, oldest: int) -> Floats:
        first, end = CUTS.index(newest), CUTS.index(oldest)
        return np.asarray(self.stretches[first:end, kind].sum(axis=0))

    def weekly_mean(self) -> Floats:
        """(n,) EUR per week of the past year, or of the time since the first order."""
        return self.yearly_spread()[0]

    def yearly_spread(self) -> tuple[Floats, Floats]:
        """(n,) mean and standard deviation of the weeks of the past year, EUR."""
        if self._year is None:
            weeks = np.clip(self.age, 1, 52)
            mean = self.eur(0, 52) / weeks
            self._year = mean, np.sqrt(np.maximum(self.squared(0, 52) / weeks - mean**2, 0))
        return self._year


class Pasts:
    """The pasts of one closed week, each looked up once."""

    def __init__(self, history: WeeklyHistory) -> None:
        self._history = history
        self._known: dict[int, Past] = {}

    @property
    def now(self) -> Past:
        return self.at(self._history.week)

    def at(self, week: int) -> Past:
        if week not in self._known:
            self._known[week] = Past(self._history, week)
        return self._known[week]


@njit(cache=True)
def _sums(ring: NDArray[np.float32], bounds: NDArray[np.int64], rows: int) -> Floats:
    out = np.zeros((bounds.shape[0], 3, rows))
    for start in range(0, rows, _BLOCK):
        stop = min(start + _BLOCK, rows)
        for k in range(bounds.shape[0]):
            eur, squared, ordered = out[k, 0, start:stop], out[k, 1, start:stop], out[k, 2, start:stop]
            for week in range(bounds[k, 0], bounds[k, 1] + 1):
                weekly = ring[week % ring.shape[0], start:stop]
                for i in range(stop - start):
                    value = np.float64(weekly[i])
                    eur[i] += value
                    squared[i] += value * value
                    ordered[i] += np.float64(value > 0)
    return out


@njit(cache=True)
def _since(ring: NDArray[np.float32], oldest: int, newest: int, rows: int, length: int) -> Floats:
    """(rows,) whole weeks since the last order up to `newest`, `length` where there is none."""
    out = np.full(rows, np.float64(length))
    for week in range(oldest, newest + 1):
        eur = ring[week % ring.shape[0]]
        weeks = np.float64(newest - week)
        for i in range(rows):
            out[i] = weeks if eur[i] > 0 else out[i]
    return out
