"""How often a plan pays when potentials turn out otherwise: each account for itself, and all of a region together."""

from __future__ import annotations

from math import erf, log, sqrt

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.objective import costs_of
from solvers.problem import Problem
from solvers.rebalance import rebalance
from solvers.solution import Solution
from streams.handlers.region.planning import SolveJob
from streams.handlers.region.solving import SCENARIOS, sample
from tests.unit.solvers.rebalancing_problems import a_problem

EQUAL = 2_000.0


def six_alike(eur: float) -> Problem:
    """Only balance speaks for a move, and its fixed price against it."""
    alike = np.full((6, 2), 10.0)
    return a_problem(potential=[eur] * 6, hours=np.zeros(6), distance_km=alike, min_move_worth=0.0)


@pytest.fixture(scope="module")
def plan() -> tuple[Problem, Solution, float]:
    """A plan of one move, and the factor of the market at which it begins to pay: the handover does not shrink with it."""
    problem = six_alike(EQUAL)
    solution = rebalance(problem, Budget(evaluations=50_000, seconds=60))
    assert len(solution.moves) == 1
    assigned = np.array([problem.rep_ids.index(rep) for rep in solution.assignment])

    def saving(factor: float) -> float:
        costs = costs_of(six_alike(factor * EQUAL))
        return costs.total(problem.current) - costs.total(assigned)

    low, high = 0.01, 1.0
    assert saving(low) < 0 < saving(high)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if saving(middle) < 0 else (low, middle)
    return problem, solution, high


def sampled(plan: tuple[Problem, Solution, float], width: float, swing: float, seed: int = 7) -> float:
    """`width` is high / low of every interval."""
    problem, solution, _ = plan
    low, high = problem.potential / sqrt(width), problem.potential * sqrt(width)
    job = SolveJob(b"", low.tolist(), high.tolist(), 1, 1.0, seed, "EUR", market_swing=swing)
    return sample(problem, solution, job).probability_positive


def test_what_nobody_doubts_is_sure_until_the_market_swings(plan: tuple[Problem, Solution, float]) -> None:
    assert sampled(plan, width=1.0, swing=0.0) == 1.0
    narrow, wide = sampled(plan, width=1.0, swing=0.3), sampled(plan, width=1.0, swing=0.9)
    assert 0.5 < wide < narrow <= 1.0


@pytest.mark.parametrize("swing", [0.3, 0.6, 0.9])
def test_the_probability_is_that_of_a_market_above_the_point_where_the_plan_begins_to_pay(
    plan: tuple[Problem, Solution, float], swing: float
) -> None:
    at = (log(plan[2]) + swing**2 / 2) / swing
    above = 0.5 * (1 - erf(at / sqrt(2)))
    assert sampled(plan, width=1.0, swing=swing) == pytest.approx(above, abs=3.5 * sqrt(0.25 / SCENARIOS))


def test_the_same_seed_draws_the_same_futures(plan: tuple[Problem, Solution, float]) -> None:
    drawn = [sampled(plan, width=2.0, swing=0.6, seed=seed) for seed in (7, 7, 1, 2, 3)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 1
