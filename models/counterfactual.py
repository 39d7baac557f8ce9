"""Why the regression says what it says: its prediction taken apart, exactly, account by account.

The linear model is asked again with one thing after the other made ordinary: no order overdue, no season in the weeks
behind and ahead, no movement of market and peers, every level as the past year's mean. The differences, and what is left, sum to the prediction.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from models.feature_rows import BASE, COLUMNS, expand_row
from models.history import Floats

OVERDUE, SEASON, MARKET, LEVEL, COURSE = range(5)
PARTS = 5


@njit(cache=True)
def taken_apart(base: Floats, mean: Floats, sd: Floats, coefficients: Floats, moves: Floats) -> tuple[Floats, Floats]:
    """(k, 43) features -> (k,) predicted log ratios to the reference, and their (k, 5) parts.

    moves: (2, 9) how far season and market moved the levels of features 0 to 8.

    A row of parts sums to the log ratio of the prediction to the account's mean of the past year.
    """
    said, parts = np.empty(base.shape[0]), np.empty((base.shape[0], PARTS))
    row, expanded, precision = np.empty(BASE), np.empty(COLUMNS), 1 / sd
    for at in range(base.shape[0]):
        for j in range(BASE):  # a slice would first look whether the two overlap
            row[j] = base[at, j]
        whole = said[at] = _predicted(row, mean, precision, coefficients, expanded)
        punctual = whole
        if row[23] + row[24] > 1:  # the next order is overdue: let it be due just now
            often = max(row[22], 1 / 52)
            row[20] = min(1 / (13 * often), row[20])
            row[23], row[24], row[25], row[28] = 1.0, 0.0, math.exp(-1), row[22]
            punctual = _predicted(row, mean, precision, coefficients, expanded)
        for j in range(9):
            row[j] -= moves[0, j]
        row[9] = row[29] = row[8]
        row[10] = row[11] = row[6]
        for j in (12, 14, 15, 16, 17, 30, 31, 32, 35):
            row[j] = 0.0
        row[40], row[41] = row[38] * row[7], row[38] * row[8]
        without_season = _predicted(row, mean, precision, coefficients, expanded)
        for j in range(9):
            row[j] -= moves[1, j]
        row[10] = row[11] = row[6]
        for j in (13, 33, 34, 36):
            row[j] = 0.0
        row[40] = row[38] * row[7]
        alone = _predicted(row, mean, precision, coefficients, expanded)
        for j in range(12):
            row[j] = row[8]
        row[29] = row[42] = row[8]
        row[26] = row[27] = 0.0
        row[40] = row[41] = row[38] * row[8]
        steady = _predicted(row, mean, precision, coefficients, expanded)
        parts[at, OVERDUE] = whole - punctual
        parts[at, SEASON] = punctual - without_season
        parts[at, MARKET] = without_season - alone
        parts[at, LEVEL] = alone - steady
        parts[at, COURSE] = steady - row[8]
    return said, parts


@njit(cache=True, fastmath={"reassoc"})  # the sum may run in lanes; always in the same ones
def _predicted(row: Floats, mean: Floats, precision: Floats, coefficients: Floats, expanded: Floats) -> float:
    expand_row(row, mean, precision, expanded)
    total = 0.0
    for j in range(COLUMNS):
        total += coefficients[j] * expanded[j]
    return total
