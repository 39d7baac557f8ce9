"""Why an estimate is what it is: EUR by reason, from a stated base to the estimate, for all accounts at once.

The base is what the account bought in the past year (or since its first order, by the week); before the first order,
what a new account is usually worth. Base and reasons sum to the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.analogy import Analogies
from models.counterfactual import COURSE, LEVEL, MARKET, OVERDUE, SEASON
from models.forecast import Forecast
from models.history import Flags, Floats, WeeklyHistory
from models.windows import Past
from schemas.reasons import CODES, ReasonCode

HORIZONS: Final = (4, 13, 52)
STRONGEST: Final = 3
_OF_HISTORY: Final[tuple[tuple[ReasonCode, int], ...]] = (
    ("own_orders", LEVEL), ("market", MARKET), ("season", SEASON), ("overdue", OVERDUE), ("usual_course", COURSE),
)  # fmt: skip
_CHANGES = (4, 8, 13, 26, 39)  # weeks ago at which a level may have changed
_OFFSET = 5.0
_LEAST_WEEKS = 4  # on either side of a change
_NEGLIGIBLE = 0.005  # of base or estimate

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reasons:
    """For n accounts and the horizons of 4, 13 and 52 weeks."""

    base: Floats  # (n,) EUR of 52 weeks; a horizon's base is its share of it
    base_by_analogy: Flags  # (n,) it is what a new account is usually worth, not the account's own past
    eur: Floats  # (3, codes, n)
    change: Floats  # (n,) share by which its orders changed against the market's; 0: no clear change
    changed_weeks: NDArray[np.int64]  # (n,) ago
    waited: NDArray[np.int64]  # (n,) weeks since its last order
    usual_gap: Floats  # (n,) weeks between its orders

    def strongest(self) -> tuple[Rows, Floats]:
        """(3 horizons, 3, n): codes (places in CODES) of the largest reasons, -1 for none, and their EUR."""
        size = np.abs(self.eur)
        order = np.argsort(-size, axis=1, kind="stable")[:, :STRONGEST]
        eur = np.take_along_axis(self.eur, order, axis=1)
        share = np.array(HORIZONS)[:, None] / 52 * self.base
        least = _NEGLIGIBLE * np.maximum(share, np.abs(share + self.eur.sum(axis=1)))
        return np.where(np.abs(eur) > np.maximum(least, 0.5)[:, None], order, -1), eur


def reasons_of(history: WeeklyHistory, past: Past, ahead: Forecast, analogies: Analogies, factors: Floats) -> Reasons:
    """Of the estimates just made; `factors` (n,) are what market events have done to them."""
    n = past.age.size
    begun = past.age > 0
    known = np.isfinite(analogies.eur) & ~begun
    base = np.where(begun, 52 * past.weekly_mean(), np.where(known, analogies.usual, 0.0))
    eur = np.zeros((len(HORIZONS), len(CODES), n))
    for at, (weeks, own, said) in enumerate(
        zip(HORIZONS, ahead.own, (ahead.short, ahead.long, ahead.year), strict=True)
    ):
        part = eur[at]
        for code, place in _OF_HISTORY:
            part[CODES.index(code)] = own.by_reason[place] * begun
        part[CODES.index("name_or_kind")] = known * analogies.by_words * weeks / 52
        part[CODES.index("neighbours")] = known * analogies.by_neighbours * weeks / 52
        gone = ~ahead.alive
        part[CODES.index("market_event")] = said * (1 - 1 / factors)
        part[:, gone] = 0
        rest = said - weeks / 52 * base - part.sum(axis=0)
        part[CODES.index("silent")] = np.where(gone, rest, 0)
        part[CODES.index("like_accounts")] = np.where(begun & ~gone, rest, 0)
        part[CODES.index("name_or_kind")] += np.where(begun | gone, 0, rest)  # rounding
    change, weeks_ago = _changes(history, past, eur[-1, CODES.index("own_orders")])
    gap = np.clip(past.age, 1, 104) / np.maximum(past.ordered(0, 104), 1)
    waited = np.where(history.last_order >= 0, history.week - history.last_order, 0).astype(np.int64)
    return Reasons(base, known, eur, change, weeks_ago, waited, gap)


def _changes(history: WeeklyHistory, past: Past, eur: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """(n,) by what share orders changed against the market's, and how many weeks ago: the clearest step of the year
    that goes the way the estimate goes."""
    age = np.minimum(past.age, 52)
    whole, market = past.eur(0, 52), history.market_mean(past.week, 52) * 52
    best, share, since = np.zeros(age.size), np.zeros(age.size), np.zeros(age.size, np.int64)
    for weeks in _CHANGES:
        last, of_market = past.eur(0, weeks), history.market_mean(past.week, weeks) * weeks
        before = np.maximum(age - weeks, 1)
        moved = np.log((np.maximum(last / weeks, 0) + _OFFSET) / (np.maximum((whole - last) / before, 0) + _OFFSET))
        if min(of_market, market - of_market) > 0 and past.week >= 52:
            moved = moved - np.log((of_market / weeks) / ((market - of_market) / (52 - weeks)))
        clear = np.abs(moved) * np.sqrt(weeks * before)
        better = (age >= weeks + _LEAST_WEEKS) & (moved * eur > 0) & (clear > best)
        best, share = np.where(better, clear, best), np.where(better, np.expm1(moved), share)
        since = np.where(better, weeks, since)
    return share, since
