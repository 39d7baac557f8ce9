"""The features of one account after the other, compiled: 43 numbers from the windows of its past, and their expansion.

The expansion adds kinks (absolute values, hinges) and interactions with silence, season and size to the levels, so that
a linear model can bend.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.history import Floats

CORE = 22
BASE = 43
COLUMNS = 107
SHARED_COLUMNS = tuple(range(13, 19))  # of the expansion: season and market, one value for all accounts of a week
PUNCTUAL = 25  # feature: exp(-usual gaps since the last order)
OFFSET = 5.0  # EUR; keeps the logarithm of a zero week finite
RATIO_CLIP = 2.0
_CLIP = 3.0


@njit(cache=True, inline="always")
def _clipped(value: float, most: float) -> float:
    return min(max(value, -most), most)


@njit(cache=True)
def _log_ratio(value: float, log_ref: float) -> float:
    """`log_ref` is the logarithm of the reference and the offset."""
    return _clipped(math.log(max(value, 0.0) + OFFSET) - log_ref, _CLIP)


@njit(cache=True)
def _ratio(value: float, other: float) -> float:
    return _clipped(math.log((max(value, 0.0) + OFFSET) / (max(other, 0.0) + OFFSET)), RATIO_CLIP)


@njit(cache=True)
def log_ratios(value: Floats, ref: Floats) -> Floats:
    """(k,) log ratios of weekly EUR to the reference, clipped."""
    out = np.empty(value.size)
    for i in range(value.size):
        out[i] = _log_ratio(value[i], math.log(ref[i] + OFFSET))
    return out


@njit(cache=True)
def write_features(
    rows: NDArray[np.intp],
    stretches: Floats,
    newest: Floats,
    fast: Floats,
    ages: NDArray[np.int64],
    recencies: Floats,
    of_type: Floats,
    types: NDArray[np.int32],
    of_week: Floats,
    horizon: int,
    base: Floats,
    ref: Floats,
) -> None:
    """Fill `base` (k, 43) and `ref` (k,) for the given rows of a region.

    stretches: (12, 3, n) as in `windows.Past`; newest: (4, n) EUR of the last weeks; of_type: (types, 4); of_week: the
    market's seasonal index, its logarithm, the logarithm of year on year, and four phases of the season.
    """
    for at in range(rows.size):
        i = rows[at]
        age, recency, s, out = ages[i], recencies[i], stretches[:, :, i], base[at]
        four = s[0, 0]
        eight = four + s[1, 0]
        quarter = eight + s[2, 0]
        half = quarter + s[3, 0]
        year = half + s[4, 0] + s[5, 0] + s[6, 0]
        before = s[7, 0] / 13
        two_years = year + s[7, 0] + s[8, 0] + s[9, 0] + s[10, 0]
        coming, coming_again = (s[6, 0], s[10, 0]) if horizon == 4 else (s[5, 0] + s[6, 0], s[9, 0] + s[10, 0])
        coming, coming_again, before_again = coming / horizon, coming_again / horizon, s[11, 0] / 13
        mean_quarter, mean_year = quarter / min(age, 13), year / min(age, 52)
        level = max(fast[i], 0.25 * mean_year, 20.0)
        log_ref = math.log(level + OFFSET)
        ref[at] = level

        for lag in range(4):
            out[lag] = _log_ratio(newest[lag, i], log_ref)
        out[4] = _log_ratio(four / min(age, 4), log_ref)
        out[5] = _log_ratio(eight / min(age, 8), log_ref)
        out[6] = _log_ratio(mean_quarter, log_ref)
        out[7] = _log_ratio(half / min(age, 26), log_ref)
        out[8] = _log_ratio(mean_year, log_ref)
        out[9] = _log_ratio(mean_quarter if age < 52 + horizon else coming, log_ref)
        by_market = mean_quarter * of_week[0]
        out[10] = _log_ratio(by_market, log_ref)
        own = by_market
        if before > 0 and age >= 65:
            own = min(coming * mean_quarter / before, 5 * max(mean_quarter, mean_year) + 1)
        out[11] = _log_ratio(own, log_ref)
        for j in range(6):
            out[12 + j] = of_week[1 + j]
        out[18] = math.log(level)
        often_lately = s[0, 2] + s[1, 2] + s[2, 2]
        out[19] = min(max(1 - often_lately / min(age, 13), 0.0), 1.0)
        out[20] = recency / 13
        out[21] = min(age, 260) / 260

        # how often it orders, how overdue the next order is, and whether orders or their sizes change
        orders = often_lately + s[3, 2] + s[4, 2] + s[5, 2] + s[6, 2]
        often = orders / min(age, 52)
        overdue = min(max(recency * max(often, 1 / 52), 0.0), 8.0)
        out[22], out[23], out[24] = often, min(overdue, 2.0), max(overdue - 2.0, 0.0)
        out[25] = math.exp(-overdue)
        out[26] = _ratio(quarter / max(often_lately, 1.0), year / max(orders, 1.0))
        out[27], out[28] = often_lately / 13 - often, overdue * often

        # the same weeks two years ago, the account's own season of each year, and their mean
        old = age >= 104 + horizon
        out[29] = _log_ratio(coming_again, log_ref) if old else out[9]
        second = _ratio(coming_again, before_again) if old and before_again > 20 else 0.0
        first = _ratio(coming, before) if age >= 65 and before > 20 else 0.0
        out[30], out[31], out[32] = second, first, (first + second) / 2 if old else 0.0

        for j in range(4):
            out[33 + j] = of_type[types[i], j]

        # scatter of the weeks of half a year and a year, and how the levels act with it
        squared_half = s[0, 1] + s[1, 1] + s[2, 1] + s[3, 1]
        scatter = _variation(year, squared_half + s[4, 1] + s[5, 1] + s[6, 1], min(age, 52))
        out[37] = _variation(half, squared_half, min(age, 26))
        out[38], out[39] = scatter, scatter**2 / 4
        out[40], out[41] = scatter * out[7], scatter * out[8]
        out[42] = _log_ratio(two_years / min(age, 104), log_ref)


@njit(cache=True)
def _variation(eur: float, squared: float, weeks: int) -> float:
    mean = eur / weeks
    return min(math.sqrt(max(squared / weeks - mean**2, 0.0)) / max(mean, 5.0), 4.0)


@njit(cache=True)
def expand_row(row: Floats, mean: Floats, precision: Floats, out: Floats) -> None:
    """`precision`: one over the standard deviation (a product is far cheaper than a quotient). (43,) features -> (107,): one, the standardised core, kinks, interactions, the rest as it is."""
    quiet, recency = row[19], min(row[20], 1.0)
    out[0] = 1.0
    for j in range(CORE):
        out[1 + j] = _clipped((row[j] - mean[j]) * precision[j], 5.0)
    for j in range(12):
        out[23 + j] = abs(out[1 + j])
        out[51 + j] = out[1 + j] * quiet
        out[63 + j] = out[1 + j] * recency
    for j in range(8):
        out[35 + j] = max(out[5 + j] - 0.5, 0.0)
        out[43 + j] = min(out[5 + j] + 0.5, 0.0)
    for j in range(4):
        out[75 + j] = out[15 + j] * out[8]
    for j in range(5):
        out[79 + j] = out[19] * out[5 + j]
    out[84], out[85] = quiet * quiet, recency * recency
    for j in range(BASE - CORE):
        out[86 + j] = row[CORE + j]


@njit(cache=True)
def expand(base: Floats, mean: Floats, sd: Floats) -> Floats:
    """(k, 43) features and the (22,) mean and sd of the first -> (k, 107)."""
    out, precision = np.empty((base.shape[0], COLUMNS)), 1 / sd
    for at in range(base.shape[0]):
        expand_row(base[at], mean, precision, out[at])
    return out
