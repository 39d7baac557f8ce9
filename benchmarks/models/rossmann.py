"""Drugstores: competitor openings of known month, and drops put into quiet stores' raw sales and customers."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.models.goals import NEVER, Goal, interval, median_of, share_within
from models.calibration import alarms_on, judged_years, threshold_for
from models.early_warning import DAYS, Residuals
from models.history import Floats
from models.pace import DAILY

FIRST = date(2013, 1, 1)
PERIODS = 942
BUDGET = 0.1
CUSTOMERS_SHARE = 0.35  # of the stream; the rest is sales
_MATERIAL = -0.05
_BEFORE, _AFTER = 320, 91
_INJECTED_PASSES = 4
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Stores:
    """(days, stores) logarithms, NaN when closed; `cell` of the known effects; `opening`: day of the month's first, -1 none."""

    sales: Floats
    customers: Floats
    cell: Ints
    promo: Ints
    opening: Ints

    @property
    def quiet(self) -> Ints:
        return np.flatnonzero((self.opening < 0) | (self.opening >= PERIODS))


def read(folder: Path) -> Stores:
    with gzip.open(folder / "rossmann" / "store_days.csv.gz", "rt", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    place = {store: i for i, store in enumerate(sorted({line["Store"] for line in lines}, key=int))}
    n = len(place)
    sales, customers = np.full((PERIODS, n), np.nan), np.full((PERIODS, n), np.nan)
    promo, school, opening = np.zeros((PERIODS, n), np.intp), np.zeros((PERIODS, n), np.intp), np.full(n, -1)
    for line in lines:
        t, i = (date.fromisoformat(line["Date"]) - FIRST).days, place[line["Store"]]
        promo[t, i], school[t, i] = int(line["Promo"]), int(line["SchoolHoliday"])
        if float(line["Sales"]) > 0:
            sales[t, i], customers[t, i] = np.log(float(line["Sales"])), np.log(max(float(line["Customers"]), 1))
        if line["CompetitionOpenSinceYear"]:
            year, month = (int(float(line[f"CompetitionOpenSince{part}"])) for part in ("Year", "Month"))
            opening[i] = (date(year, month, 1) - FIRST).days
    weekday = (np.arange(PERIODS) + FIRST.weekday()) % 7
    return Stores(sales, customers, weekday[:, None] * 4 + promo * 2 + school, promo, opening)


def rows(folder: Path) -> Iterator[Goal]:
    stores = read(folder)
    mixed = np.random.default_rng(0).permutation(stores.quiet)
    calibration, test = np.sort(mixed[: mixed.size // 2]), np.sort(mixed[mixed.size // 2 :])
    material = material_openings(stores)
    values, scale = streams(stores, np.zeros((PERIODS, stores.opening.size)))
    threshold = threshold_for(values[:, calibration], scale, DAILY, BUDGET)
    limits = (threshold, np.inf)
    false = len(alarms_on(values[:, test], scale, DAILY, limits)) / judged_years(values[:, test], DAILY)
    counts = np.bincount([a.stream for a in alarms_on(values[:, test], scale, DAILY, limits)], minlength=test.size)
    years = judged_years(values[:, test], DAILY) / test.size
    low, high = interval(counts.astype(np.float64), lambda some: float(some.mean() / years))
    yield Goal(
        "false alarms a store and year, on stores not used for thresholds", f"{false:.3f} ({low:.3f} to {high:.3f})",
        f"{BUDGET} aimed at", None, f"{test.size} quiet stores; thresholds from {calibration.size} others",
    )  # fmt: skip
    weeks = _first_weeks(values[:, material], scale, limits, stores.opening[material])
    how = f"{material.size} openings whose 13 weeks are more than 5% down against peers; from the first of the month, the day is unknown"
    yield share_within(weeks, 4, 0.60, "material openings found within 4 weeks", how)
    yield share_within(weeks, 8, 0.80, "material openings found within 8 weeks", how)
    yield median_of(weeks, 4, "material openings, median delay", how)
    for drop, limit, goal in ((0.1, 8, 0.60), (0.2, 2, 0.75)):
        found = _injected(stores, test, drop, limits)
        how = f"raw sales and customers of {test.size} quiet test stores lowered from a day that differs by store"
        yield share_within(found, limit, goal, f"drop of {drop:.0%} found within {limit} weeks", how)


def streams(stores: Stores, added: Floats) -> tuple[Floats, Floats]:
    """(days, stores) residuals and (days,) scales, seen strictly in the order of time. `added` to the logarithms."""
    parts = []
    for values in (stores.sales, stores.customers):
        residuals = Residuals(DAYS, 28)
        steps = [residuals.remove(row + more, cell) for row, more, cell in zip(values, added, stores.cell, strict=True)]
        parts.append((np.array([values for values, _ in steps]), np.array([scale for _, scale in steps])))
    (sales, one), (customers, other) = parts
    share = CUSTOMERS_SHARE
    return (1 - share) * sales + share * customers, (1 - share) * one + share * other


def material_openings(stores: Stores) -> Ints:
    """Stores whose 13 weeks from the opening's month on lie 5 % below the 26 weeks before, against the median of peers."""
    relative = stores.sales.copy()
    for t in range(PERIODS):
        for state in (0, 1):
            here = (stores.promo[t] == state) & np.isfinite(stores.sales[t])
            relative[t, here] -= np.median(stores.sales[t, here]) if here.sum() > 30 else np.nan
    at = stores.opening
    inside = np.flatnonzero((at >= _BEFORE) & (at <= PERIODS - _AFTER))
    effect = np.array([
        np.nanmean(relative[at[i] : at[i] + _AFTER, i]) - np.nanmean(relative[at[i] - 182 : at[i], i]) for i in inside
    ])  # fmt: skip
    return inside[effect < _MATERIAL]


def _first_weeks(values: Floats, scale: Floats, limits: tuple[float, float], since: Ints) -> Floats:
    first = np.full(since.size, NEVER)
    for one in alarms_on(values, scale, DAILY, limits):
        if not one.rise and one.period >= since[one.stream]:
            first[one.stream] = min(first[one.stream], (one.period - since[one.stream]) / 7)
    return first


def _injected(stores: Stores, test: Ints, drop: float, limits: tuple[float, float]) -> Floats:
    """Weeks to the alarm; a quarter of the test stores at a time, so that a drop is no common factor."""
    at = np.random.default_rng(5).integers(450, PERIODS - 100, test.size)
    found = np.full(test.size, NEVER)
    for part in range(_INJECTED_PASSES):
        chosen = np.arange(part, test.size, _INJECTED_PASSES)
        added = np.zeros(stores.sales.shape)
        for i in chosen:
            added[at[i] :, test[i]] = np.log1p(-drop)
        values, scale = streams(stores, added)
        found[chosen] = _first_weeks(values[:, test[chosen]], scale, limits, at[chosen])
    return found
