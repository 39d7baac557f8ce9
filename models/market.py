"""What the market, the sum of a region's accounts, does: its season, its growth, and how far they moved the last weeks."""

from __future__ import annotations

import numpy as np

from models.history import Floats, WeeklyHistory

EARLIEST_ORIGIN = 60  # last year's season needs 52 weeks and a few to average over
_SEASON_KNOWN = EARLIEST_ORIGIN + 38  # a year's mean around the level of a year ago
_OF_LEVELS = (4, 4, 4, 4, 4, 8, 13, 26)  # weeks behind the first features; single weeks move as their month does


def seasonal_index(history: WeeklyHistory, week: int, horizon: int) -> float:
    """How the market's coming `horizon` weeks stood a year ago against the 13 weeks before them; 1 when unknown."""
    coming = history.market_mean(week - 52 + horizon, horizon)
    before = history.market_mean(week - 52, 13)
    if week < EARLIEST_ORIGIN or before <= 0 or coming <= 0:
        return 1.0
    return float(np.clip(coming / before, 0.25, 4.0))


def year_on_year(history: WeeklyHistory, week: int) -> float:
    """The market's last 13 weeks against the same weeks a year ago; 1 when unknown."""
    now, before = history.market_mean(week, 13), history.market_mean(week - 52, 13)
    if week < EARLIEST_ORIGIN or before <= 0 or now <= 0:
        return 1.0
    return float(np.clip(now / before, 0.25, 4.0))


def market_moves(history: WeeklyHistory, week: int, length: int) -> tuple[float, float]:
    """Logarithms of the market's last weeks against its past year: what the season did, known from a year ago, and what
    is left. (0, 0) until a whole season is known."""
    now, year = history.market_mean(week, length), history.market_mean(week, 52)
    then, around = history.market_mean(week - 52, length), history.market_mean(week - 26 - length // 2, 52)
    if week < _SEASON_KNOWN or min(now, year, then, around) <= 0:
        return 0.0, 0.0
    season = float(np.clip(np.log(then / around), -1, 1))
    return season, float(np.clip(np.log(now / year), -1, 1)) - season


def moves_of_levels(history: WeeklyHistory, week: int) -> Floats:
    """(2, 9) how far season and market moved each of the features 0 to 8; a whole year is not moved."""
    known = {length: market_moves(history, week, length) for length in set(_OF_LEVELS)}
    return np.array([[known[length][k] for length in _OF_LEVELS] + [0.0] for k in range(2)])
