"""A value for accounts without history: what accounts with like names, near them, are worth.

Ridge regression of z = ln(EUR of a year + 100) on the words of an account's name (its chain, its trade) and its kind,
over the first years of accounts that opened and the last year of those that run already, then the mean residual of the
nearest accounts, shrunk. Words carry nearly all of it; place refines. Solved by conjugate gradients (Hestenes and
Stiefel 1952), so that thousands of words cost no matrix.
"""

from __future__ import annotations

import re
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.history import Flags, Floats

OFFSET_EUR = 100.0
WORDS = 6  # of an account, the kind and the first pair among them
NO_WORD = -1
_RIDGE = 8.0  # a word counts fully when a multiple of this many accounts bear it
_ROUNDS = 30
_NEIGHBOURS = 8
_NEIGHBOUR_PRIOR = 8.0

Codes = NDArray[np.int32]


class Traits(Protocol):
    """What is known of an account that has not ordered yet."""

    @property
    def kind(self) -> str: ...
    @property
    def chain(self) -> str: ...
    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...


def type_key(traits: Traits) -> str:
    """Accounts that resemble each other: the same first word, or the same kind when no name is known."""
    first = traits.chain.split(" ", 1)[0]
    return f"chain {first}" if first else f"kind {traits.kind}"


def type_words(name: str) -> str:
    """The words of a name that may recur, in capitals: "Pharmacie de Lannion #2" gives "PHARMACIE DE LANNION"."""
    before_place = re.split(r"/|[#\d]", name.upper(), maxsplit=1)[0]
    words = (word.strip("'-") for word in re.sub(r"[^\w&' -]", " ", before_place).split())
    return " ".join([word for word in words if len(word) > 1][: WORDS - 2])


def words_of(traits: Traits) -> list[str]:
    """At most `WORDS` features of a name: its kind if nameless, else its words and the first two together."""
    words = traits.chain.split()[: WORDS - 2]
    if not words:
        return [f"kind {traits.kind}"]
    pair = [" ".join(words[:2])] if len(words) > 1 else []
    return [f"first {words[0]}", *pair, *dict.fromkeys(words)][:WORDS]


def place(traits: Traits) -> tuple[float, float, float]:
    """Unit vector on the sphere, NaN without coordinates; straight lines then order as great circles do."""
    if traits.lat is None or traits.lon is None:
        return (np.nan, np.nan, np.nan)
    lat, lon = np.radians([traits.lat, traits.lon])
    return (float(np.cos(lat) * np.cos(lon)), float(np.cos(lat) * np.sin(lon)), float(np.sin(lat)))


def yearly_by_analogy(rows: Flags, words: Codes, places: Floats, labels: Floats, opened: Flags) -> Floats:
    """EUR of the first 52 weeks for the asked rows, NaN elsewhere and when nothing at all is labelled.

    rows: (n,) which accounts are asked for; words: (WORDS, n) codes, NO_WORD where fewer; places: (n, 3) unit vectors
    or NaN; labels: (n,) z of labelled accounts, NaN otherwise; opened: (n,) labels that are first years of openings.
    """
    result = np.full(rows.size, np.nan)
    known, asked = np.flatnonzero(np.isfinite(labels)), np.flatnonzero(rows)
    if known.size == 0 or asked.size == 0:
        return result
    # Two more columns: all accounts, and those that run already. Without openings there is no difference to learn.
    running = ~opened & opened[known].any()
    design = _Design(words, running)
    coefficients = design.solve(known, labels[known])
    residuals = labels[known] - design.predict(known, coefficients)
    z = design.predict(asked, coefficients, as_opening=True) + _nearby(places[asked], places[known], residuals)
    result[asked] = np.maximum(np.exp(np.minimum(z, 50)) - OFFSET_EUR, 0)
    return result


class _Design:
    """Sparse rows of ones: two shared columns, then the words."""

    def __init__(self, words: Codes, running: Flags) -> None:
        self._words = words + 3  # column 2 takes the missing words and stays zero
        self._running = running
        self._columns = int(self._words.max(initial=2)) + 1
        self._ridge = np.full(self._columns, _RIDGE)
        self._ridge[:2] = 0.1

    def predict(self, rows: NDArray[np.intp], coefficients: Floats, as_opening: bool = False) -> Floats:
        said = coefficients[0] + coefficients[self._words[:, rows]].sum(axis=0)
        return np.asarray(said if as_opening else said + self._running[rows] * coefficients[1])

    def solve(self, rows: NDArray[np.intp], target: Floats) -> Floats:
        """Coefficients by conjugate gradients on the normal equations."""
        solution = np.zeros(self._columns)
        residual = self._gathered(rows, target)
        direction, size = residual, float(residual @ residual)
        for _ in range(_ROUNDS):
            if size < 1e-12:
                break
            image = self._gathered(rows, self.predict(rows, direction)) + self._ridge * direction
            step = size / float(direction @ image)
            solution = solution + step * direction
            residual = residual - step * image
            size, before = float(residual @ residual), size
            direction = residual + size / before * direction
        return solution

    def _gathered(self, rows: NDArray[np.intp], values: Floats) -> Floats:
        """The transposed product: sums of the values by column."""
        words = self._words[:, rows]
        sums = np.bincount(words.ravel(), np.tile(values, WORDS), self._columns)
        sums[:3] = values.sum(), (values * self._running[rows]).sum(), 0
        return np.asarray(sums)


def _nearby(asked: Floats, known: Floats, residuals: Floats) -> Floats:
    """(asked,) shrunk mean residual of the nearest known places; 0 where a place is missing."""
    result = np.zeros(len(asked))
    placed, there = np.isfinite(asked[:, 0]), np.isfinite(known[:, 0])
    if not placed.any() or not there.any():
        return result
    k = min(_NEIGHBOURS, int(there.sum()))
    _, found = cKDTree(known[there]).query(asked[placed], k=k)
    result[placed] = residuals[there][np.asarray(found).reshape(-1, k)].sum(axis=1) / (k + _NEIGHBOUR_PRIOR)
    return result
