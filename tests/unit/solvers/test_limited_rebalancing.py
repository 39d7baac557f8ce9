"""Families and change budgets: what they do to a plan, and how the judge sees them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.budget import Budget
from solvers.frontier import frontier
from solvers.limited import rebalance_within
from solvers.rebalance import rebalance
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem
from tests.unit.solvers.test_reference_scenarios import a_country

QUICK = Budget(evaluations=100_000)
FAMILY = np.array([-1, -1, 0, 0, -1, -1])


def rules(problem, *reps):
    return [violation.rule for violation in verify(problem, reps)]


def test_the_judge_refutes_a_divided_family():
    problem = a_problem(family=FAMILY)
    assert rules(problem, "R0", "R0", "R0", "R1", "R1", "R1") == ["family"]
    assert rules(problem, "R0", "R0", "R1", "R1", "R1", "R1") == []


def test_a_family_that_is_divided_today_is_only_kept_from_further_division():
    problem = a_problem(family=np.array([0, 0, -1, -1, -1, 0]))
    assert rules(problem, "R0", "R0", "R0", "R0", "R1", "R1") == []
    assert rules(problem, "R1", "R1", "R0", "R0", "R1", "R1") == []
    assert rules(problem, "R1", "R0", "R0", "R0", "R1", "R1") == ["family"]


def test_an_account_without_a_rep_joins_its_family_unless_no_rep_of_it_may_serve_it():
    problem = a_problem(family=FAMILY, current=[0, 0, 0, -1, 1, 1])
    assert rules(problem, "R0", "R0", "R0", "R1", "R1", "R1") == ["family"]
    skilled = np.ones((6, 2), bool)
    skilled[3, 0] = False
    assert (
        rules(
            a_problem(family=FAMILY, current=[0, 0, 0, -1, 1, 1], eligible=skilled), "R0", "R0", "R0", "R1", "R1", "R1"
        )
        == []
    )


def test_the_judge_refutes_more_potential_moved_than_the_budgets_allow():
    assert rules(a_problem(move_budget=150_000.0), "R0", "R0", "R1", "R1", "R1", "R1") == ["move_budget"]
    assert rules(a_problem(rep_move_budget=[1e9, 99_999.0]), "R0", "R0", "R0", "R1", "R1", "R1") == ["rep_move_budget"]
    assert rules(a_problem(move_budget=1e5, rep_move_budget=[1e5, 1e5]), "R0", "R0", "R0", "R1", "R1", "R1") == []


def test_a_family_moves_as_one_and_its_moves_say_so():
    problem, _ = a_country(accounts=40, max_moves=None)
    alone = rebalance(problem, QUICK)
    family = np.full(40, -1)
    moved = next(move for move in alone.moves)
    mates = [i for i in range(40) if problem.rep_ids[problem.current[i]] == moved.from_rep][:3]
    family[[problem.account_ids.index(moved.account_id), *mates]] = 7
    told = a_country(accounts=40, max_moves=None)[0]
    kept = type(told)(**{name: getattr(told, name) for name in told.__slots__} | {"family": family})
    solution = rebalance_within(kept, QUICK)
    assert verify_solution(kept, solution) == []
    reps = {solution.assignment[i] for i in np.flatnonzero(family == 7)}
    assert len(reps) == 1
    assert all(
        move.binding == "family"
        for move in solution.moves
        if move.account_id in {kept.account_ids[i] for i in np.flatnonzero(family == 7)}
    )


def test_within_a_tight_budget_the_plan_is_nearly_as_good_as_any_within_it():
    problem, _ = a_country(max_moves=None)
    values = {name: getattr(problem, name) for name in problem.__slots__}
    free = rebalance(problem, QUICK)
    half = sum(move.potential_eur for move in free.moves) / 2
    told = type(problem)(**values | {"move_budget": half})
    tight = rebalance_within(told, QUICK)
    assert verify_solution(told, tight) == []
    assert sum(move.potential_eur for move in tight.moves) <= half
    assert free.bound_eur < tight.bound_eur <= tight.after.total_eur
    assert tight.gap < 0.02


def test_the_frontier_within_a_budget_keeps_it_and_its_bound_knows_it():
    problem, _ = a_country(max_moves=None)
    free = frontier(problem, QUICK, (5, 20))
    moved = {account for account, _ in free[-1].changes}
    potential = dict(zip(problem.account_ids, problem.potential.tolist(), strict=True))
    third = sum(potential[account] for account in moved) / 3
    within = frontier(replace(problem, move_budget=third), QUICK, (5, 20))
    assert all(sum(potential[account] for account, _ in point.changes) <= third for point in within)
    assert within[-1].bound_eur > free[-1].bound_eur
    assert within[-1].gap < 0.03
