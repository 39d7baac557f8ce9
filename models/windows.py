"""Sums over windows of a ring of weeks, for all accounts at once: the inner loop of the features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.history import Flags, Floats, WeeklyHistory


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one window: EUR, EUR squared and weeks with an order; (n,) each."""

    eur: Floats
    squared: Floats
    ordered: Floats


def window_sums(history: WeeklyHistory, windows: Sequence[tuple[int, int]]) -> list[Sums]:
    """One `Sums` for each (last week, length); weeks that are not remembered, or not yet there, count as zero."""
    bounds = np.array([history.bounds(end, length) for end, length in windows], dtype=np.int64).reshape(-1, 2)
    summed = _sums(history.ring, bounds, history.rows)
    return [Sums(*one) for one in summed]


def last_orders(history: WeeklyHistory, end: int, length: int) -> tuple[Floats, Flags]:
    """(n,) whole weeks since the last order up to `end`, `length` where there is none; and whether there is one."""
    since = _since(history.ring, *history.bounds(end, length), history.rows, length)
    return since, since < length


@njit(cache=True)
def _sums(ring: NDArray[np.float32], bounds: NDArray[np.int64], rows: int) -> Floats:
    out = np.zeros((bounds.shape[0], 3, rows))
    for k in range(bounds.shape[0]):
        for week in range(bounds[k, 0], bounds[k, 1] + 1):
            eur = ring[week % ring.shape[0]]
            for i in range(rows):
                value = np.float64(eur[i])
                out[k, 0, i] += value
                out[k, 1, i] += value * value
                out[k, 2, i] += 1.0 if value > 0 else 0.0
    return out


@njit(cache=True)
def _since(ring: NDArray[np.float32], oldest: int, newest: int, rows: int, length: int) -> Floats:
    out = np.full(rows, np.float64(length))
    for week in range(oldest, newest + 1):
        eur = ring[week % ring.shape[0]]
        for i in range(rows):
            if eur[i] > 0:
                out[i] = newest - week
    return out
