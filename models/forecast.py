"""From history to estimates of the next 4, 13 and 52 weeks, with the interval of the year. Nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.features import EARLIEST_ORIGIN, origin_features
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import LOG_OFFSET, Band, bounds, groups, yearly_noise

ANALOGY_FADES_WEEKS = 13  # own history alone speaks from this age on
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
    trials: tuple[Floats, Floats]  # what the regressions of 4 and 13 weeks say, trusted or not; NaN where nothing


def forecast(
    history: WeeklyHistory,
    models: tuple[HorizonModel, HorizonModel],
    analogy: Floats,
    bands: tuple[Band, Band],
    min_weeks: int,
) -> Forecast:
    """Estimates at the end of the newest week.

    models: of 4 and of 13 weeks; analogy: (n,) EUR of 52 weeks, NaN where unknown; bands: of own history, of analogies.
    """
    week = history.week
    age = history.age(week).astype(np.float64)
    level = history.slow()
    trials = [model.forecast(origin_features(history, week, model.weeks)) for model in models]
    learnt = [np.where(model.trusted, one, np.nan) for one, model in zip(trials, models, strict=True)]
    known = np.isfinite(analogy)
    fading = np.clip(1 - age / ANALOGY_FADES_WEEKS, 0, 1) * _ANALOGY_WEEKS / (_ANALOGY_WEEKS + age)
    weight = np.where(known, fading, 0)
    prior = np.where(known, analogy, 0)
    short, long = (
        np.where(np.isfinite(one), one, _mixed(model.weeks * level, weight, prior * model.weeks / 52))
        for one, model in zip(learnt, models, strict=True)
    )
    year = _mixed(_own_year(history, learnt[1], level, age), weight, prior)
    by_analogy = age < min_weeks
    noise = np.where(by_analogy, 1.0, yearly_noise(history, week))
    low, high = bounds(year, noise, *groups(by_analogy, bands))
    return Forecast(short, long, year, low, high, by_analogy, age, (trials[0], trials[1]))


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
