"""Against the reference table of measured instances."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.instance import instance
from solvers.rebalance import rebalance
from solvers.verify_claims import verify_solution

FOLDER = Path(os.environ.get("TERRADRIFT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "territories"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"REAL DATA ABSENT: no {FOLDER}; set TERRADRIFT_DATA"),
]


@pytest.mark.parametrize(
    ("name", "lower_bound", "best_known", "plan"),
    [("g1000_10_zone_1", 195_200, 198_300, 201_800), ("g1000_10_rep_1", 191_300, 191_700, 192_800)],
)
def test_a_thousand_accounts_reach_the_measured_bound_and_plan(name, lower_bound, best_known, plan):
    with np.load(FOLDER / f"{name}.npz") as arrays:
        problem = instance(arrays)
    solution = rebalance(problem, Budget(evaluations=10_000_000, seconds=120))
    assert 0.999 * lower_bound <= solution.bound_eur <= best_known
    assert solution.after.total_eur < plan
    assert verify_solution(problem, solution) == []


def test_ten_moves_repair_most_of_a_lost_zone():
    with np.load(FOLDER / "g1000_10_zone_1.npz") as arrays:
        problem = instance(arrays, max_moves=10, min_move_worth=50)
    solution = rebalance(problem, Budget(evaluations=10_000_000, seconds=120))
    assert len(solution.moves) <= 10
    assert solution.gap < 0.045
    assert solution.spread_after.max_deviation_percent < 5
    assert verify_solution(problem, solution) == []
