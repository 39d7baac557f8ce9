"""The measured instances of the research notes as problems, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.settings import Weights
from solvers.problem import ORPHAN, Contiguity, Problem

MEASURED = Weights(travel_per_km=0.66 * 4 / 2.6)
"""Weights of the research notes: 0.66 EUR per visit and km of distance."""


def instance(
    arrays: Mapping[str, NDArray[Any]],
    max_moves: int | None = None,
    min_move_worth: float = 0.0,
    weights: Weights | None = None,
    contiguity: Contiguity = "off",
) -> Problem:
    """A problem from the arrays of a territory file.

    Needs xy (n, 2) km, potential (n,) EUR, hours and visits (n,) a year, home (r, 2) km, current (n,) rep index,
    alive (r,) and orphan (n,). Dead reps disappear; all live reps share equally, as in the measurements.
    """
    alive = np.flatnonzero(arrays["alive"])
    index = np.full(len(arrays["alive"]), ORPHAN)
    index[alive] = np.arange(len(alive))
    current = np.where(arrays["orphan"], ORPHAN, index[arrays["current"]])
    n = len(current)
    apart = arrays["xy"][:, None, :] - arrays["home"][None, alive, :]
    return Problem(
        account_ids=tuple(f"A{i:05d}" for i in range(n)),
        rep_ids=tuple(f"R{j:03d}" for j in alive),
        potential=arrays["potential"],
        hours=arrays["hours"],
        visits=arrays["visits"],
        distance_km=np.sqrt((apart**2).sum(-1)),
        current=current,
        capacity=np.full(len(alive), arrays["hours"].sum() / len(alive)),
        movable=np.ones(n, bool),
        held_because=("",) * n,
        max_moves=max_moves,
        edges=arrays.get("edges"),
        contiguity=contiguity,
        weights=weights or MEASURED,
        min_move_worth=min_move_worth,
    )


def rep_indices(arrays: Mapping[str, NDArray[Any]], problem: Problem, assignment: Sequence[str]) -> list[int]:
    """The rep index, in the file, of each account of a plan given by rep ids."""
    alive = np.flatnonzero(arrays["alive"]).tolist()
    index = dict(zip(problem.rep_ids, alive, strict=True))
    return [index[rep] for rep in assignment]
