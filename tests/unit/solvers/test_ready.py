"""What `python -m solvers.ready` compiles is what every solve calls."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
from rebalancing_problems import a_problem

from schemas.settings import Weights
from solvers.objective import costs_of
from solvers.problem import Problem
from solvers.ready import small
from solvers.walk import Walk

ASKED: dict[str, dict[str, Any]] = {
    "settings as they are written": {},
    "whole numbers": {"weights": Weights(overtime=45, overtime_hard=400, territory_piece=1_000, balance_slopes=(0, 1, 2))},
    "broken numbers": {"weights": Weights(overtime=45.5, overtime_hard=400.5, territory_piece=1_000.5)},
    "no limit on moves": {"max_moves": None},
    "in one piece if it can be": {"contiguity": "preferred", "edges": [(0, 1), (1, 2)]},
    "in one piece": {"contiguity": "hard", "edges": [(0, 1), (1, 2)]},
    "barriers": {"apart": [(0, 5)]},
    "numbers of accounts": {"least_accounts": 1, "most_accounts": 5},
    "skills": {"eligible": np.array([[True, False]] * 3 + [[True, True]] * 3)},
    "ways between accounts": {"detour_km": np.ones((6, 2))},
    "orphans": {"current": [0, 0, 0, 1, 1, -1]},
    "unknown places": {"distance_km": np.array([[1.0, 2.0]] * 5 + [[np.nan, np.nan]])},
}  # fmt: skip


def types_of(problem: Problem, hurdle: float) -> tuple[Any, Any]:
    """Of what the compiled loops are called with."""
    plan = np.where(problem.orphan, 0, problem.current)
    walk = Walk(costs_of(problem), plan, np.ones((problem.accounts, problem.reps), np.bool_), seed=1, hurdle=hurdle)
    return numba.typeof(walk.ground), numba.typeof(walk.place)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("sent", [True, False], ids=["from another process", "from this one"])
def test_no_question_has_the_loops_compiled_anew(asked: str, sent: bool) -> None:
    ready = types_of(Problem.from_bytes(small().to_bytes()), 50.0)
    problem = a_problem(**ASKED[asked])
    problem = Problem.from_bytes(problem.to_bytes()) if sent else problem
    assert types_of(problem, 0.0) == ready
    assert types_of(problem, 50) == ready
