"""From history to estimates of the next 4, 13 and 52 weeks, with their intervals. Nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.feature_rows import PUNCTUAL
from models.features import EARLIEST_ORIGIN, Origin, Types, origin_features
from models.group_bands import GroupBands, errors_scale
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import LOG_OFFSET, Band, bounds, groups, yearly_noise
from models.windows import Past

ANALOGY_FADES_WEEKS = 13  # own history alone speaks from this age on
_SILENT_WEEKS = 26  # without an order, and twice its usual gap: nothing more is expected of the account
_ANALOGY_WEEKS = 3.0  # the analogy weighs as much as this many weeks of own orders


@dataclass(frozen=True, slots=True)
class Forecast:
    """Arrays (n,): EUR of the coming weeks; the year's bounds; whether the analogy still carries the estimate."""

    short: Floats  # 4 weeks
    long: Floats  # 13 weeks
    year: Floats  # 52 weeks
    low: Floats
    high: Floats
    by_analogy: Flags
    age_weeks: Floats
    short_bounds: tuple[Floats, Floats]  # low and high of the 4 weeks
    long_bounds: tuple[Floats, Floats]  # and of the 13
    trials: tuple[Floats, Floats]  # what the regressions of 4 and 13 weeks say, trusted or not; NaN where nothing


@dataclass(frozen=True, slots=True)
class Bands:
    """The intervals: of the year (own history, analogies), of 4 and of 13 weeks."""

    year: tuple[Band, Band]
    near: tuple[GroupBands, GroupBands]


def forecast(
    history: WeeklyHistory,
    past: Past,
    analogy: Floats,
    types: Types,
    models: tuple[HorizonModel, HorizonModel],
    bands: Bands,
    min_weeks: int,
) -> Forecast:
    """Estimates at the end of the newest week.

    past: of the newest week; analogy: (n,) EUR of 52 weeks, NaN where unknown; types: (n,) codes; models: of 4 and of 13 weeks.
    """
    age = past.age.astype(np.float64)
    level = history.slow()
    origins = [origin_features(history, past, model.weeks, types) for model in models]
    trials = [model.forecast(origin, age.size) for model, origin in zip(models, origins, strict=True)]
    learnt = [
        _blended(past, level, model, origin, trial) if model.trusted else np.full(age.size, np.nan)
        for model, origin, trial in zip(models, origins, trials, strict=True)
    ]
    known = np.isfinite(analogy)
    fading = np.clip(1 - age / ANALOGY_FADES_WEEKS, 0, 1) * _ANALOGY_WEEKS / (_ANALOGY_WEEKS + age)
    weight = np.where(known, fading, 0)
    prior = np.where(known, analogy, 0)
    short, long = (
        np.where(np.isfinite(one), one, _mixed(model.weeks * level, weight, prior * model.weeks / 52))
        for one, model in zip(learnt, models, strict=True)
    )
    year = _mixed(_own_year(history, past, learnt[1], level), weight, prior)
    alive = ~silent(history, past)
    short, long, year = short * alive, long * alive, year * alive
    by_analogy = age < min_weeks
    noise = np.where(by_analogy, 1.0, yearly_noise(past))
    low, high = bounds(year, noise, *groups(by_analogy, bands.year))
    near = [
        one.bounds(estimate, *errors_scale(past, model.weeks))
        for one, estimate, model in zip(bands.near, (short, long), models, strict=True)
    ]
    return Forecast(
        short, long, year, low * alive, high * alive, by_analogy, age, near[0], near[1], (trials[0], trials[1])
    )


def experts(past: Past, horizon: int, regression: Floats, slow: Floats) -> Floats:
    """(3, n) EUR over the horizon as said at an origin; `regression` and `slow` are EUR over the horizon."""
    return np.stack([regression, slow, horizon * past.weekly_mean()])


def silent(history: WeeklyHistory, past: Past) -> Flags:
    """(n,) accounts that have stopped: half a year without an order, and twice as long as they used to wait for one."""
    since = np.where(history.last_order >= 0, history.week - history.last_order, 0)
    orders = past.ordered(0, 104)
    gap = np.clip(past.age, 1, 104) / np.maximum(orders, 1)
    return np.asarray((since >= _SILENT_WEEKS) & ((since > 2 * gap) | (orders == 0)))


def _blended(past: Past, level: Floats, model: HorizonModel, origin: Origin, trial: Floats) -> Floats:
    punctual = np.zeros(level.size)
    punctual[origin.rows] = origin.base[:, PUNCTUAL]
    return model.blend.mixed(experts(past, model.weeks, trial, model.weeks * level), punctual)


def _mixed(own: Floats, weight: Floats, prior: Floats) -> Floats:
    """Geometric: the first weeks of a new account scatter by factors, not by amounts."""
    logs = (1 - weight) * np.log(np.maximum(own, 0) + LOG_OFFSET) + weight * np.log(prior + LOG_OFFSET)
    return np.asarray(np.exp(logs) - LOG_OFFSET)


def _own_year(history: WeeklyHistory, past: Past, quarter: Floats, level: Floats) -> Floats:
    """Mean of the past year, the slow level, and the quarter's forecast made a year by the market's own season.

    Three errors of different kinds cancel: on wholesale orders the mean beats each of the three.
    """
    week, age = past.week, past.age
    last_year = 52 * past.weekly_mean()
    naive = (last_year + 52 * level) / 2
    same_quarter = history.market_mean(week - 39, 13)
    if week < EARLIEST_ORIGIN or same_quarter <= 0:
        return np.asarray(np.where(age > 0, naive, 0))
    annual = 4 * quarter * np.clip(history.market_mean(week, 52) / same_quarter, 0.25, 4)
    three = (last_year + 52 * level + annual) / 3
    return np.asarray(np.where(np.isfinite(quarter), three, np.where(age > 0, naive, 0)))
