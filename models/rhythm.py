"""How often each account orders: daily or not, and silent or not, judged by nothing but its own past."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats

_JUDGED_DAYS = 91  # after the first order, then the rhythm is known
_DAILY_SHARE = 0.6  # of the company's working days
_WORKING = 0.3  # of the usual number of ordering accounts makes a working day
_LEAST_SILENCE_DAYS = 28
_LEAST_ORDERS = 8
_STEP = 0.1


class Rhythms:
    """Row-aligned facts about n accounts; days are ordinals. `daily` is meaningful once the rhythm is known."""

    def __init__(self, accounts: int, silence_factor: float) -> None:
        self._factor = silence_factor
        self.first = np.full(accounts, -1, np.int64)
        self.last = np.full(accounts, -1, np.int64)
        self.gap: Floats = np.ones(accounts)  # days between orders, a slow mean
        self.orders = np.zeros(accounts, np.int64)
        self.daily: Flags = np.zeros(accounts, bool)
        self.silent: Flags = np.zeros(accounts, bool)
        self._known: Flags = np.zeros(accounts, bool)
        self._working = np.zeros(accounts, np.int64)  # of the company since the account's first order
        self._usual = 0.0

    @property
    def begun(self) -> Flags:
        """(n,) accounts that have ordered."""
        return np.asarray(self.first >= 0)

    def close_day(self, day: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Learn who ordered; the rows whose rhythm has become known today."""
        if rows.size > _WORKING * self._usual:
            self._usual += _STEP * (rows.size - self._usual)
            self._working[self.begun] += 1
        new = rows[self.first[rows] < 0]
        again = rows[self.first[rows] >= 0]
        self.first[new] = day
        waited = np.minimum(day - self.last[again], _LEAST_SILENCE_DAYS * 4)
        step = np.maximum(_STEP, 1 / np.maximum(self.orders[again], 1))
        self.gap[again] += step * (waited - self.gap[again])
        self.orders[rows] += 1
        self.last[rows], self.silent[rows] = day, False
        due = np.flatnonzero(self.begun & ~self._known & (day - self.first >= _JUDGED_DAYS))
        self._known[due] = True
        self.daily[due] = self.orders[due] >= _DAILY_SHARE * np.maximum(self._working[due], 1)
        return due

    def newly_silent(self, day: int, watched: Flags) -> NDArray[np.intp]:
        """Watched rows that have gone without an order for too long and were not silent before."""
        due = np.maximum(self._factor * self.gap, _LEAST_SILENCE_DAYS)
        now = watched & (self.orders >= _LEAST_ORDERS) & (day - self.last > due) & ~self.silent
        self.silent |= now
        return np.flatnonzero(now)
