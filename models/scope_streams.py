"""Territories, zones and segments as streams: what their accounts buy in a week, counted in each one's usual orders.

A scope's week is the sum of its accounts' revenue over their own usual order, against the number of orders they usually
make: a large customer counts by its orders, not by its EUR, so one order that comes a week later is no drop of a whole
territory (on the demo company that takes a fifth to a third off the scatter of a week). The index is chained: when the
usual order of an account is learnt anew, the stream goes on where it was, so a slow decline is not learnt away.
Source of chaining: index numbers (Fisher 1922).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.codes import Codes
from models.columns import Column, Columns
from models.early_warning import SCOPES, EarlyWarning, part
from models.history import Flags, Floats
from models.monitor import Found

PAST = 52  # weeks of EUR kept, to say what a change has cost
WEEK_CELLS = 3
FEWEST_ACCOUNTS = 4  # a smaller scope is watched account by account
_MOST_ORDERS = 5.0  # usual orders that a single one may count for
_LITTLE = 0.5  # orders
_FEW_GROUPS = 5
_ORDERS_OF_A_GROUP = 5.0  # usual ones of a week
_SIZE_CHANGED = 0.1  # log: less is the accounts' own coming and going
_COLUMNS = {
    "link": Column(np.float64, 0),
    "size": Column(np.float64, 0),  # usual orders of the newest week
    "sold": Column(np.float64, 0, (PAST,)),
    "usual": Column(np.float64, 0, (PAST,)),
}


@dataclass(frozen=True, slots=True)
class AccountsWeek:
    """One week of the accounts, (n,) each. `counted`: those whose usual week means something."""

    eur: Floats
    days: Floats  # with an order
    count: Floats  # orders
    usual: Floats  # EUR of a week
    rate: Floats  # days with an order of a week
    a_day: Floats  # orders on a day with any
    under_effect: Floats  # days with an order under a known effect
    counted: Flags

    @property
    def orders(self) -> Floats:
        """(n,) the week's revenue in usual orders."""
        size = np.where(self.counted, self.usual, 1.0)
        counted = np.maximum(self.eur, 0) * self.rate / np.maximum(size, 1e-9)
        return np.where(self.counted, np.minimum(counted, _MOST_ORDERS * np.maximum(self.days, 1)), 0.0)

    def orders_of(self, rows: NDArray[np.intp]) -> Floats:
        """The revenue of accounts that count in usual orders, however many they are."""
        return np.asarray(self.eur[rows] * self.rate[rows] / np.maximum(self.usual[rows], 1e-9))

    @property
    def usual_orders(self) -> Floats:
        return np.where(self.counted, self.rate, 0.0)


def market_of(week: AccountsWeek, scopes: Codes) -> tuple[float, float]:
    """The market's factor of the week in orders and in EUR: that of the middle group of scopes, so that one scope in
    trouble does not pull it down; of all accounts together where there are only a few groups.

    A scope that orders less than once a week sells nothing in most weeks, so the middle of many such would be no market:
    whole scopes are put together until each group usually has some orders (medians of means; Lugosi and Mendelson 2019).
    """
    groups, count = _groups(scopes.sums(week.usual_orders))
    orders = _middle(week.orders, week.usual_orders, scopes, groups, count)
    eur, usual = np.where(week.counted, week.eur, 0), np.where(week.counted, week.usual, 0)
    return orders, _middle(eur, usual, scopes, groups, count)


def _groups(usual: Floats) -> tuple[NDArray[np.intp], int]:
    """(scopes,) the group of each and how many there are: the largest scope first, each into the emptiest group."""
    count = min(int(usual.sum() // _ORDERS_OF_A_GROUP), int((usual > 0).sum()))
    if count < _FEW_GROUPS:
        return np.zeros(usual.size, np.intp), 1
    groups, load = np.zeros(usual.size, np.intp), np.zeros(count)
    for scope in np.argsort(-usual, kind="stable").tolist():
        groups[scope] = np.argmin(load)
        load[groups[scope]] += usual[scope]
    return groups, count


def _middle(seen: Floats, usual: Floats, scopes: Codes, groups: NDArray[np.intp], count: int) -> float:
    base = np.bincount(groups, scopes.sums(usual), count)
    sold = np.bincount(groups, scopes.sums(seen), count)
    known = base > 0
    return max(float(np.median(sold[known] / base[known])), 0.05) if known.any() else 1.0


class ScopeStreams:
    """The scopes of one kind; a scope takes the next row when it is first seen."""

    def __init__(self, per_year: float, known_effects: bool) -> None:
        self.warning = EarlyWarning(SCOPES, WEEK_CELLS if known_effects else 1, per_year)
        self.rows: dict[str, int] = {}
        self._columns = Columns(_COLUMNS)
        self._weeks = 0

    def close_week(self, week: AccountsWeek, scopes: Codes, market: tuple[float, float]) -> list[tuple[str, Found]]:
        """Alarms with the names of their scopes; `market` in orders and in EUR."""
        rows = self._rows_of(scopes.ids)
        usual = scopes.sums(week.usual_orders)
        counts = scopes.sums(week.counted.astype(np.float64))
        enough = (counts >= FEWEST_ACCOUNTS) & (usual > 0) & np.array([name != "" for name in scopes.ids], bool)
        ratio = np.log((scopes.sums(week.orders) / market[0] + _LITTLE) / (usual + _LITTLE))
        effect = scopes.sums(week.under_effect) / np.maximum(scopes.sums(week.days), 1)
        c = self._columns
        values, cell = np.full(c.rows, np.nan), np.zeros(c.rows, np.intp)
        values[rows[enough]] = ratio[enough] + c["link"][rows[enough]]
        cell[rows] = np.rint(2 * effect) if self.warning.cells > 1 else 0
        self._follow_size(rows, usual)
        slot = self._weeks % PAST
        c["sold"][slot], c["usual"][slot] = 0, 0
        c["sold"][slot, rows] = scopes.sums(np.where(week.counted, week.eur, 0))
        c["usual"][slot, rows] = market[1] * scopes.sums(np.where(week.counted, week.usual, 0))
        self._weeks += 1
        found = self.warning.close_period(values, cell)
        names = list(self.rows)
        return [(names[one.stream], one) for one in found]

    def _follow_size(self, rows: NDArray[np.intp], usual: Floats) -> None:
        """A scope that loses or gains many accounts at once scatters as fewer or more orders do."""
        before = self._columns["size"][rows]
        grown = np.where((before > 0) & (usual > 0), usual / np.maximum(before, 1e-9), 1.0)
        changed = np.abs(np.log(grown)) > _SIZE_CHANGED
        self.warning.monitor.widen(rows[changed], grown[changed] ** -0.5)
        self._columns["size"][rows] = usual

    def skip_week(self) -> None:
        """A week that says nothing of anybody."""
        c = self._columns
        c["sold"][self._weeks % PAST], c["usual"][self._weeks % PAST] = 0, 0
        self._weeks += 1
        self.warning.close_period(np.full(c.rows, np.nan), np.zeros(c.rows, np.intp))

    def relink(self, scopes: Codes, rate: Floats, change: Floats, counted: Flags) -> None:
        """The accounts' usual week was learnt anew, `change` (n,) times what it was: the streams go on where they are."""
        before = scopes.sums(np.where(counted, rate, 0))
        after = scopes.sums(np.where(counted, rate * change, 0))
        known = before > 0
        self._columns["link"][self._rows_of(scopes.ids)[known]] += np.log(after[known] / before[known])

    def money(self, scope_id: str, weeks: int) -> tuple[float, float]:
        """EUR sold and EUR usual over the newest weeks, 52 at most."""
        last = (self._weeks - 1 - np.arange(min(weeks, PAST))) % PAST
        row = self.rows[scope_id]
        return float(self._columns["sold"][last, row].sum()), float(self._columns["usual"][last, row].sum())

    def _rows_of(self, names: list[str]) -> NDArray[np.intp]:
        for name in names:
            if name not in self.rows:
                self.rows[name] = self._columns.add()
        return np.array([self.rows[name] for name in names], np.intp)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        warning, arrays = self.warning.state()
        values = {"warning": warning, "scopes": list(self.rows), "weeks": self._weeks}
        columns = {f"column.{name}": array for name, array in self._columns.state().items()}
        return values, {f"warning.{name}": array for name, array in arrays.items()} | columns

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.warning.restore(values["warning"], part("warning", arrays))
        self.rows = {name: row for row, name in enumerate(values["scopes"])}
        self._columns = Columns.restored(_COLUMNS, len(self.rows), part("column", arrays))
        self._weeks = values["weeks"]
