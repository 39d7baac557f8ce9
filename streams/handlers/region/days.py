"""Account days as a region hears them: kept while their week is open and a while longer, for corrections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import fsum

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import DayTotals
from streams.handlers.region.state import NO_ROW, AccountState, RegionState

SUNDAY = 6
"""The weekday that ends a week."""
KEPT_DAYS = 42
"""Days after their closing in which a correction can still be told from a repetition."""


def hear_days(state: RegionState, days: Iterable[DayTotals]) -> list[DayTotals]:
    """Remember the totals of open days; those of closed days are handed back, to be learnt as corrections."""
    heard = state.days
    closed = state.closed.toordinal() if state.closed else 0
    late = []
    for totals in days:
        if totals.day <= closed:
            late.append(totals)
        elif totals.day in heard:
            heard[totals.day][totals.account_id] = totals
        else:
            heard[totals.day] = {totals.account_id: totals}
    return late


def replace_day(state: RegionState, totals: DayTotals) -> int | None:
    """Remember new totals of a closed day. Cents by which it changed; None when it is too old to tell."""
    if state.closed is not None and totals.day <= state.closed.toordinal() - KEPT_DAYS:
        return None
    accounts = state.days.setdefault(totals.day, {})
    before = accounts.get(totals.account_id)
    accounts[totals.account_id] = totals
    return totals.revenue_cents - (before.revenue_cents if before else 0)


def first_day(state: RegionState) -> date | None:
    """The earliest day heard of."""
    return date.fromordinal(min(state.days)) if state.days else None


class Week:
    """One week's totals as arrays over the rows of the region."""

    def __init__(self, state: RegionState, monday: date) -> None:
        self.monday = monday
        self.sunday = monday + timedelta(days=6)
        heard = [(account.row, totals) for account, totals in _of_week(state, monday.toordinal())]
        rows = np.array([row for row, _ in heard], dtype=np.intp)
        cents = np.array([totals.revenue_cents for _, totals in heard], dtype=np.float64)
        visits = np.array([totals.visits for _, totals in heard], dtype=np.float64)
        self.revenue_eur: NDArray[np.float64] = np.bincount(rows, cents, len(state.rows)) / 100
        self.visits: NDArray[np.float64] = np.bincount(rows, visits, len(state.rows)).astype(np.float64)
        self.travel_minutes = fsum(totals.travel_minutes for _, totals in heard)


def _of_week(state: RegionState, monday: int) -> Iterator[tuple[AccountState, DayTotals]]:
    """Whole numbers add up alike in any order, so a repetition that came in another order changes nothing."""
    accounts = state.accounts
    for ordinal in range(monday, monday + 7):
        for totals in state.days.get(ordinal, {}).values():
            account = accounts.get(totals.account_id)
            if account is not None and account.row != NO_ROW:
                yield account, totals


def note_orders(state: RegionState, day: date) -> None:
    """First and last order dates of the accounts that ordered on a closing day."""
    for totals in state.days.get(day.toordinal(), {}).values():
        account = state.accounts.get(totals.account_id)
        if account is not None and totals.orders > 0:
            note_order(account, day)


def note_order(account: AccountState, day: date) -> None:
    """The account ordered on that day; days may come late."""
    account.first_order = min(account.first_order or day, day)
    account.last_order = max(account.last_order or day, day)


def forget_old_days(state: RegionState) -> None:
    """Let go of days too old to be corrected."""
    if state.closed is not None:
        oldest = state.closed.toordinal() - KEPT_DAYS
        for ordinal in [ordinal for ordinal in state.days if ordinal <= oldest]:
            del state.days[ordinal]
