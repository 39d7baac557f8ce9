"""Wholesale orders by the week: territories of neighbouring accounts, one of which loses a fifth."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.models.goals import NEVER, Goal, median_of
from models.calibration import alarms_on, confirmed, judged_years, threshold_for
from models.company_watch import CompanyWatch
from models.history import Floats
from models.pace import SCOPED

FIRST = date(2012, 1, 9)
WEEKS = 312
TERRITORIES = 20
BUDGET, DROP = 0.1, 0.2
Ints = NDArray[np.intp]


def rows(folder: Path) -> Iterator[Goal]:
    dollars, places = _read(folder)
    territory = _territories(places)
    sizes = np.bincount(territory)
    values, scale = residuals(dollars, territory)
    threshold = threshold_for(values, scale, SCOPED, BUDGET)
    limits = (threshold, np.inf)
    false = len(confirmed(alarms_on(values, scale, SCOPED, limits))) / judged_years(values, SCOPED)
    weeks = []
    for number in range(TERRITORIES):
        lowered = dollars.copy()
        at = 156 + (number * 37) % 104
        lowered[at:, territory == number] *= 1 - DROP
        changed, scales = residuals(lowered, territory)
        after = [f.period + 1 - at for f in confirmed(alarms_on(changed, scales, SCOPED, limits))
                 if f.stream == number and not f.rise and f.period >= at]  # fmt: skip
        weeks.append(float(min(after, default=NEVER)))
    how = (
        f"{TERRITORIES} territories of {sizes.min()} to {sizes.max()} accounts by place; raw orders of one territory lowered "
        f"at a time; threshold from the territories' own whole history ({false:.2f} alarms a year on it)"
    )
    yield median_of(
        np.array(weeks), 7, f"territory loses {DROP:.0%}: median delay at {BUDGET} false alarms a year", how
    )


def residuals(dollars: Floats, territory: Ints) -> tuple[Floats, Floats]:
    """(weeks, territories) and (weeks,), as the watch of a company makes them."""
    watch = CompanyWatch(1, BUDGET)
    watch.reach([str(i) for i in range(territory.size)])
    watch.set_worth(np.zeros(territory.size, bool))
    names = {"territory": [f"{i:02}" for i in territory.tolist()]}
    kept, scales = [], []
    for week, row in enumerate(dollars):
        ordered = np.flatnonzero(row > 0)
        sunday = FIRST + timedelta(days=7 * week + 6)
        watch.close_day(sunday, ordered, row[ordered], np.zeros(ordered.size, np.intp))
        watch.close_week(sunday, names)  # type: ignore[arg-type]
        past, scale = watch.scopes["territory"].weeks.remembered()
        kept.append(past[-1])
        scales.append(scale[-1])
    return np.array(kept), np.array(scales)


def _read(folder: Path) -> tuple[Floats, Floats]:
    """(weeks, accounts) dollars and (accounts, 2) places, of the accounts whose place is known."""
    with (folder / "iowa" / "stores.csv").open(encoding="utf-8") as stream:
        known = {s["store"]: (float(s["lat"]), float(s["lon"])) for s in csv.DictReader(stream) if s["lat"]}
    rows: dict[str, int] = {}
    cells = []
    with gzip.open(folder / "iowa" / "orders_2012_2017.csv.gz", "rt", encoding="utf-8") as orders:
        for order in csv.DictReader(orders):
            week = (date.fromisoformat(order["date"]) - FIRST).days // 7
            if order["store"] in known and 0 <= week < WEEKS:
                cells.append((week, rows.setdefault(order["store"], len(rows)), float(order["dollars"])))
    dollars = np.zeros((WEEKS, len(rows)))
    for week, row, eur in cells:
        dollars[week, row] += eur
    return dollars, np.array([known[store] for store in rows])


def _territories(places: Floats) -> Ints:
    """Halved again and again along the longer side, in proportion to the territories each half shall have."""
    found = np.zeros(len(places), np.intp)

    def divide(rows: Ints, first: int, parts: int) -> None:
        if parts == 1:
            found[rows] = first
            return
        height, width = np.ptp(places[rows, 0]), 0.75 * np.ptp(places[rows, 1])
        ordered = rows[np.argsort(places[rows, 0 if height > width else 1], kind="stable")]
        half = parts // 2
        cut = rows.size * half // parts
        divide(ordered[:cut], first, half)
        divide(ordered[cut:], first + half, parts - half)

    divide(np.arange(len(places)), 0, TERRITORIES)
    return found
