"""Periods for what watches many streams at once: effects, factors, monitors, banks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from models.bank import StreamBank
from models.early_warning import EarlyWarning
from models.effects import KnownEffects
from models.factors import MarketFactors
from models.history import Floats
from models.monitor import Monitor
from models.region_streams import RegionStreams
from models.rhythm import Rhythms
from models.warned import Bursts, Warned
from tests.laws.feeds.case import dice
from tests.unit.models.companies import MONDAY, Company

STREAMS = 16
SCOPES = [f"T{i}" for i in range(STREAMS)]


def values(number: int) -> Floats:
    """Log values; the first stream is lower for twenty of sixty periods."""
    seen = dice(number).normal(5.0, 0.1, STREAMS) + dice(number).normal(0, 0.1)
    seen[0] -= 1.0 if number % 60 >= 40 else 0.0
    return np.asarray(seen)


def with_gaps(number: int) -> Floats:
    """Another stream says nothing each period, and in every third nobody does."""
    seen = values(number)
    seen[number % STREAMS :: 4 if number % 3 else 1] = np.nan
    if number % 3 == 0:
        seen[:] = np.nan
    return seen


def effects(model: KnownEffects, number: int) -> Any:
    return model.remove(values(number), np.full(STREAMS, number % 7, np.intp))


def effects_missing(model: KnownEffects, number: int) -> None:
    model.remove(np.full(STREAMS, np.nan), np.zeros(STREAMS, np.intp))


def factors(model: MarketFactors, number: int) -> Any:
    return model.remove(values(number))


def factors_missing(model: MarketFactors, number: int) -> None:
    model.remove(with_gaps(number))


def monitor(model: Monitor, number: int) -> Any:
    return model.step(values(number) - 5.0), model.levels.copy()


def monitor_missing(model: Monitor, number: int) -> None:
    model.step(with_gaps(number) - 5.0)


def warning(model: EarlyWarning, number: int) -> Any:
    found = model.close_period(values(number), np.full(STREAMS, number % 7, np.intp))
    return found, model.recent(1, 1), model.monitor.levels.copy(), model.monitor.thresholds


def warning_missing(model: EarlyWarning, number: int) -> None:
    model.close_period(with_gaps(number), np.full(STREAMS, number % 7, np.intp))


def warning_again(model: EarlyWarning) -> EarlyWarning:
    return EarlyWarning.from_bytes(model.rhythm, model.cells, 2.0, model.to_bytes())


def bank(model: StreamBank, number: int) -> Any:
    """Eight scopes stay, the others come and go with the years."""
    rows = [i for i in range(STREAMS) if i < 8 or (number // 60 + i) % 2]
    model.close_period([SCOPES[i] for i in rows], 100 * np.exp(values(number) - 5.0)[rows], np.full(len(rows), 100.0))
    return model.standing(), model.threshold, [model._columns["level"][row] for row in range(8)]


def bank_missing(model: StreamBank, number: int) -> None:
    model.close_period(SCOPES[:8], 100 * np.exp(with_gaps(number) - 5.0)[:8], np.full(8, 100.0))


def rhythms(model: Rhythms, number: int) -> Any:
    """A week: each account orders on some of its days, the last one hardly ever."""
    for day in range(7 * number, 7 * number + 7):
        worked = model.close_day(day, np.flatnonzero(dice(day).random(STREAMS) < np.linspace(0.9, 0.02, STREAMS)))
    return worked, model.newly_silent(day, np.ones(STREAMS, bool)), model.gap.copy(), model.daily.copy()


def some_rhythms() -> Rhythms:
    model = Rhythms(4.0)
    model.reach(STREAMS)
    return model


def bursts(model: Bursts, number: int) -> Any:
    """Single alerts, and now and then very many in one week."""
    day = MONDAY + timedelta(weeks=number)
    one = Warned("account", "", day, day, "drop", -0.4, "demand_shift", "less")
    many = 30 if number % 10 == 0 else number % 3
    return model.told(day, [replace(one, scope_id=f"a{i}", row=i) for i in range(many)], STREAMS)


VIEWS = list(Company(accounts=4).views(Company(accounts=4, order_share=1.0).revenue(400)))


def region(model: RegionStreams, number: int) -> Any:
    """The region loses a third for a quarter of a year in two."""
    view = VIEWS[number]
    model.close_week(replace(view, observed=view.observed * (0.6 if number % 104 >= 90 else 1.0)))
    return model.strongest(), np.sum(model._weeks)


def region_missing(model: RegionStreams, number: int) -> None:
    view = VIEWS[number]
    observed = view.observed.copy()
    observed[number % 4] = np.nan
    model.close_week(replace(view, observed=observed))
