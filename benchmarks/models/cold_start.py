"""What accounts are worth before their first order: the estimate by analogy against the first 52 weeks that came."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from benchmarks.models.goals import Goal, interval
from models.analogy import NO_WORD, OFFSET_EUR, WORDS, place, words_of, yearly_by_analogy
from models.history import Floats
from streams.cli.backtest.orders import Panel

DRAWS = 400
OPENED_FROM = 26  # a first order this late is an opening, not the start of the data
TESTED_FROM = 156  # 2015


def cold_start(panel: Panel) -> list[Goal]:
    """Accounts with a name, a place and 52 weeks behind their opening."""
    said, geometric, actual = estimates(panel)
    both = np.stack([said, geometric, actual], axis=1)
    change, rank = _change(both), _rank(both)
    (low, high), (least, most) = interval(both, _change, DRAWS), interval(both, _rank, DRAWS)
    how = f"{actual.size} accounts opened in 2015 and 2016, first 52 weeks; WAPE {_wape(said, actual):.3f} against {_wape(geometric, actual):.3f}"
    return [
        Goal("before the first order: WAPE against the geometric mean", f"{change:+.1%} ({low:+.1%} to {high:+.1%})", "≤ -18%", change <= -0.18, how),
        Goal("before the first order: Spearman", f"{rank:.3f} ({least:.3f} to {most:.3f})", "≥ 0.62", rank >= 0.62, "the same accounts"),
    ]  # fmt: skip


def _wape(said: Floats, actual: Floats) -> float:
    return float(np.abs(said - actual).sum() / actual.sum())


def _change(both: Floats) -> float:
    return _wape(both[:, 0], both[:, 2]) / _wape(both[:, 1], both[:, 2]) - 1


def _rank(both: Floats) -> float:
    return float(spearmanr(both[:, 0], both[:, 2]).statistic)


def estimates(panel: Panel, tested_from: int = TESTED_FROM) -> tuple[Floats, Floats, Floats]:
    """(k,) EUR each: by analogy, the global geometric mean, and the first year that came; opening by opening."""
    weeks, n = panel.revenue.shape
    first = (panel.revenue > 0).argmax(axis=0)
    named = np.array([bool(traits.chain) and traits.lat is not None for traits in panel.traits])
    whole = named & (first >= OPENED_FROM) & (first + 52 <= weeks)
    years = np.array([panel.revenue[week : week + 52, row].sum() for row, week in enumerate(first)])
    label = np.log(years + OFFSET_EUR)
    codes: dict[str, int] = {}
    words = np.full((WORDS, n), NO_WORD, np.int32)
    for row, traits in enumerate(panel.traits):
        mine = [codes.setdefault(word, len(codes)) for word in words_of(traits)]
        words[: len(mine), row] = mine
    summed = np.concatenate([np.zeros((1, n)), np.cumsum(panel.revenue, axis=0)])
    places = np.array([place(traits) for traits in panel.traits])
    said, geometric, actual = [], [], []
    for row in np.flatnonzero(whole & (first >= tested_from)).tolist():
        opening = int(first[row])
        opened = whole & (first + 52 <= opening)
        year = summed[opening] - summed[opening - 52]
        runs = (first + 52 <= opening) & (summed[opening] - summed[opening - 26] > 0)
        known = np.where(opened, label, np.where(runs, np.log(np.maximum(year, 0) + OFFSET_EUR), np.nan))
        said.append(yearly_by_analogy(np.arange(n) == row, words, places, known, opened).eur[row])
        geometric.append(np.exp(label[opened].mean()) - OFFSET_EUR)
        actual.append(years[row])
    return np.array(said), np.array(geometric), np.array(actual)
