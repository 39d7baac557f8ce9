"""Territories, zones and segments as streams: what their accounts buy, counted in each one's usual orders; by the day
where they are busy almost daily, else by the week.

A scope's week is the sum of its accounts' revenue over their own usual order, against the number of orders they usually
make: a large customer counts by its orders, not by its EUR, so one order that comes a week later is no drop of a whole
territory (on the demo company that takes a fifth to a third off the scatter of a week). The index is chained: when the
usual order of an account is learnt anew, the stream goes on where it was, so a slow decline is not learnt away.
Source of chaining: index numbers (Fisher 1922).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.accounts_week import WEEK_CELLS, AccountsWeek, cell_of, index_of
from models.codes import Codes
from models.columns import Column, Columns
from models.early_warning import SCOPES, EarlyWarning, part
from models.history import Flags, Floats
from models.monitor import Found
from models.scope_days import ScopeDays

PAST = 52  # weeks of EUR kept, to say what a change has cost
_SIZE_CHANGED = 0.1  # log: less is the accounts' own coming and going
_COLUMNS = {
    "link": Column(np.float64, 0),
    "size": Column(np.float64, 0),  # usual orders of the newest week
    "sold": Column(np.float64, 0, (PAST,)),
    "usual": Column(np.float64, 0, (PAST,)),
}
_MEMBERS = {"scope": Column(np.int32, -1)}  # row of each account's scope on the newest Sunday, -1 none


class ScopeStreams:
    """The scopes of one kind; a scope takes the next row when it is first seen."""

    def __init__(self, per_year: float, known_effects: bool) -> None:
        self.weeks = EarlyWarning(SCOPES, WEEK_CELLS if known_effects else 1, per_year)
        self.days = ScopeDays(per_year, known_effects)
        self.rows: dict[str, int] = {}
        self._members = Columns(_MEMBERS)
        self._columns = Columns(_COLUMNS)
        self._closed = 0

    def reach(self, accounts: int) -> None:
        """There are so many accounts now; new ones belong to no scope before the week has closed."""
        while self._members.rows < accounts:
            self._members.add()

    @property
    def members(self) -> Codes:
        """The accounts' scopes as of the newest Sunday; a scope's number is its row, and "" comes last.

        Who moved since then counts where it was until the week has closed: a scope's index is a ratio, so nothing jumps.
        """
        scope = self._members["scope"].astype(np.intp)
        return Codes.of([*self.rows, ""], np.where(scope < 0, len(self.rows), scope))

    def close_day(self, day: date, bought: AccountsWeek, members: Codes, market: float) -> list[tuple[str, Found]]:
        """Alarms of the scopes that are watched by the day; `market` in orders, NaN when nobody works."""
        found = self.days.close_day(day, bought, members, self._columns["link"], market)
        names = list(self.rows)
        return [(names[row], one) for row, one in found]

    def close_week(self, week: AccountsWeek, scopes: Codes, market: tuple[float, float]) -> list[tuple[str, Found]]:
        """Alarms of the scopes that are watched by the week; `market` in orders and in EUR."""
        rows = self._rows_of(scopes.ids)
        c = self._columns
        values, cell = np.full(c.rows, np.nan), np.zeros(c.rows, np.intp)
        values[rows] = index_of(week, scopes, market[0]) + c["link"][rows]
        values[self.days.places >= 0] = np.nan
        cell[rows] = cell_of(week, scopes) if self.weeks.cells > 1 else 0
        self._follow_size(rows, scopes.sums(week.usual_orders))
        slot = self._closed % PAST
        c["sold"][slot], c["usual"][slot] = 0, 0
        c["sold"][slot, rows] = scopes.sums(np.where(week.counted, week.eur, 0))
        c["usual"][slot, rows] = market[1] * scopes.sums(np.where(week.counted, week.usual, 0))
        self._closed += 1
        self._members["scope"][:] = np.where([name != "" for name in scopes.ids], rows, -1)[scopes.codes]
        found = self.weeks.close_period(values, cell)
        names = list(self.rows)
        return [(names[one.stream], one) for one in found]

    def _follow_size(self, rows: NDArray[np.intp], usual: Floats) -> None:
        """A scope that loses or gains many accounts at once scatters as fewer or more orders do."""
        before = self._columns["size"][rows]
        grown = np.where((before > 0) & (usual > 0), usual / np.maximum(before, 1e-9), 1.0)
        changed = np.abs(np.log(grown)) > _SIZE_CHANGED
        self.weeks.monitor.widen(rows[changed], grown[changed] ** -0.5)
        self.days.widen(rows[changed], grown[changed] ** -0.5)
        self._columns["size"][rows] = usual

    def skip_week(self) -> None:
        """A week that says nothing of anybody."""
        c = self._columns
        c["sold"][self._closed % PAST], c["usual"][self._closed % PAST] = 0, 0
        self._closed += 1
        self.weeks.close_period(np.full(c.rows, np.nan), np.zeros(c.rows, np.intp))

    def relink(self, scopes: Codes, rate: Floats, change: Floats, counted: Flags) -> None:
        """The accounts' usual week was learnt anew, `change` (n,) times what it was: the streams go on where they are."""
        before = scopes.sums(np.where(counted, rate, 0))
        after = scopes.sums(np.where(counted, rate * change, 0))
        known = before > 0
        self._columns["link"][self._rows_of(scopes.ids)[known]] += np.log(after[known] / before[known])

    def money(self, scope_id: str, weeks: int) -> tuple[float, float]:
        """EUR sold and EUR usual over the newest weeks, 52 at most."""
        last = (self._closed - 1 - np.arange(min(weeks, PAST))) % PAST
        row = self.rows[scope_id]
        return float(self._columns["sold"][last, row].sum()), float(self._columns["usual"][last, row].sum())

    def watching(self, scope_id: str) -> tuple[EarlyWarning, int]:
        """The streams that watch a scope, and its place among them."""
        row = self.rows[scope_id]
        place = int(self.days.places[row])
        return (self.days.warning, place) if place >= 0 else (self.weeks, row)

    @property
    def both(self) -> tuple[EarlyWarning, EarlyWarning]:
        return self.days.warning, self.weeks

    def _rows_of(self, names: list[str]) -> NDArray[np.intp]:
        for name in names:
            if name not in self.rows:
                self.rows[name] = self._columns.add()
        self.days.reach(len(self.rows))
        return np.array([self.rows[name] for name in names], np.intp)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        weeks, arrays = self.weeks.state()
        days, day_arrays = self.days.state()
        values = {
            "weeks": weeks,
            "days": days,
            "scopes": list(self.rows),
            "closed": self._closed,
            "accounts": self._members.rows,
        }
        columns = {f"column.{name}": array for name, array in self._columns.state().items()} | self._members.state()
        own = {f"weeks.{name}": array for name, array in arrays.items()}
        return values, own | {f"days.{name}": array for name, array in day_arrays.items()} | columns

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.weeks.restore(values["weeks"], part("weeks", arrays))
        self.days.restore(values["days"], part("days", arrays))
        self.rows = {name: row for row, name in enumerate(values["scopes"])}
        self._columns = Columns.restored(_COLUMNS, len(self.rows), part("column", arrays))
        self._members = Columns.restored(_MEMBERS, values["accounts"], arrays)
        self._closed = values["closed"]
