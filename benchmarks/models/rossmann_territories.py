"""Territories of drugstores, one of which loses a part of its sales: watched by the day, and by the week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.models.goals import NEVER, Goal, interval, table
from benchmarks.models.rossmann import FIRST, PERIODS, Ints, read
from models.calibration import alarms_on, confirmed, judged_years, threshold_for
from models.company_watch import CompanyWatch
from models.early_warning import SCOPE_DAYS, SCOPES
from models.history import Floats
from models.monitor import Found
from models.pace import DROP_SHARE

BUDGETS = (0.1, 0.6)  # false alarms a year; the second is what a territory may spend where nothing else is said
DROPS = (0.1, 0.2)
TERRITORIES = 10  # of each half
_OPEN_DAYS = 740  # of the data set: stores that were shut for months are left out
_SEARCH_FROM = 1.5  # of thresholds
DAYS_OF_DROPS = (460, 590, 720)
_SUNDAY = 6
Told = dict[str, list[bool]]
"""Alarms of the running watch by territory: whether each is a drop."""


@dataclass(frozen=True, slots=True)
class Company:
    """(days, stores) EUR, 0 when shut, and the territory of each store: first those of the calibration half, then of the test
    half, then of the stores beside an opening; -1 for stores left out."""

    eur: Floats
    territory: Ints


@dataclass(frozen=True, slots=True)
class Watched:
    """(periods, territories) residuals, (periods,) scales and the day after which each period has closed."""

    values: Floats
    scale: Floats
    closed: Ints
    told: Told


def measure(data: Path) -> str:
    return table(rows(data))


def rows(folder: Path) -> Iterator[Goal]:
    company = company_of(folder)
    calibration, test = np.arange(TERRITORIES), TERRITORIES + np.arange(TERRITORIES)
    sizes = np.bincount(company.territory[company.territory >= 0])[test]
    for name, daily in (("day", True), ("week", False)):
        pace = (SCOPE_DAYS if daily else SCOPES).pace
        plain = watched(company.eur, company.territory, daily)
        years = judged_years(plain.values[:, test], pace)
        dropped = {drop: list(_dropped(company, test, drop, daily)) for drop in DROPS}
        for budget in BUDGETS:
            limit = threshold_for(plain.values[:, calibration], plain.scale, pace, DROP_SHARE * budget, 0, _SEARCH_FROM)
            alarms = partial(alarms_on, pace=pace, thresholds=(limit, np.inf))
            false = len(confirmed(alarms(plain.values[:, test], plain.scale))) / years
            for drop, cases in dropped.items():
                delays = np.array([_weeks(alarms, one, column, at) for one, column, at in cases])
                yield _row(f"territory loses {drop:.0%}, by the {name}, budget {budget}", delays, (
                    f"{TERRITORIES} territories of {sizes.min()} to {sizes.max()} stores, {delays.size} drops; threshold from "
                    f"{TERRITORIES} others; false drops a territory and year on the tested ones: {false:.2f} ({DROP_SHARE * budget:.2f} aimed at)"
                ))  # fmt: skip
        for budget in BUDGETS:
            told = watched(company.eur, company.territory, daily, budget).told
            both = [one for number in test for one in told.get(f"{number:02}", [])]
            measured = f"{sum(both) / years:.2f} drops, {(len(both) - sum(both)) / years:.2f} rises"
            how = "thresholds as the running watch renews them on its own past"
            yield Goal(f"false alarms a territory and year, by the {name}", measured, f"{budget} aimed at", None, how)


def watched(eur: Floats, territory: Ints, daily: bool, budget: float = 0.5) -> Watched:
    """What the watch of a company makes of it; by the week: all of a week's sales come on its Sunday."""
    watch = CompanyWatch(1, budget)
    stores = eur.shape[1]
    watch.reach([str(i) for i in range(stores)])
    watch.set_worth(np.zeros(stores, bool))
    names = {"territory": [f"{i:02}" if i >= 0 else None for i in territory.tolist()]}
    kept, closed, said = [], [], []
    week = np.zeros(stores)
    for number, row in enumerate(eur):
        day = FIRST + timedelta(days=number)
        week += row
        of_day = row if daily else week if day.weekday() == _SUNDAY else np.zeros(stores)
        ordered = np.flatnonzero(of_day > 0)
        said += watch.close_day(day, ordered, of_day[ordered], np.zeros(ordered.size, np.intp))
        if day.weekday() == _SUNDAY:
            said += watch.close_week(day, names)  # type: ignore[arg-type]
            week = np.zeros(stores)
        if daily or day.weekday() == _SUNDAY:
            kept.append(_newest(watch, daily, int(territory.max()) + 1))
            closed.append(number + 1)
    told: Told = {}
    for one in said:
        if one.withdrawn and told.get(one.scope_id):
            told[one.scope_id].pop()
        elif not one.withdrawn:
            told.setdefault(one.scope_id, []).append(one.direction == "drop")
    return Watched(np.array([v for v, _ in kept]), np.array([s for _, s in kept]), np.array(closed), told)


def _newest(watch: CompanyWatch, daily: bool, territories: int) -> tuple[Floats, float]:
    values = np.full(territories, np.nan)
    streams = watch.scopes.get("territory")
    one = streams and (streams.days.warning if daily else streams.weeks)
    if not streams or not one or not one.streams:
        return values, 1.0
    past, scale = one.remembered()
    for name in filter(None, streams.rows):
        watching, place = streams.watching(name)
        values[int(name)] = past[-1, place] if watching is one and place < one.streams else np.nan
    return values, float(scale[-1])


def company_of(folder: Path) -> Company:
    stores = read(folder)
    open_long = np.isfinite(stores.sales).sum(axis=0) > _OPEN_DAYS
    mixed = np.random.default_rng(0).permutation(stores.quiet[open_long[stores.quiet]])
    territory = np.full(open_long.size, -1)
    for half, chosen in enumerate((mixed[: mixed.size // 2], mixed[mixed.size // 2 :])):
        territory[chosen] = half * TERRITORIES + np.arange(chosen.size) % TERRITORIES
    others = np.flatnonzero((territory < 0) & open_long)
    territory[others] = 2 * TERRITORIES + np.arange(others.size) % 4
    eur = np.exp(np.nan_to_num(stores.sales, nan=-np.inf)) * open_long
    return Company(eur, territory)


def _dropped(company: Company, test: Ints, drop: float, daily: bool) -> Iterator[tuple[Watched, int, int]]:
    for column in test.tolist():
        for start in DAYS_OF_DROPS:
            at = start + (column * 37) % 97
            eur = company.eur.copy()
            eur[at:, company.territory == column] *= 1 - drop
            yield watched(eur, company.territory, daily), column, at


def _weeks(alarms: Callable[[Floats, Floats], list[Found]], one: Watched, column: int, at: int) -> float:
    """From the drop to the end of the day, or the week, that has confirmed it."""
    found = confirmed(alarms(one.values[:, [column]], one.scale))
    days = [int(one.closed[min(f.period, one.closed.size - 1)]) - at for f in found if f.period < one.closed.size]
    return min((days_after / 7 for days_after in days if days_after > 0), default=NEVER)


def _row(what: str, weeks: Floats, how: str) -> Goal:
    low, high = interval(weeks, lambda some: float(np.median(some)))
    late = float(np.mean(weeks >= PERIODS))
    shown = f"{np.median(weeks):.1f} weeks ({low:.1f} to {high:.1f})" + (f", {late:.0%} never" if late else "")
    return Goal(what, shown, "", None, how)
