"""Scopes of one kind by the day: those in which several accounts order on nearly every working day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.account_streams import WEEKDAYS
from models.accounts_week import FEWEST_ACCOUNTS, WEEK_CELLS, AccountsWeek, cell_of, index_of
from models.codes import Codes
from models.columns import Column, Columns
from models.early_warning import SCOPE_DAYS, EarlyWarning, part
from models.history import Floats
from models.monitor import Found

_JUDGED_DAYS = 91  # after the scope is first seen, then its rhythm is known
_BUSY_SHARE = 0.9  # of the working days
_OF_THE_MIDDLE = 0.8  # of the accounts that order on the middle such weekday make a busy day
_WORKING_SHARE = 4 / WEEKDAYS  # of all days; a company that is heard of once a week works by the week
_COLUMNS = {
    "first": Column(np.int64, -1),  # day
    "known": Column(np.bool_, 0),
    "ordering": Column(
        np.int32, -1, (_JUDGED_DAYS,)
    ),  # accounts on each working day until the rhythm is known, -1 else
    "place": Column(np.int64, -1),  # among the daily streams
}
Rows = NDArray[np.intp]


class ScopeDays:
    """A scope takes a place among the daily streams when its rhythm is known to be daily, and keeps it; else it has none."""

    def __init__(self, per_year: float, known_effects: bool) -> None:
        cells = WEEKDAYS * (WEEK_CELLS if known_effects else 1)
        self.warning = EarlyWarning(SCOPE_DAYS, cells, per_year)
        self._columns = Columns(_COLUMNS)
        self._first: date | None = None

    def reach(self, scopes: int) -> None:
        """There are so many scopes now."""
        while self._columns.rows < scopes:
            self._columns.add()

    @property
    def places(self) -> Rows:
        """(scopes,) their places among the daily streams, -1 for those watched by the week."""
        return np.asarray(self._columns["place"])

    @property
    def idle(self) -> bool:
        """No scope is watched by the day, and none may be found to deserve it."""
        return not ((self.places >= 0) | ~self._columns["known"]).any()

    def join(self, day: int, scopes: Codes, rows: Rows, worked: bool) -> None:
        """Learn how many accounts of each scope ordered (`rows`, each once); scopes whose rhythm is known now are judged."""
        c = self._columns
        learning = np.flatnonzero(~c["known"])
        if not learning.size:
            return
        new = learning[c["first"][learning] < 0]
        c["first"][new] = day
        if worked:
            ordering = np.bincount(scopes.codes[rows], minlength=len(scopes.ids))
            c["ordering"][np.minimum(day - c["first"][learning], _JUDGED_DAYS - 1), learning] = ordering[learning]
        due = learning[day - c["first"][learning] >= _JUDGED_DAYS - 1]
        c["known"][due] = True
        daily = np.array([row for row in due.tolist() if _is_daily(c["ordering"][:, row])], np.intp)
        first = int(c["place"].max(initial=-1)) + 1
        c["place"][daily] = np.arange(first, first + daily.size)

    def close_day(
        self, day: date, bought: AccountsWeek, scopes: Codes, link: Floats, market: float
    ) -> list[tuple[int, Found]]:
        """Alarms with the rows of their scopes. `market`: of the day in orders, NaN on a day on which nobody works;
        link: (scopes,) of the chained index."""
        places = self.places
        daily = np.flatnonzero(places >= 0)
        if not daily.size:
            return []
        self._first = self._first or day
        values, cell = np.full(daily.size, np.nan), np.zeros(daily.size, np.intp)
        if np.isfinite(market):
            values[places[daily]] = index_of(bought, scopes, market)[daily] + link[daily]
            cell[places[daily]] = day.weekday()
            if self.warning.cells > WEEKDAYS:
                cell[places[daily]] += WEEKDAYS * cell_of(bought, scopes)[daily]
        found = self.warning.close_period(values, cell)
        scope = np.zeros(daily.size, np.intp)
        scope[places[daily]] = daily
        return [(int(scope[one.stream]), one) for one in found]

    def widen(self, rows: Rows, factor: Floats) -> None:
        """From now on these scopes scatter so many times as much."""
        places = self.places[rows]
        self.warning.monitor.widen(places[places >= 0], factor[places >= 0])

    def date_of(self, period: int) -> date:
        assert self._first is not None  # noqa: S101  a day has closed
        return self._first + timedelta(days=period)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        warning, arrays = self.warning.state()
        values = {"warning": warning, "rows": self._columns.rows, "first": self._first and self._first.isoformat()}
        columns = {f"column.{name}": array for name, array in self._columns.state().items()}
        return values, {f"warning.{name}": array for name, array in arrays.items()} | columns

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.warning.restore(values["warning"], part("warning", arrays))
        self._columns = Columns.restored(_COLUMNS, values["rows"], part("column", arrays))
        self._first = date.fromisoformat(values["first"]) if values["first"] else None


def _is_daily(ordering: NDArray[np.int32]) -> bool:
    """Whether a scope is busy on nearly all working days; (days,) accounts that ordered, -1 when nobody works.

    Where the number of those who order is chance, or many do on one weekday and hardly any on another, a day says little
    and the sum of a week more.
    """
    weeks = np.where(ordering >= 0, ordering, np.nan).reshape(-1, WEEKDAYS)
    working = np.isfinite(weeks)
    if working.sum() < _WORKING_SHARE * ordering.size:
        return False
    middle = np.nanmedian(weeks[:, working.any(axis=0)], axis=0)
    busy = weeks[:, working.any(axis=0)] >= np.maximum(FEWEST_ACCOUNTS, _OF_THE_MIDDLE * middle)
    return bool(busy.sum() >= _BUSY_SHARE * working.sum())
