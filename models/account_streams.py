"""Accounts as streams: by the day where they order almost daily, else by the week."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.early_warning import DAYS, WEEKS, Cells, EarlyWarning, part
from models.history import Flags, Floats
from models.monitor import Found
from models.rhythm import Rhythms

WEEKDAYS = 7
WEEK_CELLS = 3  # no, some, or all of the week's orders under a known effect
Rows = NDArray[np.intp]
_COLUMNS = {"daily": Column(np.int64, -1), "weekly": Column(np.int64, -1)}


def little_of(usual: Floats) -> Floats:
    """EUR added to a week and to the usual one, so that a week without orders has a logarithm too."""
    return 0.25 * usual + 1


class AccountStreams:
    """Each account takes its row among the daily or the weekly streams when its rhythm is known, and keeps it."""

    def __init__(self, effects: int, per_year: float) -> None:
        """`effects`: combinations of known effects; `per_year`: false alarms of one stream in a year."""
        self.days = EarlyWarning(DAYS, WEEKDAYS * effects, per_year)
        self.weeks = EarlyWarning(WEEKS, WEEK_CELLS, per_year)
        self._places = Columns(_COLUMNS)

    def reach(self, rows: int) -> None:
        """There are that many accounts now."""
        while self._places.rows < rows:
            self._places.add()

    def rows_of(self, one: EarlyWarning) -> Rows:
        """(accounts,) their rows among the daily or the weekly streams, -1 none."""
        return np.asarray(self._places["daily" if one is self.days else "weekly"])

    def join(self, rhythms: Rhythms, worth: Flags) -> None:
        """Accounts worth watching whose rhythm is known take the next row of their kind of streams."""
        for one, chosen in ((self.days, rhythms.daily), (self.weeks, ~rhythms.daily)):
            places = self.rows_of(one)
            new = np.flatnonzero(rhythms.known & worth & chosen & (places < 0))
            first = int(places.max(initial=-1)) + 1
            places[new] = np.arange(first, first + new.size)

    def close_day(self, weekday: int, rows: Rows, eur: Floats, effect: Cells) -> list[tuple[int, Found]]:
        """Alarms of the daily streams with the rows of their accounts."""
        place = self.rows_of(self.days)[rows]
        here = (place >= 0) & (eur > 0)
        cell = weekday + WEEKDAYS * effect[here]
        return self._close(self.days, place[here], np.log(eur[here]), cell)

    def close_week(self, rows: Rows, week: Floats, usual: Floats, cell: Cells) -> list[tuple[int, Found]]:
        """Alarms of the weekly streams; EUR of the week, usual EUR and cell of the named rows."""
        place = self.rows_of(self.weeks)[rows]
        here = place >= 0
        little = little_of(usual[here])
        values = np.log((np.maximum(week[here], 0) + little) / (usual[here] + little))
        return self._close(self.weeks, place[here], values, cell[here])

    def _close(self, one: EarlyWarning, place: Rows, seen: Floats, seen_cell: Cells) -> list[tuple[int, Found]]:
        places = self.rows_of(one)
        streams = int(places.max(initial=-1)) + 1
        values, cell = np.full(streams, np.nan), np.zeros(streams, np.intp)
        values[place], cell[place] = seen, seen_cell
        found = one.close_period(values, cell)
        if not found:
            return []
        account = np.argsort(np.where(places >= 0, places, places.size + streams), kind="stable")
        return [(int(account[each.stream]), each) for each in found]

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values: dict[str, Any] = {"rows": self._places.rows}
        arrays = {f"places.{name}": array for name, array in self._places.state().items()}
        for name, one in (("days", self.days), ("weeks", self.weeks)):
            values[name], own = one.state()
            arrays |= {f"{name}.{key}": array for key, array in own.items()}
        return values, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._places = Columns.restored(_COLUMNS, values["rows"], part("places", arrays))
        for name, one in (("days", self.days), ("weeks", self.weeks)):
            one.restore(values[name], part(name, arrays))
