"""The usual week of each account, in EUR, orders and days with an order; and what the open week has brought so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.accounts_week import AccountsWeek
from models.columns import Column, Columns
from models.history import Flags, Floats
from models.rhythm import Rhythms

ESTABLISHED_WEEKS = 8
_USUAL_STEP = 0.02
Rows = NDArray[np.intp]
_COLUMNS = {
    "usual": Column(np.float64, 0),  # EUR a week in a market at factor 1
    "rate": Column(np.float64, 0),  # days with an order a week
    "a_day": Column(np.float64, 0),  # orders on a day with any
    "age": Column(np.int64, 0),  # weeks since the first order
    "factor": Column(np.float64, 1),  # of the usual week, expected of known events
    "scatter": Column(np.float64, 0),  # square of a week's orders over the usual ones, a slow mean
    "counted": Column(np.bool_, 0),  # established at the end of the newest week
    "worth": Column(np.bool_, 1),  # watched as an account of its own
    "week": Column(np.float64, 0),  # of the open week: EUR,
    "days": Column(np.float64, 0),  # days with an order,
    "count": Column(np.float64, 0),  # orders,
    "under": Column(np.float64, 0),  # and those under a known effect
}
_OF_THE_WEEK = ("week", "days", "count", "under")


class UsualWeeks:
    """One row per account. Usual is what a week brings in a market at factor 1; it follows slowly."""

    def __init__(self) -> None:
        self._columns = Columns(_COLUMNS)

    @property
    def rows(self) -> int:
        return self._columns.rows

    def reach(self, accounts: int) -> None:
        """There are so many accounts now."""
        while self._columns.rows < accounts:
            self._columns.add()

    @property
    def eur(self) -> Floats:
        """(n,) EUR a week in a market at factor 1."""
        return np.asarray(self._columns["usual"])

    @property
    def scatter(self) -> Floats:
        """(n,) variance of a week's orders over the usual ones."""
        return np.asarray(self._columns["scatter"])

    @property
    def worth(self) -> Flags:
        """(n,) accounts that are watched one by one; to be written to."""
        return self._columns["worth"]

    def established(self, active: Flags) -> Flags:
        """(n,) accounts whose usual week means something."""
        return np.asarray(active & (self._columns["age"] >= ESTABLISHED_WEEKS))

    def expect(self, rows: Rows, factor: float) -> None:
        """Something known moves the usual week of these accounts from now on."""
        self._columns["factor"][rows] *= factor

    def settle(self, rows: Rows, factor: float) -> None:
        """What moved these accounts has come to stay: it is in their usual week now, and their streams saw no change."""
        self._columns["usual"][rows] *= factor

    def add_day(self, rows: Rows, eur: Floats, effect: NDArray[np.intp], count: Floats | None) -> None:
        """Orders of a day of the open week. rows: each once; one order each where the count is not known."""
        c = self._columns
        c["week"][rows] += eur
        c["under"][rows] += effect > 0
        c["days"][rows] += 1
        c["count"][rows] += 1 if count is None else count

    def set_week(self, eur: Floats) -> None:
        """(n,) EUR of the open week, known better than by adding up its days; NaN where it is not."""
        self._columns["week"][:] = np.where(np.isnan(eur), self._columns["week"], eur)

    @property
    def counted(self) -> Flags:
        """(n,) accounts that were established when the newest week closed."""
        return np.asarray(self._columns["counted"])

    def week(self, counted: Flags) -> AccountsWeek:
        """The open week as it stands, beside the usual one of the counted accounts."""
        c = self._columns
        return AccountsWeek(
            eur=c["week"].copy(),
            days=c["days"].copy(),
            count=c["count"].copy(),
            usual=c["usual"].copy(),
            rate=c["rate"].copy(),
            a_day=c["a_day"].copy(),
            under_effect=c["under"].copy(),
            counted=counted,
        )

    def day(self, rows: Rows, eur: Floats, effect: NDArray[np.intp], count: Floats | None) -> AccountsWeek:
        """One day of the open week as `add_day` has it, beside a seventh of the usual week as known events have moved it."""
        c, seen = self._columns, np.zeros((4, self.rows))
        for values, of_day in zip(seen, (eur, 1, 1 if count is None else count, effect > 0), strict=True):
            values[rows] = of_day
        return AccountsWeek(
            eur=seen[0],
            days=seen[1],
            count=seen[2],
            usual=c["usual"] * c["factor"] / 7,
            rate=c["rate"] / 7,
            a_day=c["a_day"],
            under_effect=seen[3],
            counted=c["counted"],
        )

    def expected(self, week: AccountsWeek) -> AccountsWeek:
        """The same week beside the usual one as known events have moved it."""
        return replace(week, usual=week.usual * self._columns["factor"])

    def begin_week(self) -> None:
        """Another week is open; nothing has come yet."""
        for name in _OF_THE_WEEK:
            self._columns[name][:] = 0

    def learn(self, week: AccountsWeek, active: Flags, rhythms: Rhythms, market: tuple[float, float]) -> Floats:
        """Move towards the week, market removed. (n,) factors by which the usual EUR of counted accounts changed."""
        c = self._columns
        c["counted"][:] = week.counted
        begun = active & rhythms.begun
        c["age"][begun] += 1
        moving = begun & ~rhythms.silent
        step = np.maximum(_USUAL_STEP, 1 / np.maximum(c["age"], 1))
        rhythm = max(float(week.days[week.counted].sum()) / max(float(week.rate[week.counted].sum()), 1e-9), 0.05)
        beat = rhythm if week.counted.any() else 1.0
        c["usual"][moving] += (step * (np.maximum(week.eur, 0) / (market[1] * c["factor"]) - c["usual"]))[moving]
        over = week.orders - week.usual_orders * market[0] * c["factor"]
        c["scatter"][week.counted] += (np.maximum(step, 0.05) * (over**2 - c["scatter"]))[week.counted]
        c["rate"][moving] += (step * (week.days / beat - c["rate"]))[moving]
        some = moving & (week.days > 0)
        often = week.count / np.maximum(week.days, 1)
        c["a_day"][some] = np.where(c["a_day"] > 0, c["a_day"] + step * (often - c["a_day"]), often)[some]
        return np.where(week.counted, c["usual"] / np.maximum(week.usual, 1e-9), 1.0)

    def state(self) -> dict[str, NDArray[Any]]:
        return self._columns.state()

    def restore(self, rows: int, arrays: dict[str, NDArray[Any]]) -> None:
        self._columns = Columns.restored(_COLUMNS, rows, arrays)
