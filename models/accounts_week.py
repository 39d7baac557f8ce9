"""What accounts bought in a week, or on a day of one, beside what they usually do; and what the market made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.codes import Codes
from models.history import Flags, Floats

_MOST_ORDERS = 5.0  # usual orders that a single one may count for
_FEW_GROUPS = 5
_ORDERS_OF_A_GROUP = 5.0  # usual ones of the period
FEWEST_ACCOUNTS = 4  # a smaller scope is watched account by account
WEEK_CELLS = 3
_LITTLE = 0.5  # orders


@dataclass(frozen=True, slots=True)
class AccountsWeek:
    """One week of the accounts, or one day in sevenths of the usual week, (n,) each. `counted`: those whose usual week
    means something."""

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


def index_of(week: AccountsWeek, scopes: Codes, market: float) -> Floats:
    """(scopes,) log of what the accounts bought in their usual orders over what this market (in orders) makes of the usual
    number; NaN for scopes of too few accounts."""
    usual = scopes.sums(week.usual_orders)
    counts = scopes.sums(week.counted.astype(np.float64))
    enough = (counts >= FEWEST_ACCOUNTS) & (usual > 0) & np.array([name != "" for name in scopes.ids], bool)
    return np.where(enough, np.log((scopes.sums(week.orders) / market + _LITTLE) / (usual + _LITTLE)), np.nan)


def cell_of(week: AccountsWeek, scopes: Codes) -> NDArray[np.intp]:
    """(scopes,) 0, 1 or 2: no, some, or all of the orders under a known effect."""
    effect = scopes.sums(week.under_effect) / np.maximum(scopes.sums(week.days), 1)
    return np.rint(2 * effect).astype(np.intp)
