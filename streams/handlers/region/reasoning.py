"""The reasons of a week's estimates as they are published: the three strongest of each, with their words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.reasons import HORIZONS, STRONGEST
from models.week_outcome import WeekOutcome
from schemas.reasons import CODES, ReasonCode, ReasonedEstimate, reason_words

_SAID: tuple[ReasonedEstimate, ...] = ("potential",) * STRONGEST + ("next_13w",) * STRONGEST + ("next_4w",) * STRONGEST
_WEEKS = tuple(weeks for weeks in reversed(HORIZONS) for _ in range(STRONGEST))
_OWN_ORDERS = CODES.index("own_orders")
_MOST = 9.99  # a change beyond says nothing


class ReasonLine(msgspec.Struct):
    """A `ReasonRow`, field by field."""

    estimate: ReasonedEstimate
    code: ReasonCode
    eur: float
    change: float
    since: date | None
    waited_weeks: int
    usual_gap_weeks: int
    words: str


def reason_lines(outcome: WeekOutcome, rows: NDArray[np.intp], sunday: date) -> Iterator[tuple[ReasonLine, ...]]:
    """Of each of the given rows; the strongest first, of the potential, then of 13 and of 4 weeks."""
    why = outcome.reasons
    weeks = np.array([4.0, 13.0, 52.0])[:, None, None]
    code, eur = (one[:, :, rows] for one in why.strongest())
    share = eur / np.maximum(why.base[rows] * weeks / 52, 1)
    stepped = (code == _OWN_ORDERS) & (eur * why.change[rows] > 0)  # a step in its orders that goes the same way
    change = np.where(stepped, why.change[rows], np.clip(share, -_MOST, _MOST))
    eur = eur * np.where(weeks == 52, outcome.horizon_weeks / 52, 1)
    weeks_ago = np.where(stepped, why.changed_weeks[rows], 0)
    monday = sunday + timedelta(days=1)
    since_of = [monday - timedelta(weeks=ago) if ago else None for ago in range(53)]
    waits = zip(why.waited[rows].tolist(), np.rint(why.usual_gap[rows]).astype(np.int64).tolist(), strict=True)
    told = (_by_row(one) for one in (code, np.round(eur, 2), np.round(change, 4), weeks_ago))
    for *nine, (waited, gap) in zip(*told, waits, strict=True):
        lines = []
        for estimate, horizon, which, amount, moved, ago in zip(_SAID, _WEEKS, *nine, strict=True):
            if which >= 0:
                name, since = CODES[which], since_of[ago]
                words = reason_words(name, horizon, round(100 * moved), since, waited, gap, sunday)
                lines.append(ReasonLine(estimate, name, amount, moved, since, waited, gap, words))
        yield tuple(lines)


def _by_row(values: NDArray[Any]) -> list[list[Any]]:
    """(3 horizons, 3, n) as n lists of nine, the longest horizon first."""
    return values[::-1].reshape(len(HORIZONS) * STRONGEST, -1).T.tolist()
