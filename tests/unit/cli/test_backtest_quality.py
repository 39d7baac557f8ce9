"""The quality table of `terradrift backtest alerts`: which accounts known drops are put into, and what a drop takes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from models.company_watch import CompanyWatch
from models.early_warning import DAYS, WEEKS
from streams.cli.backtest.alert_history import History, days_of
from streams.cli.backtest.alert_quality import qualities
from streams.cli.backtest.quality_streams import Streams, streams_of

FIRST = date(2022, 1, 3)
Order = tuple[int, int, float]
"""Day, account, EUR."""


def history_of(orders: list[Order], accounts: int) -> History:
    days, who, eur = zip(*sorted(orders), strict=True)
    return History(
        [f"a{i}" for i in range(accounts)], FIRST.toordinal() + np.array(days), np.array(who, np.intp), np.array(eur),
        np.ones(len(eur)), np.zeros(len(eur), np.intp), 1, {}, 0,
    )  # fmt: skip


def watched(history: History) -> CompanyWatch:
    watch = CompanyWatch(history.effects, 0.1)
    watch.reach(history.account_ids)
    for day, where in days_of(history):
        watch.close_day(day, history.account[where], history.eur[where], history.effect[where])
        if day.weekday() == 6:
            watch.close_week(day, {})
    return watch


def every(days: int, account: int, start: int, end: int) -> list[Order]:
    rng = np.random.default_rng(account)
    return [(day, account, float(200 * np.exp(rng.normal(0, 0.1)))) for day in range(start + account % 5, end, days)]


def test_accounts_of_a_weekly_rhythm_are_tested_though_some_order_every_day() -> None:
    weekly = [one for account in range(14) for one in every(7, account, 0, 840)]
    daily = [one for account in range(14, 17) for one in every(1, account, 0, 840)]
    history = history_of(weekly + daily, 17)
    tested = streams_of(history, watched(history))
    assert tested.rhythm is WEEKS
    assert tested.at_week.size == 14
    found = {(one.method, one.drop): one for one in qualities(tested, 0.1)}
    assert len(found) == 12
    assert found["Terradrift", 0.4].within_8_weeks > 0.8


def test_accounts_that_came_late_or_ended_or_order_now_and_then_are_not_tested() -> None:
    orders = [one for account in range(12) for one in every(7, account, 0, 840)]
    orders += every(7, 12, 560, 840) + every(7, 13, 0, 700) + every(28, 14, 0, 840)
    history = history_of(orders, 15)
    assert streams_of(history, watched(history)).at_week.size == 12


def test_a_drop_begins_on_a_monday_and_leaves_a_quarter_of_a_year_after_it() -> None:
    orders = [one for account in range(12) for one in every(1, account, 0, 550)]
    history = history_of(orders, 12)
    tested = streams_of(history, watched(history))
    assert tested.rhythm is DAYS
    last = FIRST + timedelta(days=549)
    for start in tested.start:
        began = last - timedelta(days=int(len(tested.past) - 1 - start))
        assert began.weekday() == 0
        assert (last - began).days >= 13 * 7 - 1


def test_of_a_week_without_orders_a_drop_takes_nothing() -> None:
    eur = np.array([[100.0], [100.0], [100.0], [0.0]])
    streams = Streams(WEEKS, np.zeros((4, 1)), np.ones(4), eur, np.array([2]), 0)
    little = 0.25 * 75 + 1
    expected = np.log((100 * 0.8 + little) / (100 + little))
    assert streams.dropped(0.2)[:, 0].tolist() == pytest.approx([0, 0, expected, 0])


def test_a_history_of_half_a_year_tests_nobody() -> None:
    orders = [one for account in range(12) for one in every(1, account, 0, 180)]
    history = history_of(orders, 12)
    assert list(qualities(streams_of(history, watched(history)), 0.1)) == []
