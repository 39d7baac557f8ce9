"""Figures beyond any account, rep or price there is: they would leave sums over a region that are no numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.settings import Weights
from solvers.verdict import some

if TYPE_CHECKING:
    from solvers.problem import Problem

MOST: Final[dict[str, tuple[float, str]]] = {
    "potential": (1e15, "EUR a year"),
    "hours": (1e6, "hours a year"),
    "visits": (1e6, "visits a year"),
    "distance_km": (1e6, "km"),
    "detour_km": (1e6, "km"),
    "capacity": (1e9, "hours a year"),
    "seniority": (1e6, "territories"),
}
MOST_WEIGHT: Final = 1e9


def absurd(p: Problem) -> list[str]:
    """Each array with such a figure, and the accounts or reps; infinite and missing ones are spoken of elsewhere."""
    findings = []
    for name, (most, unit) in MOST.items():
        values = getattr(p, name)
        if values is None:
            continue
        wrong = np.isfinite(values) & (values > most)
        rows = wrong.any(axis=1) if wrong.ndim == 2 else wrong
        ids = p.rep_ids if name in ("capacity", "seniority") else p.account_ids
        if rows.any():
            names = some([ids[i] for i in np.flatnonzero(rows)])
            findings.append(f"{name} is more than there can be, {most:,.0f} {unit}: {names}")
    return findings + _absurd_weights(p.weights)


def _absurd_weights(weights: Weights) -> list[str]:
    largest = {name: max(value) if isinstance(value, tuple) else value for name, value in weights}
    return [f"weights: {name} is {value:g}, must be a number up to {MOST_WEIGHT:,.0f}"
            for name, value in largest.items() if not value <= MOST_WEIGHT]  # fmt: skip
