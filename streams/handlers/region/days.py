"""Account days as a region hears them: kept while their week is open and a while longer, for corrections."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountDay
from streams.handlers.region.state import AccountState, Day, RegionState

KEPT_DAYS = 42
"""Days after their closing in which a correction can still be told from a repetition."""


def hear_day(state: RegionState, message: AccountDay) -> int | None:
    """Remember the totals of a day. Cents by which a closed day changed; None when it is too old to tell."""
    ordinal = message.day.toordinal()
    closed = state.closed.toordinal() if state.closed else 0
    if closed and ordinal <= closed - KEPT_DAYS:
        return None
    days = state.days.setdefault(message.account_id, {})
    before = days.get(ordinal)
    days[ordinal] = Day(
        message.revenue_cents, message.orders, message.visits, message.visit_minutes, message.travel_minutes
    )
    if not closed or ordinal > closed:
        return 0
    return message.revenue_cents - (before.revenue_cents if before else 0)


def first_day(state: RegionState) -> date | None:
    """The earliest day heard of."""
    ordinals = [min(days) for days in state.days.values() if days]
    return date.fromordinal(min(ordinals)) if ordinals else None


class Week:
    """One week's totals as arrays over the rows of the region."""

    def __init__(self, state: RegionState, monday: date) -> None:
        n = len(state.rows)
        self.monday = monday
        self.sunday = monday + timedelta(days=6)
        self.revenue_eur: NDArray[np.float64] = np.zeros(n)
        self.visits: NDArray[np.float64] = np.zeros(n)
        self.travel_minutes = 0.0
        first, last = monday.toordinal(), self.sunday.toordinal()
        for account_id, days in state.days.items():
            account = state.accounts.get(account_id)
            if account is None:
                continue
            for ordinal, day in days.items():
                if first <= ordinal <= last:
                    self.revenue_eur[account.row] += day.revenue_cents / 100
                    self.visits[account.row] += day.visits
                    self.travel_minutes += day.travel_minutes


def note_orders(state: RegionState, day: date) -> None:
    """First and last order dates of the accounts that ordered on a closing day."""
    ordinal = day.toordinal()
    for account_id, days in state.days.items():
        heard = days.get(ordinal)
        account = state.accounts.get(account_id)
        if heard is not None and account is not None and heard.orders > 0:
            note_order(account, day)


def note_order(account: AccountState, day: date) -> None:
    """The account ordered on that day; days may come late."""
    account.first_order = min(account.first_order or day, day)
    account.last_order = max(account.last_order or day, day)


def forget_old_days(state: RegionState) -> None:
    """Let go of days too old to be corrected."""
    if state.closed is None:
        return
    oldest = state.closed.toordinal() - KEPT_DAYS
    for account_id in list(state.days):
        days = {ordinal: day for ordinal, day in state.days[account_id].items() if ordinal > oldest}
        if days:
            state.days[account_id] = days
        else:
            del state.days[account_id]
