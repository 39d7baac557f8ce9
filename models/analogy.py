"""A value for accounts without history: what accounts of their type, near them, were worth in their first year.

Estimate = shrunk mean over the nearest labelled accounts of the same type, inside the shrunk mean of the type, inside
the mean of all, on z = ln(EUR of the first 52 weeks + 100). Type carries nearly all of it; place refines.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.history import Flags, Floats

OFFSET_EUR = 100.0
_PRIOR_WEIGHT = 3.0
_NEIGHBOURS = 8
_NOBODY = np.zeros(0, np.intp)


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
    """Accounts that resemble each other: the same chain, or the same kind when no chain is known."""
    return f"chain {traits.chain}" if traits.chain else f"kind {traits.kind}"


def place(traits: Traits) -> tuple[float, float, float]:
    """Unit vector on the sphere, NaN without coordinates; straight lines then order as great circles do."""
    if traits.lat is None or traits.lon is None:
        return (np.nan, np.nan, np.nan)
    lat, lon = np.radians([traits.lat, traits.lon])
    return (float(np.cos(lat) * np.cos(lon)), float(np.cos(lat) * np.sin(lon)), float(np.sin(lat)))


def yearly_by_analogy(rows: Flags, types: NDArray[np.int32], places: Floats, labels: Floats) -> Floats:
    """EUR of 52 weeks for the asked rows, NaN elsewhere and when nothing at all is labelled.

    rows: (n,) which accounts are asked for; types: (n,) codes of types; places: (n, 3) unit vectors or NaN;
    labels: (n,) z of labelled accounts, NaN otherwise. An account is never its own neighbour.
    """
    result = np.full(rows.size, np.nan)
    labelled = np.isfinite(labels)
    if not labelled.any() or not rows.any():
        return result
    everyone = float(labels[labelled].mean())
    known_of = _rows_by_type(labelled, types)
    for code, asked in _rows_by_type(rows, types).items():
        known = known_of.get(code, _NOBODY)
        level = _shrunk(labels[known].mean() if known.size else 0.0, known.size, everyone)
        near = _mean_of_nearest(asked, known, places, labels, float(level))
        result[asked] = np.exp(_shrunk(near, known.size, float(level))) - OFFSET_EUR
    return np.asarray(np.maximum(result, 0))


def _rows_by_type(rows: Flags, types: NDArray[np.int32]) -> dict[int, NDArray[np.intp]]:
    chosen = np.flatnonzero(rows)
    order = np.argsort(types[chosen], kind="stable")
    codes, starts = np.unique(types[chosen][order], return_index=True)
    return dict(zip(codes.tolist(), np.split(chosen[order], starts[1:]), strict=True))


def _shrunk(mean: Floats | float, count: int, prior: float) -> Floats:
    """Weighted with a prior worth three accounts; elementwise."""
    return np.asarray((count * mean + _PRIOR_WEIGHT * prior) / (count + _PRIOR_WEIGHT))


def _mean_of_nearest(
    asked: NDArray[np.intp], known: NDArray[np.intp], places: Floats, labels: Floats, level: float
) -> Floats:
    """(asked,) mean label of the nearest known accounts; the type's level where a place is missing."""
    means = np.full(asked.size, level)
    known = known[np.isfinite(places[known, 0])]
    placed = np.flatnonzero(np.isfinite(places[asked, 0]))
    if known.size == 0 or placed.size == 0:
        return means
    k = min(_NEIGHBOURS + 1, known.size)
    _, found = cKDTree(places[known]).query(places[asked[placed]], k=k)
    neighbours = known[np.asarray(found).reshape(placed.size, k)]
    others = neighbours != asked[placed][:, None]
    others &= np.cumsum(others, axis=1) <= _NEIGHBOURS
    count = others.sum(axis=1)
    total = (labels[neighbours] * others).sum(axis=1)
    means[placed] = np.where(count > 0, total / np.maximum(count, 1), level)
    return means
