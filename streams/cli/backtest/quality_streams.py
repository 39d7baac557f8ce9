"""The streams of a history that known drops can be put into, and what such a drop would have made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.account_streams import WEEKDAYS, little_of
from models.company_watch import CompanyWatch
from models.early_warning import EarlyWarning, Rhythm
from models.history import Floats
from streams.cli.backtest.alert_history import History

MOST_ACCOUNTS = 640
"""Fewer make the thresholds a matter of the sample: with 80 they went from 7.2 to 10.3 on the drugstores."""
BEFORE_WEEKS = 13  # judged before a drop, at least
AFTER_WEEKS = 13  # left after it, at least
_REGULAR = 0.5  # of the weeks bring an order: a fifth less of nothing is nothing
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streams:
    """Some accounts of one rhythm. Weeks go from Monday to Sunday and end with the last that is whole."""

    rhythm: Rhythm
    past: Floats  # (periods, n) residuals as the watch remembers them, the newest last
    scale: Floats  # (periods,)
    eur: Floats  # (weeks, n) of each week
    at_week: Ints  # (n,) in which a drop begins
    days_after: int  # of the history after the last whole week

    @property
    def start(self) -> Ints:
        """(n,) period of `past` in which a drop begins."""
        return len(self.past) - self._per_week * (len(self.eur) - self.at_week) - self._periods_after

    @property
    def _per_week(self) -> int:
        return WEEKDAYS // self.rhythm.days

    @property
    def _periods_after(self) -> int:
        return self.days_after if self.rhythm.days == 1 else 0

    def dropped(self, drop: float) -> Floats:
        """`past` if from its week on each account had sold that share less. A day without orders is none of a daily stream;
        of a weekly one it brings the little that every week is given, of which nothing is taken."""
        changed = np.arange(len(self.past))[:, None] >= self.start
        if self.rhythm.days == 1:
            return np.asarray(self.past + np.where(changed, np.log1p(-drop), 0))
        weeks = self.eur[-len(self.past) :]
        little = little_of(weeks.mean(axis=0))
        shift = np.zeros(self.past.shape)
        shift[-len(weeks) :] = np.log((weeks * (1 - drop) + little) / (weeks + little))
        return np.asarray(self.past + np.where(changed, shift, 0))

    def weeks_since(self, period: int, stream: int) -> float:
        """From the drop to the end of a period."""
        return float(period + 1 - self.start[stream]) / self._per_week


def streams_of(history: History, watch: CompanyWatch) -> Streams:
    """Of the rhythm on which more accounts can be tested: an even sample of those judged for long enough before and after a
    drop, within what the watch remembers, that order in at least half of those weeks, and of the newest. Only hindsight
    knows who goes on ordering, and only they can show how soon a drop is found."""
    return max((_of_rhythm(history, watch, one) for one in (watch.accounts.days, watch.accounts.weeks)), key=_size)


def _size(streams: Streams) -> int:
    return streams.at_week.size


def _of_rhythm(history: History, watch: CompanyWatch, one: EarlyWarning) -> Streams:
    past, scale = one.remembered()
    place = watch.accounts.rows_of(one)
    accounts = np.flatnonzero((place >= 0) & (place < one.streams))  # one that came this week has no period yet
    days_after = int(history.day[-1]) % WEEKDAYS  # an ordinal that seven divides is a Sunday
    eur = _weeks(history, accounts)
    judged = _judged_from(past[:, place[accounts]], one.rhythm, days_after, len(eur))
    earliest, latest = judged + BEFORE_WEEKS, len(eur) - AFTER_WEEKS
    enough = (judged >= 0) & (earliest <= latest)
    tested = np.flatnonzero(enough & _regular(eur, judged) & _regular(eur, np.full(accounts.size, latest)))
    tested = tested[np.linspace(0, tested.size - 1, min(tested.size, MOST_ACCOUNTS)).astype(np.intp)]
    at_week = np.random.default_rng(11).integers(earliest[tested], latest + 1)
    return Streams(one.rhythm, past[:, place[accounts[tested]]], scale, eur[:, tested], at_week, days_after)


def _judged_from(past: Floats, rhythm: Rhythm, days_after: int, weeks: int) -> Ints:
    """(n,) the first week that is judged from its beginning on by a monitor that knows what is remembered; `weeks` or more where none is."""
    seen = np.cumsum(np.isfinite(past), axis=0)
    period = (seen < rhythm.pace.warm).sum(axis=0) + 1
    left = len(past) - period - (days_after if rhythm.days == 1 else 0)
    return np.asarray(weeks - left * rhythm.days // WEEKDAYS)


def _regular(eur: Floats, since: Ints) -> NDArray[np.bool_]:
    """(n,) accounts that ordered in enough of the weeks from `since` on."""
    counted = np.arange(len(eur))[:, None] >= since
    return np.asarray((counted & (eur > 0)).sum(axis=0) >= _REGULAR * np.maximum(counted.sum(axis=0), 1))


def _weeks(history: History, accounts: NDArray[np.intp]) -> Floats:
    """(weeks, accounts) EUR of each whole week, none below zero."""
    first = int(history.day[0] + 5) // WEEKDAYS  # week k has the ordinals 7 k + 1, a Monday, to 7 k + 7
    weeks = max(int(history.day[-1]) // WEEKDAYS - first, 0)
    place = np.full(len(history.account_ids), -1, np.intp)
    place[accounts] = np.arange(accounts.size)
    week, account = (history.day - 1) // WEEKDAYS - first, place[history.account]
    here = (account >= 0) & (week >= 0) & (week < weeks)
    cell = week[here] * max(accounts.size, 1) + account[here]
    sums = np.bincount(cell, history.eur[here], weeks * accounts.size)
    return np.maximum(sums.reshape(weeks, accounts.size), 0)
