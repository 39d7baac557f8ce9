"""From history to estimates of the next 4, 13 and 52 weeks, with their intervals and parts. Nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.analogy import Analogies
from models.feature_rows import PUNCTUAL
from models.features import Origin, Types, origin_features
from models.group_bands import GroupBands, errors_scale
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import LOG_OFFSET, Band, bounds, groups, yearly_noise
from models.market import EARLIEST_ORIGIN, moves_of_levels
from models.mixture import Mixture, alone, mixture, of_level, steady, usual
from models.windows import Past

ANALOGY_FADES_WEEKS = 13  # own history alone speaks from this age on
_SILENT_WEEKS = 26  # without an order, and twice its usual gap: nothing more is expected of the account
_ANALOGY_WEEKS = 3.0  # the analogy weighs as much as this many weeks of own orders


@dataclass(frozen=True, slots=True)
class Forecast:
    """Arrays (n,): EUR of the coming weeks; the year's bounds; whether the analogy still carries the estimate."""

    short: Floats  # 4 weeks
    long: Floats  # 13 weeks
    year: Floats  # 52 weeks, as the settings want it: as anticipated or as of now
    growth: Floats  # the coming year as anticipated, less 52 weeks at the present level
    low: Floats
    high: Floats
    by_analogy: Flags
    age_weeks: Floats
    alive: Flags
    short_bounds: tuple[Floats, Floats]  # low and high of the 4 weeks
    long_bounds: tuple[Floats, Floats]  # and of the 13
    trials: tuple[Floats, Floats]  # what the regressions of 4 and 13 weeks say, trusted or not; NaN where nothing
    own: tuple[Mixture, Mixture, Mixture]  # of 4, 13 and 52 weeks, from the account's own history alone

    def times(self, factors: Floats) -> Forecast:
        """The same where revenue is going to change by these factors (n,); what the regressions and the account's own
        history say stays."""
        low, high = self.short_bounds
        least, most = self.long_bounds
        return replace(
            self, short=self.short * factors, long=self.long * factors, year=self.year * factors,
            growth=self.growth * factors, low=self.low * factors, high=self.high * factors,
            short_bounds=(low * factors, high * factors), long_bounds=(least * factors, most * factors),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bands:
    """The intervals: of the year (own history, analogies), of 4 and of 13 weeks."""

    year: tuple[Band, Band]
    near: tuple[GroupBands, GroupBands]


@dataclass(frozen=True, slots=True)
class Rules:
    """From the settings: when own history speaks, and whether a year is the coming one or 52 weeks as of now."""

    min_weeks: int
    anticipate: bool


def forecast(
    history: WeeklyHistory,
    past: Past,
    analogies: Analogies,
    types: Types,
    models: tuple[HorizonModel, HorizonModel],
    bands: Bands,
    rules: Rules,
) -> Forecast:
    """Estimates at the end of the newest week. past: of that week; types: (n,) codes; models: of 4 and of 13 weeks."""
    age = past.age.astype(np.float64)
    trials, own, moves = [], [], moves_of_levels(history, past.week)
    for model in models:
        origin = origin_features(history, past, model.weeks, types)
        trial, parts = model.forecast(origin, age.size, moves)
        trials.append(trial)
        own.append(_of_horizon(history, past, model, origin, trial, parts))
    coming, now = _coming_year(history, past, own[1]), _year_as_of_now(history, past)
    known = np.isfinite(analogies.eur)
    fading = np.clip(1 - age / ANALOGY_FADES_WEEKS, 0, 1) * _ANALOGY_WEEKS / (_ANALOGY_WEEKS + age)
    weight, prior = np.where(known, fading, 0), np.where(known, analogies.eur, 0)
    alive = ~silent(history, past)
    short, long = (
        np.where(alive, np.where(one.learnt, one.eur, _mixed(one.eur, weight, prior * model.weeks / 52)), 0.0)
        for one, model in zip(own, models, strict=True)
    )
    anticipated, standing = (np.where(alive, _mixed(one.eur, weight, prior), 0.0) for one in (coming, now))
    year = anticipated if rules.anticipate else standing
    by_analogy = age < rules.min_weeks
    noise = np.where(by_analogy, 1.0, yearly_noise(past))
    low, high = bounds(year, noise, *groups(by_analogy, bands.year))
    near = [
        one.bounds(estimate, *errors_scale(past, model.weeks))
        for one, estimate, model in zip(bands.near, (short, long), models, strict=True)
    ]
    return Forecast(
        short=short, long=long, year=year, growth=anticipated - standing, low=low * alive, high=high * alive,
        by_analogy=by_analogy, age_weeks=age, alive=alive, short_bounds=near[0], long_bounds=near[1],
        trials=(trials[0], trials[1]), own=(own[0], own[1], coming if rules.anticipate else now),
    )  # fmt: skip


def experts(past: Past, horizon: int, regression: Floats, slow: Floats) -> Floats:
    """(3, n) EUR over the horizon as said at an origin; `regression` and `slow` are EUR over the horizon."""
    return np.stack([regression, slow, horizon * past.weekly_mean()])


def silent(history: WeeklyHistory, past: Past) -> Flags:
    """(n,) accounts that have stopped: half a year without an order, and twice as long as they used to wait for one."""
    since = np.where(history.last_order >= 0, history.week - history.last_order, 0)
    orders = past.ordered(0, 104)
    gap = np.clip(past.age, 1, 104) / np.maximum(orders, 1)
    return np.asarray((since >= _SILENT_WEEKS) & ((since > 2 * gap) | (orders == 0)))


def _of_horizon(
    history: WeeklyHistory, past: Past, model: HorizonModel, origin: Origin, trial: Floats, parts: Floats
) -> Mixture:
    """The blend where the regression speaks and is trusted, else the slow level."""
    level = of_level(history, past, model.weeks, model.weeks * history.slow())
    if not model.trusted:
        return mixture([(np.ones(trial.size), level)], np.zeros(trial.size, bool))
    learnt = np.isfinite(trial)
    punctual = np.zeros(trial.size)
    punctual[origin.rows] = origin.base[:, PUNCTUAL]
    of_blend = np.where(learnt, model.blend.weights(punctual), [[0.0], [1.0], [0.0]])
    said = (
        alone(past, model.weeks, np.where(learnt, trial, 0), parts),
        level,
        usual(past, model.weeks),
    )
    return mixture(list(zip(of_blend, said, strict=True)), learnt)


def _coming_year(history: WeeklyHistory, past: Past, quarter: Mixture) -> Mixture:
    """Mean of the past year, the slow level, and the quarter's forecast made a year by the market's own season.

    Three errors of different kinds cancel: on wholesale orders the mean beats each of the three.
    """
    week, begun = past.week, past.age > 0
    slow = of_level(history, past, 52, 52 * history.slow())
    same_quarter = history.market_mean(week - 39, 13)
    learnt = quarter.learnt & (week >= EARLIEST_ORIGIN) & (same_quarter > 0)
    factor = float(np.clip(history.market_mean(week, 52) / same_quarter, 0.25, 4)) if same_quarter > 0 else 1.0
    share = np.where(learnt, 1 / 3, 0.5) * begun
    annual = quarter.as_year(past, factor)
    return mixture([(share, usual(past, 52)), (share, slow), (np.where(learnt, share, 0), annual)], learnt)


def _year_as_of_now(history: WeeklyHistory, past: Past) -> Mixture:
    """52 weeks at the present level: the past year's, and the last quarter's with the market's season taken out."""
    begun = (past.age > 0).astype(np.float64)
    return mixture([(begun / 2, usual(past, 52)), (begun / 2, steady(history, past))], np.zeros(begun.size, bool))


def _mixed(own: Floats, weight: Floats, prior: Floats) -> Floats:
    """Geometric: the first weeks of a new account scatter by factors, not by amounts."""
    logs = (1 - weight) * np.log(np.maximum(own, 0) + LOG_OFFSET) + weight * np.log(prior + LOG_OFFSET)
    return np.asarray(np.exp(logs) - LOG_OFFSET)
