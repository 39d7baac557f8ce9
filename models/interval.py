"""Intervals that keep their promise: online conformal bands around a forecast, adapted to delayed labels.

Scores are log errors divided by each account's own noise; a band is the running lower and upper quantile of the scores
of its group. Running quantiles of weekly batches follow a changing market (adaptive conformal inference, Gibbs and
Candes 2021, in its simplest form: quantile tracking).
"""

from __future__ import annotations

import numpy as np

from models.history import Flags, Floats
from models.windows import Past

LOG_OFFSET = 100.0  # EUR
_STEP = 0.1
_FULL_BATCH = 20


class Band:
    """The central interval of one group's scores. Before any score it is a stated guess.

    >>> band = Band(coverage=0.8, guess=1.0)
    >>> band.learn(np.linspace(-2, 2, 101))
    >>> (round(band.low, 2), round(band.high, 2))
    (-1.6, 1.6)
    """

    def __init__(self, coverage: float, guess: float) -> None:
        self.coverage = coverage
        self.low, self.high = -guess, guess
        self.batches = 0

    def learn(self, scores: Floats) -> None:
        """One week's scores, NaN: none; small batches move the band less."""
        scores = scores[~np.isnan(scores)]
        if scores.size == 0:
            return
        self.batches += 1
        step = max(_STEP * scores.size / (scores.size + _FULL_BATCH), 1 / self.batches if scores.size > 5 else 0)
        tail = (1 - self.coverage) / 2
        low, high = np.quantile(scores, [tail, 1 - tail])
        self.low += step * (float(low) - self.low)
        self.high += step * (float(high) - self.high)

    def state(self) -> list[float]:
        return [self.low, self.high, self.batches]

    def restore(self, state: list[float]) -> None:
        self.low, self.high, self.batches = state[0], state[1], int(state[2])


def log_score(actual: Floats, estimate: Floats, noise: Floats) -> Floats:
    """Log error in units of the account's noise."""
    return np.asarray(np.log((np.maximum(actual, 0) + LOG_OFFSET) / (estimate + LOG_OFFSET)) / noise)


def bounds(estimate: Floats, noise: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """EUR around the estimate; `low` and `high` are (n,) quantiles of scores. The estimate lies inside."""
    lower = (estimate + LOG_OFFSET) * np.exp(np.minimum(low, 0) * noise) - LOG_OFFSET
    upper = (estimate + LOG_OFFSET) * np.exp(np.maximum(high, 0) * noise) - LOG_OFFSET
    return np.maximum(lower, 0), np.maximum(upper, 0)


def yearly_noise(past: Past) -> Floats:
    """(n,) how uncertain a year's sum of this account is, as a share: the coefficient of variation of its weeks."""
    mean, spread = past.yearly_spread()
    share = spread / np.sqrt(np.clip(past.age, 1, 52)) / np.maximum(mean, 1)
    return np.asarray(0.1 + np.clip(share, 0, 1))


def groups(by_analogy: Flags, bands: tuple[Band, Band]) -> tuple[Floats, Floats]:
    """(n,) quantiles of each account's group; bands are (own history, analogy)."""
    own, analogy = bands
    return np.where(by_analogy, analogy.low, own.low), np.where(by_analogy, analogy.high, own.high)
