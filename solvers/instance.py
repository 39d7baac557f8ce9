"""The measured instances of the research notes as problems, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.settings import Contiguity, Weights
from solvers.problem import ORPHAN, Problem, ProblemError

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
    alive (r,) and orphan (n,); may have seniority (r,), the share of a full territory each rep is ready for. Dead reps
    disappear; all live reps have the same hours, as in the measurements.
    """
    _check(arrays)
    alive = np.flatnonzero(arrays["alive"])
    index = np.full(len(arrays["alive"]), ORPHAN)
    index[alive] = np.arange(len(alive))
    known = np.clip(arrays["current"], 0, len(index) - 1)  # an orphan may name nobody
    current = np.where(arrays["orphan"], ORPHAN, index[known])
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
        capacity=np.full(len(alive), arrays["hours"].sum() / max(len(alive), 1)),
        seniority=np.asarray(arrays["seniority"])[alive] if "seniority" in arrays else None,
        movable=np.ones(n, bool),
        held_because=("",) * n,
        max_moves=max_moves,
        edges=arrays.get("edges"),
        contiguity=contiguity,
        weights=weights or MEASURED,
        min_move_worth=min_move_worth,
    )


def _check(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raises ProblemError naming every array that does not fit the others, KeyError for a missing one."""
    n, r = len(np.atleast_1d(arrays["potential"])), len(np.atleast_1d(arrays["alive"]))
    wanted: dict[str, tuple[int, ...]] = {"xy": (n, 2), "home": (r, 2)}
    wanted |= dict.fromkeys(("potential", "hours", "visits", "current", "orphan"), (n,)) | {"alive": (r,)}
    wanted |= {"seniority": (r,)} if "seniority" in arrays else {}
    findings = [
        f"{name}: shape {arrays[name].shape}, expected {shape}"
        for name, shape in wanted.items()
        if arrays[name].shape != shape
    ]
    findings += [f"{name}: no numbers" for name in wanted if arrays[name].dtype.kind not in "biuf"]
    if not findings and arrays["current"].dtype.kind not in "iu":
        findings.append(f"current: rep indices must be whole numbers, not {arrays['current'].dtype}")
    if not findings:
        lost = np.flatnonzero(((arrays["current"] < 0) | (arrays["current"] >= r)) & ~arrays["orphan"].astype(bool))
        if len(lost):
            names = ", ".join(f"A{i:05d}" for i in lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
            findings.append(f"current: no rep of that index among the {r}: {names}")
    if findings:
        raise ProblemError(findings)


def rep_indices(arrays: Mapping[str, NDArray[Any]], problem: Problem, assignment: Sequence[str]) -> list[int]:
    """The rep index, in the file, of each account of a plan given by rep ids."""
    alive = np.flatnonzero(arrays["alive"]).tolist()
    index = dict(zip(problem.rep_ids, alive, strict=True))
    return [index[rep] for rep in assignment]
