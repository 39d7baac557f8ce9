"""A, B and C: accounts by the share of potential they carry, changed only when they clear a cut-off by a margin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.history import Floats
from schemas.settings import Segments

MARGIN = 0.03  # share of the cumulated potential an account must pass a cut-off by
_LETTERS = np.array(["A", "B", "C"])


def segments(
    potential_eur: Floats,
    previous: NDArray[np.str_],
    settings: Segments,
    fixed: Mapping[int, str] | None = None,
) -> NDArray[np.str_]:
    """(n,) letters from (n,) potentials.

    previous: (n,) letters of last time, "" for a new account; fixed: row -> letter given by a person, which stays.
    Where an account stands is the share of potential carried by larger accounts plus half its own, so that one huge
    account is A, and equal potentials (ties share their place) get equal letters.

    >>> segments(np.array([60.0, 30.0, 10.0]), np.array(["", "", ""]), Segments()).tolist()
    ['A', 'B', 'C']
    """
    standing = _standing(potential_eur)
    cuts = np.array([settings.a_share, settings.b_share])
    fresh = np.searchsorted(cuts, standing, side="left")
    # With the cut-offs moved by the margin both ways, a letter holds while it lies between the two answers.
    strict = np.searchsorted(cuts - MARGIN, standing, side="left")
    lenient = np.searchsorted(cuts + MARGIN, standing, side="left")
    before = np.array([_LETTERS.tolist().index(s) if s in ("A", "B", "C") else -1 for s in previous.tolist()], np.int64)
    held = np.clip(before, lenient, strict)
    result = _LETTERS[np.where(before < 0, fresh, held)]
    for row, letter in (fixed or {}).items():
        result[row] = letter
    return result


def _standing(potential_eur: Floats) -> Floats:
    value = np.maximum(np.nan_to_num(potential_eur), 0)
    if value.sum() <= 0:
        return np.ones(value.size)
    level, where, count = np.unique(-value, return_inverse=True, return_counts=True)
    group = -level * count
    middle = np.cumsum(group) - group / 2
    standing = (middle / value.sum())[where]
    return np.asarray(np.where(value > 0, standing, 1.0))
