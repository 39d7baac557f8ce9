"""Columns of the orders whose effect is known, as numbers of combinations, learnt from no day after the one they are used on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import isnan
from statistics import median

import numpy as np
from numpy.typing import NDArray

MOST_EFFECTS = 9  # combinations; with seven weekdays each they fill the cells of the effects model
UNWARNED_DAYS = (
    91  # a rhythm is known then, and a stream is judged weeks later: nothing that hangs on effects is said before
)
Combination = tuple[str, ...]
Levels = Callable[[str], str]


def effect_codes(effects: Sequence[Combination], learnt: int) -> NDArray[np.intp]:
    """A number below `MOST_EFFECTS` for each of the combinations, which stand in the order of their days.

    The first `learnt` teach: what is small and what large of a number with many values, and how frequent each combination
    is, the most frequent being 0. One that is not among them takes the next number when it first comes; the last number
    is shared by all for which none is left.
    """
    if not effects or not effects[0]:
        return np.zeros(len(effects), np.intp)
    levels = [_levels(column[:learnt]) for column in zip(*effects, strict=True)]
    leveled = [tuple(level(word) for level, word in zip(levels, one, strict=True)) for one in effects]
    number: dict[Combination, int] = {}
    for one in (*_by_frequency(leveled[:learnt]), *leveled):
        number.setdefault(one, min(len(number), MOST_EFFECTS - 1))
    return np.array([number[one] for one in leveled], np.intp)


def _levels(known: Sequence[str]) -> Levels:
    """Words as they are; of a number with many values whether it is none, small or large."""
    if len(set(known)) <= MOST_EFFECTS:
        return str
    try:
        middle = median(value for word in known if (value := _number(word)))
    except ValueError:
        return str
    return lambda word: _size(word, middle)


def _number(word: str) -> float:
    """Raises ValueError for what is none. Nothing, and what other programs write for it, is zero."""
    value = float(word or 0)
    return 0.0 if isnan(value) else value


def _size(word: str, middle: float) -> str:
    try:
        value = _number(word)
    except ValueError:
        return "no number"
    if not value:
        return "none"
    return "small" if value < middle else "large"


def _by_frequency(known: Iterable[Combination]) -> list[Combination]:
    return [one for one, _ in Counter(known).most_common()]
