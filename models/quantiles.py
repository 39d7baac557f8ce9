"""Quantiles by sorting, compiled; interpolated linearly between neighbours, as `numpy.quantile` does."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.history import Floats


@njit(cache=True)
def quantiles(values: Floats, shares: Floats) -> Floats:
    """Of each share in 0..1; zeros without values."""
    out = np.zeros(shares.size)
    if values.size == 0:
        return out
    ranked = np.sort(values)
    for k in range(shares.size):
        place = shares[k] * (values.size - 1)
        low = math.floor(place)
        high = min(low + 1, values.size - 1)
        out[k] = ranked[low] + (place - low) * (ranked[high] - ranked[low])
    return out


@njit(cache=True)
def group_quantiles(values: Floats, group: NDArray[np.int64], groups: int, shares: Floats) -> Floats:
    """(groups, shares); `group` (n,) counts from 0, below 0 belongs nowhere. Zeros for an empty group."""
    out = np.zeros((groups, shares.size))
    for one in range(groups):
        out[one] = quantiles(values[group == one], shares)
    return out
