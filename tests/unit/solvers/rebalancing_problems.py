"""Small problems with valid defaults: say only what the test is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from solvers.problem import Problem


def a_problem(**changes: Any) -> Problem:
    """Six accounts of 100 kEUR in a row, two reps at its ends; the first rep has four, the second two."""
    given = dict(changes)
    potential = np.asarray(given.pop("potential", [100_000.0] * 6), float)
    n = len(potential)
    distance = given.pop("distance_km", np.array([[10.0 * i, 10.0 * (n - 1 - i)] for i in range(n)]))
    k = np.shape(distance)[1]
    values: dict[str, Any] = {
        "account_ids": tuple(f"A{i}" for i in range(n)),
        "rep_ids": tuple(f"R{j}" for j in range(k)),
        "potential": potential,
        "hours": np.full(n, 20.0),
        "visits": np.full(n, 4.0),
        "distance_km": distance,
        "current": np.array([0, 0, 0, 0, 1, 1])[:n],
        "capacity": np.full(k, 1500.0),
        "movable": np.ones(n, bool),
        "held_because": ("",) * n,
    }
    return Problem(**{**values, **given})
