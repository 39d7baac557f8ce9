"""A value for accounts without history: what accounts with like names, near them, are worth.

Ridge regression of z = ln(EUR of a year + 100) on the words of an account's name (its chain, its trade) and its kind,
over the first years of accounts that opened and the last year of those that run already, then the mean residual of the
nearest accounts, shrunk. Words carry nearly all of it; place refines. Solved by conjugate gradients (Hestenes and
Stiefel 1952), so that thousands of words cost no matrix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.history import Flags, Floats

OFFSET_EUR = 100.0
_SHARED = 3  # columns of the design that are no words: all accounts, those that run, and none
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


@dataclass(frozen=True, slots=True)
class Analogies:
    """(n,) EUR of the first 52 weeks, NaN where not asked for and when nothing is labelled; what a new account is
    usually worth; and how far words and neighbours move the estimate away from that, 0 where nothing is estimated."""

    eur: Floats
    usual: Floats
    by_words: Floats
    by_neighbours: Floats


def yearly_by_analogy(rows: Flags, words: Codes, places: Floats, labels: Floats, opened: Flags) -> Analogies:
    """Estimates for the asked rows.

    rows: (n,) which accounts are asked for; words: (WORDS, n) codes, NO_WORD where fewer; places: (n, 3) unit vectors
    or NaN; labels: (n,) z of labelled accounts, NaN otherwise; opened: (n,) labels that are first years of openings.
    """
    found = Analogies(np.full(rows.size, np.nan), *np.zeros((3, rows.size)))
    known, asked = np.flatnonzero(np.isfinite(labels)), np.flatnonzero(rows)
    if known.size == 0 or asked.size == 0:
        return found
    # Two more columns: all accounts, and those that run already. Without openings there is no difference to learn.
    running = ~opened & opened[known].any()
    columns = np.ascontiguousarray(words.T) + _SHARED  # the column of a missing word takes part in nothing
    design, runs = columns[known], running[known].astype(np.float64)
    coefficients = _solve(design, runs, labels[known], int(columns.max(initial=_SHARED)) + 1)
    residuals = labels[known] - _said(design, runs, coefficients)
    by_words = _said(columns[asked], np.zeros(asked.size), coefficients) - coefficients[0]
    nearby = _nearby(places[asked], places[known], residuals)
    away = by_words + nearby
    usual = np.exp(min(coefficients[0], 50.0))
    eur = np.exp(np.minimum(coefficients[0] + away, 50))
    small = np.abs(away) < 1e-9
    per_log = np.where(small, usual, (eur - usual) / np.where(small, 1, away))
    found.eur[asked], found.usual[asked] = np.maximum(eur - OFFSET_EUR, 0), max(usual - OFFSET_EUR, 0)
    found.by_words[asked], found.by_neighbours[asked] = per_log * by_words, per_log * nearby
    return found


@njit(cache=True)
def _said(design: Codes, runs: Floats, coefficients: Floats) -> Floats:
    """(k,) predictions: one for all, one for those that run (0 or 1), and the words' columns."""
    out = np.empty(runs.size)
    for i in range(runs.size):
        out[i] = coefficients[0] + runs[i] * coefficients[1]
        for column in design[i]:
            if column >= _SHARED:
                out[i] += coefficients[column]
    return out


@njit(cache=True)
def _gathered(design: Codes, runs: Floats, values: Floats, columns: int) -> Floats:
    """The transposed product: sums of the values by column."""
    out = np.zeros(columns)
    for i in range(runs.size):
        out[0] += values[i]
        out[1] += runs[i] * values[i]
        for column in design[i]:
            if column >= _SHARED:
                out[column] += values[i]
    return out


@njit(cache=True)
def _solve(design: Codes, runs: Floats, target: Floats, columns: int) -> Floats:
    """(columns,) coefficients by conjugate gradients on the normal equations."""
    ridge = np.full(columns, _RIDGE)
    ridge[:2] = 0.1
    solution = np.zeros(columns)
    residual = _gathered(design, runs, target, columns)
    direction, size = residual.copy(), (residual * residual).sum()
    for _ in range(_ROUNDS):
        if size < 1e-12:
            break
        image = _gathered(design, runs, _said(design, runs, direction), columns) + ridge * direction
        step = size / (direction * image).sum()
        solution += step * direction
        residual = residual - step * image
        before, size = size, (residual * residual).sum()
        direction = residual + size / before * direction
    return solution


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
