"""What it is worth that potentials hear of market events: competitors that opened beside real drugstores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.models import steps
from benchmarks.models.goals import Goal, interval, table
from benchmarks.models.rossmann import FIRST, PERIODS, Ints, Stores, read
from models.event_watch import MarketNews
from models.history import Floats
from models.potential import PotentialModel
from models.signals import WeekView
from models.traits import AccountTraits
from models.watch import Watch
from schemas.settings import Alerts, Potential

MONDAY = -FIRST.weekday() % 7  # the first one, in days from FIRST
WEEKS = (PERIODS - MONDAY) // 7
ORIGINS = 13  # weeks from the opening on at which a forecast is judged
_BEFORE, _AFTER = 420, 60  # days of sales around an opening
HORIZONS = (4, 13)
STATED = -0.08


def measure(data: Path) -> str:
    head = (
        "Rossmann drugstores, sales by the week; a competitor's opening is told on the first of its month, the day being "
        f"unknown. Forecasts made in the {ORIGINS} weeks from then on, for the stores beside an opening alone; WAPE of "
        "`models.potential.PotentialModel` with and without `models.event_watch`, the same code as the stream's."
    )
    return f"{head}\n\n{table([*steps.rows(data), *rows(data)])}"


def rows(folder: Path) -> Iterator[Goal]:
    stores = read(folder)
    beside = np.flatnonzero((stores.opening >= _BEFORE) & (stores.opening <= PERIODS - _AFTER))
    every = np.flatnonzero((stores.opening >= 0) & (stores.opening < PERIODS))
    deaf = forecasts(stores, every, None, hears=False)
    for told, effect in (
        ("no effect stated, only learnt from earlier openings", None),
        (f"{STATED:+.0%} stated", STATED),
    ):
        heard = forecasts(stores, every, effect)
        yield from _compared(f"openings, {told}", stores, beside, deaf, heard)
    quiet = np.random.default_rng(1).choice(stores.quiet, beside.size, replace=False)
    opening = np.full(stores.opening.size, -1)
    opening[quiet] = stores.opening[beside]
    nothing = replace(stores, opening=opening)
    deaf, heard = forecasts(nothing, quiet, None, hears=False), forecasts(nothing, quiet, STATED)
    yield from _compared(f"openings that never were, {STATED:+.0%} stated", nothing, quiet, deaf, heard)


def forecasts(stores: Stores, told: Ints, effect: float | None, hears: bool = True) -> Floats:
    """(weeks, 2 horizons, stores) EUR, made at the end of each week; with news of the stores `told`."""
    sales = daily_sales(stores)
    n = sales.shape[1]
    ids, everywhere, model, watch = (
        [f"s{i}" for i in range(n)],
        np.ones(n, bool),
        PotentialModel(Potential()),
        Watch(Alerts()),
    )
    for _ in ids:
        model.add(AccountTraits("store", "", "", None, None))
    said: list[Floats] = []
    for week in sales.reshape(WEEKS, 7, n):
        monday = FIRST + timedelta(days=MONDAY + 7 * len(said))
        for number, eur in enumerate(week):
            day = monday + timedelta(days=number)
            for i in told[stores.opening[told] == (day - FIRST).days].tolist() if hears else ():
                scope, around = ("account", ids[i]), (("region", ""),)
                watch.hear(MarketNews(ids[i], "competitor_opened", day, (i,), effect, scope, around), ids)
            open_today = np.flatnonzero(eur > 0)
            watch.close_day(day, ids, open_today, eur[open_today], lambda _: (("region", ""),))
        outcome = model.close_week(monday, week.sum(axis=0), everywhere, watch.believed(monday))
        watch.close_week(WeekView(
            week=monday, observed=week.sum(axis=0), expected=outcome.expected_eur, scale=outcome.scale_eur,
            potential=outcome.potential, active=everywhere, account_ids=ids, territory_of=[None] * n, segment_of=["B"] * n, zone_of=[""] * n,
        ))  # fmt: skip
        said.append(np.stack([outcome.estimate_4w, outcome.estimate_13w]))
    return np.array(said)


def daily_sales(stores: Stores) -> Floats:
    """(whole weeks of days, stores) EUR, zero when closed."""
    eur: Floats = np.exp(np.nan_to_num(stores.sales, nan=-np.inf))[MONDAY : MONDAY + 7 * WEEKS]
    return eur


def _compared(what: str, stores: Stores, beside: Ints, deaf: Floats, heard: Floats) -> Iterator[Goal]:
    weekly = daily_sales(stores).reshape(WEEKS, 7, -1).sum(axis=1)
    for at, horizon in enumerate(HORIZONS):
        errors = np.array([_errors(weekly[:, i], int(stores.opening[i]), horizon, deaf[:, at, i], heard[:, at, i]) for i in beside])  # fmt: skip
        without, with_news = (errors[:, k].sum() / errors[:, 2].sum() for k in (0, 1))
        changes = np.array([errors[:, 1], errors[:, 0]]).T
        low, high = interval(changes, lambda some: float(some[:, 0].sum() / some[:, 1].sum() - 1))
        measured = f"{without:.3f} -> {with_news:.3f}: {with_news / without - 1:+.0%} ({low:+.0%} to {high:+.0%})"
        yield Goal(f"{what}: WAPE of {horizon} weeks", measured, "", None, f"{beside.size} stores")


def _errors(weekly: Floats, opening: int, horizon: int, deaf: Floats, heard: Floats) -> tuple[float, float, float]:
    """Absolute errors without and with the news, and the sales, summed over the origins of one store."""
    first = (opening - MONDAY) // 7
    origins = range(first, min(first + ORIGINS, WEEKS - horizon))
    actual = np.array([weekly[k + 1 : k + 1 + horizon].sum() for k in origins])
    at = np.array(origins, dtype=np.intp)
    return float(np.abs(deaf[at] - actual).sum()), float(np.abs(heard[at] - actual).sum()), float(actual.sum())
