"""How often each account orders: daily or not, and silent or not, judged by nothing but its own past."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Flags, Floats

_JUDGED_DAYS = 91  # after the first order, then the rhythm is known
_DAILY_SHARE = 0.6  # of the company's working days
_WORKING = 0.3  # of the usual number of ordering accounts makes a working day
_LEAST_SILENCE_DAYS = 28
_LEAST_ORDERS = 8
_STEP = 0.1
_COLUMNS = {
    "first": Column(np.int64, -1),
    "last": Column(np.int64, -1),
    "gap": Column(np.float64, 1),
    "orders": Column(np.int64, 0),
    "working": Column(np.int64, 0),  # days of the company since the account's first order
    "daily": Column(np.bool_, 0),
    "silent": Column(np.bool_, 0),
    "known": Column(np.bool_, 0),
}
Rows = NDArray[np.intp]


class Rhythms:
    """Row-aligned facts about accounts; days are ordinals."""

    def __init__(self, silence_factor: float) -> None:
        self.factor = silence_factor
        self._columns = Columns(_COLUMNS)
        self._usual = 0.0

    def reach(self, rows: int) -> None:
        """There are that many accounts now."""
        while self._columns.rows < rows:
            self._columns.add()

    @property
    def begun(self) -> Flags:
        """(n,) accounts that have ordered."""
        return np.asarray(self._columns["first"] >= 0)

    @property
    def gap(self) -> Floats:
        """(n,) days between orders, a slow mean."""
        return np.asarray(self._columns["gap"])

    @property
    def last(self) -> NDArray[np.int64]:
        """(n,) day of the last order, -1 none."""
        return np.asarray(self._columns["last"])

    @property
    def silent(self) -> Flags:
        """(n,) accounts that were found silent and have not ordered since."""
        return np.asarray(self._columns["silent"])

    @property
    def known(self) -> Flags:
        """(n,) accounts whose rhythm is known; only then does `daily` mean something."""
        return np.asarray(self._columns["known"])

    @property
    def daily(self) -> Flags:
        """(n,) accounts that order almost every working day."""
        return np.asarray(self._columns["daily"])

    def close_day(self, day: int, rows: Rows) -> bool:
        """Learn who ordered; each row once. Whether so many did that it was a working day of the company."""
        c = self._columns
        first, last, orders = c["first"], c["last"], c["orders"]
        worked = rows.size > _WORKING * self._usual
        if worked:
            self._usual += _STEP * (rows.size - self._usual)
            c["working"][self.begun] += 1
        again = rows[first[rows] >= 0]
        first[rows[first[rows] < 0]] = day
        waited = np.minimum(day - last[again], _LEAST_SILENCE_DAYS * 4)
        step = np.maximum(_STEP, 1 / np.maximum(orders[again], 1))
        c["gap"][again] += step * (waited - c["gap"][again])
        orders[rows] += 1
        last[rows], c["silent"][rows] = day, False
        due = np.flatnonzero(self.begun & ~c["known"] & (day - first >= _JUDGED_DAYS))
        c["known"][due] = True
        c["daily"][due] = orders[due] >= _DAILY_SHARE * np.maximum(c["working"][due], 1)
        return bool(worked)

    def newly_silent(self, day: int, watched: Flags) -> Rows:
        """Watched rows that have gone without an order for too long and were not silent before."""
        c = self._columns
        due = np.maximum(self.factor * c["gap"], _LEAST_SILENCE_DAYS)
        now = watched & (c["orders"] >= _LEAST_ORDERS) & (day - c["last"] > due) & ~c["silent"]
        c["silent"][now] = True
        return np.flatnonzero(now)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"rows": self._columns.rows, "usual": self._usual}, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._columns = Columns.restored(_COLUMNS, values["rows"], arrays)
        self._usual = values["usual"]
