"""Estimates as sums of what several forecasters say, with the reasons that each of them has.

A forecaster's difference from the account's past year is shared out in EUR among its reasons in proportion to their
parts of the logarithm, by the logarithmic mean (the additive LMDI method; Ang 2005): exact, and no reason comes first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from models.counterfactual import COURSE, LEVEL, MARKET, PARTS, SEASON
from models.feature_rows import OFFSET
from models.history import Flags, Floats, WeeklyHistory
from models.market import market_moves
from models.windows import Past


@dataclass(frozen=True, slots=True)
class Mixture:
    """(n,) EUR over a horizon, (5, n) EUR by reason that sum to its difference from the past year, and where the
    regression had a say."""

    eur: Floats
    by_reason: Floats
    learnt: Flags

    def as_year(self, past: Past, factor: float) -> Mixture:
        """A quarter's estimate as one of 52 weeks; `factor` undoes the quarter's season."""
        eur, before = 4 * factor * self.eur, 52 * past.weekly_mean()
        by_reason = 4 * factor * self.by_reason
        by_reason[SEASON] += eur - before - by_reason.sum(axis=0)
        return Mixture(eur, by_reason, self.learnt)


def mixture(parts: Sequence[tuple[Floats, Mixture]], learnt: Flags) -> Mixture:
    """The weighted sum; weights (n,) sum to 1, or to 0 for accounts of which nothing is said."""
    eur = np.sum([weight * one.eur for weight, one in parts], axis=0)
    return Mixture(eur, np.sum([weight * one.by_reason for weight, one in parts], axis=0), learnt)


def usual(past: Past, weeks: int) -> Mixture:
    """The mean of the past year goes on: the base itself."""
    eur = weeks * past.weekly_mean()
    return Mixture(eur, np.zeros((PARTS, eur.size)), np.zeros(eur.size, bool))


def alone(past: Past, weeks: int, eur: Floats, logs: Floats) -> Mixture:
    """One forecaster: (n,) EUR and (5, n) parts of its logarithm. What the parts leave over goes to the usual course."""
    by_reason = _shared_out(eur, weeks * past.weekly_mean(), OFFSET * weeks, logs)
    return Mixture(eur, by_reason, np.zeros(eur.size, bool))


@njit(cache=True)
def _shared_out(eur: Floats, before: Floats, offset: float, logs: Floats) -> Floats:
    out = np.empty(logs.shape)
    for i in range(eur.size):
        whole = math.log((max(eur[i], 0.0) + offset) / (max(before[i], 0.0) + offset))
        mean = before[i] + offset if abs(whole) < 1e-9 else (eur[i] - before[i]) / whole
        rest = eur[i] - before[i]
        for k in range(logs.shape[0]):
            out[k, i] = mean * logs[k, i]
            rest -= out[k, i]
        out[COURSE, i] += rest
    return out


def of_level(history: WeeklyHistory, past: Past, weeks: int, eur: Floats) -> Mixture:
    """A level that lags by some twenty weeks goes on."""
    season, trend = market_moves(history, past.week, 39)
    return alone(past, weeks, eur, _level_logs(past, weeks, eur, season, trend))


def steady(history: WeeklyHistory, past: Past) -> Mixture:
    """52 weeks at the level of the last quarter without the market's season, which moves nothing then."""
    season, trend = market_moves(history, past.week, 13)
    eur = 52 * past.eur(0, 13) / np.clip(past.age, 1, 13) * float(np.exp(-season))
    return alone(past, 52, eur, _level_logs(past, 52, eur, 0.0, trend))


def _level_logs(past: Past, weeks: int, eur: Floats, season: float, trend: float) -> Floats:
    """(5, n): what season and market moved, the rest is the account's own."""
    before, offset = weeks * past.weekly_mean(), OFFSET * weeks
    logs = np.zeros((PARTS, eur.size))
    whole = np.log((np.maximum(eur, 0) + offset) / (np.maximum(before, 0) + offset))
    logs[SEASON], logs[MARKET], logs[LEVEL] = season, trend, whole - season - trend
    return logs
