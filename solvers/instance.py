"""The measured instances of the research notes as problems, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.settings import Contiguity, Weights
from schemas.verdict_sentences import say
from solvers.problem import ORPHAN, Problem, ProblemError
from solvers.verdict import Verdict, some

MEASURED = Weights(travel_per_km=0.66 * 4 / 2.6)
"""Weights of the research notes: 0.66 EUR per visit and km of distance."""
NEEDED = ("xy", "potential", "hours", "visits", "home", "current", "alive", "orphan")
OPTIONAL = ("seniority", "edges")
OF_THE_PAST = "potential_before"
"""Measured files remember it; no decision depends on it."""


def instance(
    arrays: Mapping[str, NDArray[Any]],
    max_moves: int | None = None,
    min_move_worth: float = 0.0,
    weights: Weights | None = None,
    contiguity: Contiguity = "off",
) -> Problem:
    """A problem from the arrays of a territory file.

    Needs xy (n, 2) km, potential (n,) EUR, hours and visits (n,) a year, home (r, 2) km, current (n,) rep index,
    alive (r,) and orphan (n,); may have seniority (r,), the share of a full territory each rep is ready for, and edges
    (m, 2), pairs of neighbouring accounts by index. Dead reps disappear; all live reps have the same hours, as in the
    measurements. Arrays of other names are noticed.
    """
    _check(arrays)
    alive = np.flatnonzero(arrays["alive"])
    index = np.full(len(arrays["alive"]), ORPHAN)
    index[alive] = np.arange(len(alive))
    known = np.clip(arrays["current"], 0, len(index) - 1)  # an orphan may name nobody
    current = np.where(arrays["orphan"], ORPHAN, index[known])
    n = len(current)
    apart = arrays["xy"][:, None, :] - arrays["home"][None, alive, :]
    with np.errstate(over="ignore"):  # an infinite distance is refused by the name of its account
        km = np.sqrt((apart**2).sum(-1))
    return Problem(
        account_ids=tuple(f"A{i:05d}" for i in range(n)),
        rep_ids=tuple(f"R{j:03d}" for j in alive),
        potential=arrays["potential"],
        hours=arrays["hours"],
        visits=arrays["visits"],
        distance_km=km,
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
        noticed=_unknown(arrays),
    )


def _unknown(arrays: Mapping[str, NDArray[Any]]) -> tuple[Verdict, ...]:
    """What is not read, because no array of that name is known."""
    known = (*NEEDED, *OPTIONAL)
    others = sorted(set(arrays) - {*known, OF_THE_PAST})
    if not others:
        return ()
    told = say("unknown_arrays", arrays=some(others))
    return (Verdict("arrays", told, say("way.known_arrays", arrays=some(sorted(known), len(known)))),)


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
        findings += [_no_flag(name, arrays[name]) for name in ("alive", "orphan") if _no_flag(name, arrays[name])]
        findings += _no_pairs(arrays["edges"], n) if "edges" in arrays else []
    if findings:
        raise ProblemError(findings)


def _no_flag(name: str, values: NDArray[Any]) -> str:
    wrong = np.flatnonzero((values != 0) & (values != 1))
    return f"{name}: must be 0 or 1, which these places are not: {some([str(i) for i in wrong])}" if len(wrong) else ""


def _no_pairs(edges: NDArray[Any], accounts: int) -> list[str]:
    """Why the edges are no pairs of accounts, and where."""
    if edges.dtype.kind not in "iuf" or edges.ndim != 2 or edges.shape[1] != 2:
        return [f"edges: {edges.dtype} of shape {edges.shape}, expected whole numbers of shape (m, 2)"]
    wrong = np.flatnonzero(~((edges >= 0) & (edges < accounts) & (edges == np.floor(edges))).all(axis=1))
    named = [f"pair {i} ({edges[i, 0]:g}, {edges[i, 1]:g})" for i in wrong[:5]]
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return (
        [f"edges: accounts are whole numbers from 0 to {accounts - 1}, not so in {', '.join(named)}{more}"]
        if named
        else []
    )


def rep_indices(arrays: Mapping[str, NDArray[Any]], problem: Problem, assignment: Sequence[str]) -> list[int]:
    """The rep index, in the file, of each account of a plan given by rep ids."""
    alive = np.flatnonzero(arrays["alive"]).tolist()
    index = dict(zip(problem.rep_ids, alive, strict=True))
    return [index[rep] for rep in assignment]
