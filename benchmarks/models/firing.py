"""When people are told: days from a drop of a territory of drugstores to an alert that fires, and alerts that fire for nothing.

The whole watch of a region and its alert book at the settings as they are, confirmed by weeks and by days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.models.goals import NEVER, Goal, interval, table
from benchmarks.models.rossmann import FIRST
from benchmarks.models.rossmann_territories import DAYS_OF_DROPS, DROPS, TERRITORIES, Company, company_of, watched
from models.alerts import AlertBook
from models.calibration import judged_years
from models.causes import CauseContext
from models.history import Floats
from models.pace import SCOPED_DAILY
from models.signals import Signal, WeekView
from models.watch import Watch
from schemas.settings import Alerts

CONFIRM_DAYS = (1, 2, 3, 6)
"""Beside the weeks; six are a working week of the drugstores."""
_SUNDAY = 6
_WEEKS = 0


@dataclass(frozen=True, slots=True)
class Fired:
    """`day`: number of the closing day; `confirm`: days asked for, 0 by weeks."""

    confirm: int
    day: int
    scope_id: str
    direction: str


def measure(data: Path) -> str:
    return table(rows(data))


def rows(folder: Path) -> Iterator[Goal]:
    company = company_of(folder)
    names = [f"{number:02}" for number in range(TERRITORIES, 2 * TERRITORIES)]
    plain = fired(company.eur, company)
    residuals = watched(company.eur, company.territory, daily=True).values
    years = judged_years(residuals[:, TERRITORIES : 2 * TERRITORIES], SCOPED_DAILY)
    found: dict[tuple[float, int], list[float]] = {}
    for number in range(TERRITORIES, 2 * TERRITORIES):
        for start in DAYS_OF_DROPS:
            at = start + (number * 37) % 97
            for drop in DROPS:
                eur = company.eur.copy()
                eur[at:, company.territory == number] *= 1 - drop
                told = fired(eur, company)
                for confirm in (_WEEKS, *CONFIRM_DAYS):
                    days = [one.day + 1 - at for one in told
                            if (one.confirm, one.scope_id, one.direction) == (confirm, f"{number:02}", "drop") and one.day >= at]  # fmt: skip
                    found.setdefault((drop, confirm), []).append(min(days, default=NEVER))
    for confirm in (_WEEKS, *CONFIRM_DAYS):
        false = [one.direction == "drop" for one in plain if one.confirm == confirm and one.scope_id in names]
        how = f"{sum(false)} drops and {len(false) - sum(false)} rises in {years:.1f} territory-years without a change"
        yield Goal(f"false alerts that fire, a territory and year, {_named(confirm)}", f"{len(false) / years:.2f}", "≤ 0.6", len(false) / years <= 0.6, how)  # fmt: skip
        for drop in DROPS:
            delays = np.array(found[drop, confirm])
            low, high = interval(delays, lambda some: float(np.median(some)))
            late = float(np.mean(delays >= NEVER))
            shown = f"{np.median(delays):.1f} days ({low:.1f} to {high:.1f})" + (f", {late:.0%} never" if late else "")
            yield Goal(f"territory loses {drop:.0%}, drop to firing alert, {_named(confirm)}", shown, "", None, f"{delays.size} drops, one at a time")  # fmt: skip


def fired(eur: Floats, company: Company) -> list[Fired]:
    """One pass of the watch, told to a book for each way to confirm."""
    settings, stores = Alerts(confirm_days=max(CONFIRM_DAYS)), eur.shape[1]
    watch = Watch(settings)
    books = {n: AlertBook(settings.model_copy(update={"confirm_days": max(n, 1)}), "chain") for n in (_WEEKS, *CONFIRM_DAYS)}  # fmt: skip
    context = CauseContext(float(eur.sum()))
    ids, everywhere = [str(i) for i in range(stores)], np.ones(stores, bool)
    names = [f"{i:02}" if i >= 0 else None for i in company.territory.tolist()]
    told, week = [], np.zeros(stores)
    for number, row in enumerate(eur):
        day, ordered = FIRST + timedelta(days=number), np.flatnonzero(row > 0)
        week += row
        news = watch.close_day(day, ids, ordered, row[ordered], lambda _: (("region", ""),))
        first = [one for one in news if one.shown_days <= 1]
        signals = None
        if day.weekday() == _SUNDAY:
            signals = watch.close_week(
                WeekView(
                    day - timedelta(days=_SUNDAY), week, np.ones(stores), np.ones(stores), np.ones(stores), everywhere, ids,
                    names, ["B"] * stores, [""] * stores,
                )
            )  # fmt: skip
            week = np.zeros(stores)
        for confirm, book in books.items():
            said = book.step(
                day, _as_told(signals, confirm), [], context, _as_told(news if confirm else first, confirm) or ()
            )
            firing = [one.alert for one in said if one.alert.state == "firing" and one.what in ("opened", "confirmed")]
            told += [Fired(confirm, number, alert.scope_id, alert.direction) for alert in firing]
    return told


def _as_told(signals: list[Signal] | None, confirm: int) -> list[Signal] | None:
    """By weeks, days are not counted, and no day but the first is told between the Sundays."""
    if signals is None or confirm:
        return signals
    return [replace(one, shown_days=0) for one in signals]


def _named(confirm: int) -> str:
    return f"confirmed by {confirm} day{'s' if confirm > 1 else ''}" if confirm else "confirmed by 2 weeks"
