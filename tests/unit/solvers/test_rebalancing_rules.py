from __future__ import annotations

import numpy as np
import pytest
from rebalancing_problems import a_problem

from solvers.budget import Budget
from solvers.frontier import frontier
from solvers.objective import costs_of
from solvers.problem import ProblemError
from solvers.rebalance import rebalance
from solvers.search import FEW, FEW_STEPS, STEPS_PER_ACCOUNT, _coolings
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from solvers.walk import Walk
from solvers.walk_kernel import walk as go
from solvers.warm import WarmStart

QUICK = Budget(evaluations=50_000, seconds=60)
ROW = np.array([(i, i + 1) for i in range(5)])


def test_hard_contiguity_never_takes_an_account_out_of_the_middle():
    potential = [10_000.0, 300_000, 10_000, 10_000, 10_000, 10_000]
    problem = a_problem(potential=potential, current=[0, 0, 0, 0, 1, 1], edges=ROW, contiguity="hard")
    solution = rebalance(problem, QUICK)
    assert verify_solution(problem, solution) == []
    torn = [v.rule for v in verify(problem, ["R0", "R1", "R0", "R0", "R1", "R1"])]
    assert torn == ["contiguity"]


def test_accounts_on_two_sides_of_a_barrier_never_come_to_share_a_rep():
    problem = a_problem(apart=[(3, 5)])
    solution = rebalance(problem, QUICK)
    assert solution.assignment[3] != solution.assignment[5]
    assert [v.rule for v in verify(problem, ["R0", "R0", "R0", "R1", "R1", "R1"])] == ["apart"]


def test_numbers_of_accounts_are_kept_and_impossible_ones_refused():
    few_and_large = {"potential": [50_000.0] + [200_000.0] * 2 + [10_000.0] * 5, "current": [0] * 3 + [1] * 5}
    problem = a_problem(**few_and_large, least_accounts=3)
    solution = rebalance(problem, QUICK)
    assert solution.assignment.count("R0") >= 3
    assert verify_solution(problem, solution) == []
    with pytest.raises(ProblemError, match="most_accounts: 2 reps with 2 each hold fewer than 6 accounts"):
        a_problem(most_accounts=2)


def test_the_walk_counts_pieces_as_a_search_through_the_territories_does():
    side, rng = 8, np.random.default_rng(3)
    place = np.arange(side * side).reshape(side, side)
    edges = np.concatenate(
        [np.stack([a.ravel(), b.ravel()], 1) for a, b in ((place[1:], place[:-1]), (place[:, 1:], place[:, :-1]))]
    )
    problem = a_problem(
        potential=rng.uniform(5_000, 80_000, side * side),
        current=np.repeat([0, 1, 2, 3], side * side // 4),
        distance_km=rng.uniform(1, 60, (side * side, 4)),
        edges=edges,
        contiguity="preferred",
        most_accounts=20,
    )
    costs = costs_of(problem)
    walk = Walk(costs, problem.current, np.ones((side * side, 4), bool), seed=5)
    most = 0.0
    for temperature in (20_000.0, 3_000.0, 300.0):
        for _ in range(40):
            before = costs.total(walk.plan)
            told = go(walk.ground, walk.place, temperature, temperature / 1.001, 50)
            assert told == pytest.approx(costs.total(walk.plan) - before, abs=0.01)
            assert np.bincount(walk.plan, minlength=4).max() <= 20
            most = max(most, costs.terms(walk.plan).pieces)
    assert most > 3


def test_contiguity_without_a_graph_is_refused():
    with pytest.raises(ProblemError, match="no neighbour graph"):
        a_problem(contiguity="hard")


def test_a_warm_solve_proves_the_same_bound():
    cold = rebalance(a_problem(), QUICK)
    warm = rebalance(a_problem(), QUICK, warm=WarmStart.of(cold))
    assert warm.bound_eur == pytest.approx(cold.bound_eur, rel=1e-6)
    assert warm.after.total_eur <= cold.after.total_eur + 0.01


def test_the_frontier_falls_to_the_unlimited_plan():
    problem = a_problem(potential=[100_000.0] * 8, current=[0] * 8)
    points = frontier(problem, QUICK, (1, 2, 4))
    assert [point.moves for point in points] == [1, 2, 4]
    assert points[0].plan_eur > points[1].plan_eur > points[2].plan_eur
    assert all(point.bound_eur <= point.plan_eur + 0.01 for point in points)


def test_a_plan_that_is_known_stands_wherever_the_frontier_finds_no_better_one():
    problem = a_problem(potential=[100_000.0] * 8, current=[0] * 8)
    best = rebalance(problem, QUICK)
    known = dict(zip(best.account_ids, best.assignment, strict=True))
    unsearched = Budget(evaluations=1)
    few, enough = frontier(problem, unsearched, (2, 8), known)
    assert enough.plan_eur == pytest.approx(best.after.total_eur)
    assert few.plan_eur > enough.plan_eur, "it has more moves than two"
    assert few.plan_eur == pytest.approx(frontier(problem, unsearched, (2,))[0].plan_eur)


def test_walks_for_few_moves_are_shortened_alike_where_they_would_be_too_long_together():
    accounts = 8_000
    large = a_problem(
        potential=np.ones(accounts), current=np.zeros(accounts, int), distance_km=np.ones((accounts, 2)), max_moves=5,
        edges=[(0, 1)], contiguity="preferred",
    )  # fmt: skip
    walks = _coolings(costs_of(large))
    assert sum(walk.effort for walk in walks) * STEPS_PER_ACCOUNT * accounts == pytest.approx(FEW_STEPS)
    assert len({walk.effort / usual.effort for walk, usual in zip(walks, FEW, strict=True)}) == 1
    few = a_problem(max_moves=5, edges=ROW, contiguity="preferred")
    assert _coolings(costs_of(few)) == FEW
