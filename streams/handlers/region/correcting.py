"""Money of days that are closed already: corrected totals, and what a new account ordered before it had its row."""

from __future__ import annotations

from datetime import date

from schemas.region_log import DayTotals
from streams.handlers.region.days import note_order, replace_day
from streams.handlers.region.learning import Learner
from streams.handlers.region.state import NO_ROW, AccountState, RegionState
from streams.handlers.region.voice import Voice


def correct(state: RegionState, learner: Learner, totals: DayTotals, voice: Voice) -> None:
    """Totals of a day that is closed: what they change is learnt."""
    delta = replace_day(state, totals)
    account = state.accounts.get(totals.account_id)
    if delta is None:
        voice.output.count("too_late_days", state.region_id)
    elif account is not None:
        day = date.fromordinal(totals.day)
        if totals.orders:
            note_order(account, day)
        if delta and account.row != NO_ROW:
            learner.correct(account, day, delta / 100)
            voice.output.count("corrections", state.region_id)


def welcome(state: RegionState, learner: Learner, account: AccountState, day: date) -> None:
    """The account has its row: what it ordered on days that closed without it is learnt late."""
    learner.add(account)
    if account.first_order is None or account.first_order >= day:
        return
    for ordinal in sorted(ordinal for ordinal in state.days if ordinal < day.toordinal()):
        totals = state.days[ordinal].get(account.now.account_id)
        if totals is not None:
            learner.correct(account, date.fromordinal(ordinal), totals.revenue_cents / 100)
