"""What a plan is worth under sampled potentials, accounts of nobody among them."""

from __future__ import annotations

import numpy as np
import pytest

from schemas.rows import IntervalRow
from solvers.budget import Budget
from solvers.instance import MEASURED
from solvers.limited import rebalance_within
from solvers.problem import ORPHAN, Problem
from solvers.solution import Solution
from streams.handlers.region.planning import SolveJob
from streams.handlers.region.solving import sample

N = 24
PLACES = np.linspace(0, 60, N)
REGION = Problem(
    account_ids=tuple(f"a{i:02d}" for i in range(N)), rep_ids=("r0", "r1", "r2"),
    potential=np.linspace(30_000.0, 90_000.0, N), hours=np.full(N, 10.0), visits=np.full(N, 6.0),
    distance_km=np.abs(PLACES[:, None] - np.array([0.0, 30.0, 60.0])),
    current=np.array([0] * 9 + [1] * 5 + [2] * 4 + [ORPHAN] * 6), capacity=np.full(3, 1600.0),
    movable=np.ones(N, bool), held_because=("",) * N, weights=MEASURED,
)  # fmt: skip


@pytest.fixture(scope="module")
def solution() -> Solution:
    return rebalance_within(REGION, Budget(evaluations=200_000, seconds=20))


def worth(solution: Solution, unsure: float) -> IntervalRow:
    """Potentials may be this share less or more."""
    low, high = REGION.potential * (1 - unsure), REGION.potential * (1 + unsure)
    job = SolveJob(REGION.to_bytes(), low.tolist(), high.tolist(), 0, 1.0, 1, "EUR")
    return sample(REGION, solution, job).intervals[0]


def test_sure_potentials_make_the_plan_worth_what_the_solver_says(solution: Solution) -> None:
    told = worth(solution, unsure=0.0)
    assert solution.saving_eur > 0
    assert (told.low, told.high) == pytest.approx((solution.saving_eur, solution.saving_eur), abs=0.01)


def test_unsure_potentials_leave_the_worth_of_the_solver_between_low_and_high(solution: Solution) -> None:
    told = worth(solution, unsure=0.3)
    assert told.low < solution.saving_eur < told.high
