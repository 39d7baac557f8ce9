"""From history to estimates of the next 4, 13 and 52 weeks, with their intervals. Nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.features import EARLIEST_ORIGIN, Origin, Types, origin_features
from models.group_bands import GroupBands, errors_scale
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import LOG_OFFSET, Band, bounds, groups, yearly_noise

ANALOGY_FADES_WEEKS = 13  # own history alone speaks from this age on
_SILENT_WEEKS = 26  # without an order, and twice its usual gap: nothing more is expected of the account
_PUNCTUAL_FEATURE = 25  # exp(-usual gaps since the last order)
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
    analogy: Floats,
    types: Types,
    models: tuple[HorizonModel, HorizonModel],
    bands: Bands,
    min_weeks: int,
) -> Forecast:
    """Estimates at the end of the newest week.

    analogy: (n,) EUR of 52 weeks, NaN where unknown; types: (n,) codes; models: of 4 and of 13 weeks.
    """
    week = history.week
    age = history.age(week).astype(np.float64)
    level = history.slow()
    origins = [origin_features(history, week, model.weeks, types) for model in models]
    trials = [model.forecast(origin) for model, origin in zip(models, origins, strict=True)]
    learnt = [
        _blended(history, model, origin, trial) if model.trusted else np.full(age.size, np.nan)
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
    year = _mixed(_own_year(history, learnt[1], level, age), weight, prior)
    alive = ~silent(history)
    short, long, year = short * alive, long * alive, year * alive
    by_analogy = age < min_weeks
    noise = np.where(by_analogy, 1.0, yearly_noise(history, week))
    low, high = bounds(year, noise, *groups(by_analogy, bands.year))
    near = [
        one.bounds(estimate, *errors_scale(history, week, model.weeks))
        for one, estimate, model in zip(bands.near, (short, long), models, strict=True)
    ]
    return Forecast(
        short, long, year, low * alive, high * alive, by_analogy, age, near[0], near[1], (trials[0], trials[1])
    )


def experts(history: WeeklyHistory, week: int, horizon: int, regression: Floats, slow: Floats) -> Floats:
    """(3, n) EUR over the horizon as said at the end of `week`; `regression` and `slow` are EUR over the horizon."""
    past_year = history.total(week, 52) / np.clip(history.age(week), 1, 52) * horizon
    return np.stack([regression, slow, past_year])


def silent(history: WeeklyHistory) -> Flags:
    """(n,) accounts that have stopped: half a year without an order, and twice as long as they used to wait for one."""
    since = np.where(history.last_order >= 0, history.week - history.last_order, 0)
    orders = (history.weeks(history.week, 104) > 0).sum(axis=0)
    gap = np.clip(history.age(history.week), 1, 104) / np.maximum(orders, 1)
    return np.asarray((since >= _SILENT_WEEKS) & ((since > 2 * gap) | (orders == 0)))


def _blended(history: WeeklyHistory, model: HorizonModel, origin: Origin, trial: Floats) -> Floats:
    said = experts(history, history.week, model.weeks, trial, model.weeks * history.slow())
    return model.blend.mixed(said, origin.base[:, _PUNCTUAL_FEATURE])


def _mixed(own: Floats, weight: Floats, prior: Floats) -> Floats:
    """Geometric: the first weeks of a new account scatter by factors, not by amounts."""
    logs = (1 - weight) * np.log(np.maximum(own, 0) + LOG_OFFSET) + weight * np.log(prior + LOG_OFFSET)
    return np.asarray(np.exp(logs) - LOG_OFFSET)


def _own_year(history: WeeklyHistory, quarter: Floats, level: Floats, age: Floats) -> Floats:
    """Mean of the past year, the slow level, and the quarter's forecast made a year by the market's own season.

    Three errors of different kinds cancel: on wholesale orders the mean beats each of the three.
    """
    week = history.week
    past = history.total(week, 52) / np.clip(age, 1, 52) * 52
    naive = (past + 52 * level) / 2
    same_quarter = history.market_mean(week - 39, 13)
    if week < EARLIEST_ORIGIN or same_quarter <= 0:
        return np.asarray(np.where(age > 0, naive, 0))
    annual = 4 * quarter * np.clip(history.market_mean(week, 52) / same_quarter, 0.25, 4)
    three = (past + 52 * level + annual) / 3
    return np.asarray(np.where(np.isfinite(quarter), three, np.where(age > 0, naive, 0)))
