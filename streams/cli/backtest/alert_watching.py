"""A history played day by day through the watch of a company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from models.company_watch import CompanyWatch
from models.warned import Warned, confirmed
from streams.cli.backtest.alert_causes import Causes, Line
from streams.cli.backtest.alert_history import History, days_of

SUNDAY = 6


def watched(
    history: History, watch: CompanyWatch, causes: Causes, until: int | None, day_done: Callable[[], None]
) -> list[Line]:
    """Every alert after the day on which the thresholds were fixed, if there is one, in the order of the days."""
    week = np.zeros(len(history.account_ids))  # EUR, with what days of returns alone have taken back
    found: list[Warned] = []
    lines: list[Line] = []
    for day, where in days_of(history):
        some = where.start + np.flatnonzero(history.count[where] > 0)  # who placed an order
        heard = causes.begin_day(day, watch, history.account[some])
        rows, eur, count = history.account[some], history.eur[some], history.count[some]
        said = causes.judged(watch.close_day(day, rows, eur, history.effect[some], count), watch)
        week[history.account[where]] += history.eur[where]
        if day.weekday() == SUNDAY:
            alarms = watch.close_week(day, causes.begin_week(day, watch), eur=week)
            causes.close_week(day, watch)
            said += causes.judged(alarms, watch)
            week[:] = 0
        if until is None or day.toordinal() > until:
            found += said
            lines += heard
        elif day.toordinal() == until:
            watch.calibrated()
        day_done()
    last = date.fromordinal(int(history.day[-1]))  # an alarm that would have to stand a day longer is none yet
    told = [Line(one) for one in confirmed(found) if one.detected_on <= last]
    return sorted([*told, *lines], key=lambda line: line.warned.detected_on)
