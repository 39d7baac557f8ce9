"""What a region remembers of its accounts' weekly revenue: a ring of the newest weeks, the same size for ever."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEKS = 131  # an origin 13 weeks ago compares its season with the 13 weeks before the same season two years ago
LEVEL_WEEKS = 14  # levels are asked for at most 13 weeks ago, the longest delayed label that is learnt
FAST, SLOW = 0.1, 0.05  # steps of the two exponentially weighted means
_COLUMNS = {
    "revenue": Column(np.float32, 0, (WEEKS,)),
    "fast": Column(np.float32, 0, (LEVEL_WEEKS,)),
    "slow": Column(np.float64, 0),
    "first": Column(np.int32, -1),
    "last_order": Column(np.int32, -1),
}


class WeeklyHistory:
    """Weekly revenue (EUR) of n accounts, rows 0..n-1, and the market: the sum over all accounts.

    Weeks are counted from 0 at the first closed week. Arrays are week-major, so the sum of a window is a sum of whole
    rows. Weeks before an account's first order count as zero and are left out of its means by its age.
    """

    def __init__(self) -> None:
        self.week = -1
        self._columns = Columns(_COLUMNS)
        self._market = np.zeros(WEEKS)
        self._means: dict[tuple[int, int], float] = {}  # of the market, since the week or its money last changed

    @property
    def rows(self) -> int:
        return self._columns.rows

    @property
    def first(self) -> NDArray[np.int32]:
        """(n,) week of the first order, -1 before it."""
        return self._columns["first"]

    @property
    def last_order(self) -> NDArray[np.int32]:
        return self._columns["last_order"]

    def add(self) -> int:
        """A new account without orders; its row."""
        return self._columns.add()

    def close(self, revenue: Floats) -> None:
        """Append one week; `revenue` has shape (n,) and is finite."""
        w = self.week + 1
        fast, slow, first = self._columns["fast"], self._columns["slow"], self.first
        previous = fast[self.week % LEVEL_WEEKS].astype(np.float64)
        self._means.clear()
        self.week = w
        self._columns["revenue"][w % WEEKS] = revenue
        self._market[w % WEEKS] = revenue.sum()
        ordered = revenue > 0
        first[ordered & (first < 0)] = w
        self.last_order[ordered] = w
        age = np.maximum(self.age(w), 1)
        begun = first >= 0
        fast[w % LEVEL_WEEKS] = np.where(begun, previous + np.maximum(FAST, 1 / age) * (revenue - previous), 0)
        slow += np.where(begun, np.maximum(SLOW, 1 / age) * (revenue - slow), 0)

    def correct(self, row: int, week: int, delta_eur: float) -> bool:
        """Late money of a closed week; False when the week has left the ring.

        The means move by the weight that week still has in them (exact for accounts older than 1/step weeks).
        """
        if not self.week - WEEKS < week <= self.week or week < 0:
            return False
        self._means.clear()
        revenue, fast = self._columns["revenue"], self._columns["fast"]
        revenue[week % WEEKS, row] += delta_eur
        self._market[week % WEEKS] += delta_eur
        if revenue[week % WEEKS, row] > 0:
            if not 0 <= self.first[row] <= week:
                self.first[row] = week
            self.last_order[row] = max(int(self.last_order[row]), week)
        self._columns["slow"][row] += delta_eur * SLOW * (1 - SLOW) ** (self.week - week)
        for w in range(max(week, self.week - LEVEL_WEEKS + 1, 0), self.week + 1):
            fast[w % LEVEL_WEEKS, row] += delta_eur * FAST * (1 - FAST) ** (w - week)
        return True

    def age(self, week: int) -> NDArray[np.int64]:
        """(n,) weeks from the first order to the end of `week`; 0 before it."""
        first = self.first.astype(np.int64)
        return np.where((first >= 0) & (first <= week), week - first + 1, 0)

    def revenue(self, week: int) -> Floats:
        """(n,) EUR of one remembered week; zero before the region's first week."""
        if week < 0:
            return np.zeros(self.rows)
        return np.asarray(self._columns["revenue"][week % WEEKS].astype(np.float64))

    def weeks(self, end: int, length: int) -> NDArray[np.float32]:
        """(at most `length`, n) EUR of the weeks up to and with `end`, oldest first."""
        return self._columns["revenue"][self._index(end, length)]

    def total(self, end: int, length: int) -> Floats:
        """(n,) EUR of the `length` weeks up to and with `end`."""
        return np.asarray(self.weeks(end, length).sum(axis=0, dtype=np.float64))

    def market_mean(self, end: int, length: int) -> float:
        """EUR per week of the whole region in that window; 0 when none of it is remembered."""
        mean = self._means.get((end, length))
        if mean is None:
            index = self._index(end, length)
            mean = self._means[end, length] = float(self._market[index].mean()) if index.size else 0.0
        return mean

    def fast(self, week: int) -> Floats:
        """(n,) EWMA .1 as it stood at the end of a week, at most 13 weeks ago."""
        return np.asarray(self._columns["fast"][week % LEVEL_WEEKS].astype(np.float64))

    def slow(self) -> Floats:
        """(n,) EWMA .05 at the end of the newest week."""
        return self._columns["slow"].copy()

    @property
    def ring(self) -> NDArray[np.float32]:
        """(WEEKS, n or more) EUR, contiguous; week w stands at w % WEEKS. Columns from `rows` on are spare."""
        return self._columns.whole("revenue")

    def bounds(self, end: int, length: int) -> tuple[int, int]:
        """The first and last week of a window that are remembered; first > last when none is."""
        return max(end - length + 1, self.week - WEEKS + 1, 0), min(end, self.week)

    def _index(self, end: int, length: int) -> NDArray[np.int64]:
        oldest, newest = self.bounds(end, length)
        return np.arange(oldest, newest + 1) % WEEKS

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"week": self.week, "rows": self.rows}, self._columns.state() | {"market": self._market}

    @classmethod
    def restored(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> WeeklyHistory:
        history = cls()
        history.week = values["week"]
        history._columns = Columns.restored(_COLUMNS, values["rows"], arrays)
        history._market = arrays["market"]
        return history
