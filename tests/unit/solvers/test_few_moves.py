from __future__ import annotations

import numpy as np
from rebalancing_problems import a_problem

from solvers.budget import Budget
from solvers.few_moves import explained, few_moves
from solvers.problem import reorder
from solvers.verify import verify
from solvers.verify_claims import verify_solution

QUICK = Budget(evaluations=2_000_000, seconds=60)
ROW = np.array([(i, i + 1) for i in range(7)])


def uneven(**changes):
    """Eight accounts in a row; the first rep is 25 % above its fair share of 400 kEUR."""
    potential = [50_000.0, 100_000, 100_000, 150_000, 100_000, 100_000, 100_000, 100_000]
    return a_problem(potential=potential, current=[0, 0, 0, 0, 0, 1, 1, 1], **changes)


def test_one_move_is_found_where_one_is_enough():
    plan = few_moves(uneven(), 0.03, QUICK)
    assert (plan.moves, plan.least_moves, plan.reached) == (1, 1, True)
    assert plan.max_deviation <= 0.03
    assert verify(uneven(), plan.assignment) == []


def test_few_moves_are_told_with_their_worth_and_a_bound():
    problem = uneven()
    plan = few_moves(problem, 0.03, QUICK)
    solution = explained(problem, plan, QUICK)
    assert solution.assignment == plan.assignment
    assert [move.account_id for move in solution.moves] == ["A4"]
    assert solution.bound_eur <= solution.after.total_eur
    assert verify_solution(problem, solution) == []


def test_on_a_graph_only_the_account_at_the_border_moves():
    problem = uneven(edges=ROW, contiguity="hard")
    plan = few_moves(problem, 0.03, QUICK)
    assert plan.assignment == ("R0",) * 4 + ("R1",) * 4
    assert plan.reached


def test_a_territory_is_never_torn_for_the_sake_of_fewer_moves():
    free = np.array([True] * 4 + [False] + [True] * 3)
    problem = uneven(
        edges=ROW, contiguity="hard", movable=free, held_because=tuple("" if f else "pinned" for f in free)
    )
    plan = few_moves(problem, 0.03, QUICK)
    assert not plan.reached
    assert verify(problem, plan.assignment) == []


def test_hours_beyond_capacity_are_no_way_to_balance():
    problem = uneven(hours=np.array([20.0, 20, 20, 20, 20, 60, 60, 60]))
    plan = few_moves(problem, 0.03, QUICK, capacity=1.0)
    given = [i for i, rep in enumerate(plan.assignment) if rep == "R1"]
    assert not plan.reached or problem.hours[given].sum() <= 180


def test_orphans_are_placed_and_count_as_no_move():
    problem = a_problem(potential=[100_000.0] * 8, current=[0, 0, 0, 0, 1, 1, -1, -1])
    plan = few_moves(problem, 0.03, QUICK)
    assert (plan.moves, plan.reached) == (0, True)
    assert plan.assignment[6:] == ("R1", "R1")


def test_barriers_and_numbers_of_accounts_are_kept():
    problem = uneven(apart=[(i, 7) for i in range(5)], least_accounts=3)
    plan = few_moves(problem, 0.03, QUICK)
    assert verify(problem, plan.assignment) == []


def test_a_tolerance_out_of_reach_says_so_and_keeps_today():
    plan = few_moves(a_problem(potential=[1e6, 1.0]), 0.03, QUICK)
    assert not plan.reached
    assert plan.assignment == ("R0", "R0")


def test_the_order_of_accounts_and_reps_changes_nothing():
    problem = uneven(edges=ROW, contiguity="hard")
    accounts, reps = np.array([3, 1, 7, 0, 5, 2, 6, 4]), np.array([1, 0])
    one, other = few_moves(problem, 0.03, QUICK), few_moves(reorder(problem, accounts, reps), 0.03, QUICK)
    assert [one.assignment[i] for i in accounts] == list(other.assignment)
