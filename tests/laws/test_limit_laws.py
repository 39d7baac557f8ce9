"""Laws of families and change budgets on small random problems, against exact enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.budget import Budget
from solvers.frontier import FrontierPoint, frontier
from solvers.limited import rebalance_within
from solvers.problem import Problem, reorder
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from solvers.verify_ledger import Ledger

QUICK = Budget(evaluations=4_000, seconds=60)
few = settings(max_examples=40, deadline=None)


@st.composite
def problems(draw: st.DrawFn, every_limit: bool = False) -> Problem:
    def sometimes(limit: Any) -> Any:
        return limit if every_limit else draw(st.sampled_from([None, limit]))

    n, k = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    eligible = rng.random((n, k)) < 0.8
    eligible[np.arange(n), rng.integers(0, k, n)] = True
    movable = rng.random(n) < 0.85
    potential = np.round(80_000 * rng.random(n), 2)
    return Problem(
        account_ids=tuple(f"A{i}" for i in rng.permutation(n)),
        rep_ids=tuple(f"R{j}" for j in range(k)),
        potential=potential,
        hours=np.round(60 * rng.random(n), 2),
        visits=np.round(12 * rng.random(n)),
        distance_km=np.round(200 * rng.random((n, k)), 3),
        current=rng.integers(-1 if draw(st.booleans()) else 0, k, n),
        capacity=200 + 1000 * rng.random(k),
        movable=movable,
        held_because=tuple("" if free else "pinned" for free in movable),
        eligible=draw(st.sampled_from([None, eligible])),
        max_moves=draw(st.sampled_from([None, 1, 2, 3])),
        family=sometimes(rng.integers(-1, 2, n)),
        move_budget=sometimes(float(potential.sum() * rng.random())),
        rep_move_budget=sometimes(np.round(80_000 * rng.random(k), 2)),
        min_move_worth=draw(st.sampled_from([0.0, 50.0])),
    )


def optimum(problem: Problem) -> float:
    """The cheapest of all plans the judge lets pass, by the judge's arithmetic."""
    plans = product(problem.rep_ids, repeat=problem.accounts)
    return min(Ledger(problem, plan).total() for plan in plans if not verify(problem, plan))


def assignment_of(problem: Problem, point: FrontierPoint) -> list[str]:
    changes = dict(point.changes)
    today = [problem.rep_ids[j] if j >= 0 else "" for j in problem.current]
    return [changes.get(account, rep) for account, rep in zip(problem.account_ids, today, strict=True)]


@few
@given(problems())
def test_families_stay_together_and_budgets_hold(problem):
    solution = rebalance_within(problem, QUICK)
    assert verify_solution(problem, solution) == []


@few
@given(problems())
def test_bound_below_optimum_below_plan(problem):
    solution = rebalance_within(problem, QUICK)
    best = optimum(problem)
    assert solution.bound_eur <= best + 0.01
    assert best <= solution.after.total_eur + 0.01


@few
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_accounts_and_reps_changes_nothing(problem, random):
    accounts, reps = list(range(problem.accounts)), list(range(problem.reps))
    random.shuffle(accounts)
    random.shuffle(reps)
    other = rebalance_within(reorder(problem, np.array(accounts), np.array(reps)), QUICK)
    mine = rebalance_within(problem, QUICK)
    assert dict(zip(other.account_ids, other.assignment, strict=True)) == dict(
        zip(mine.account_ids, mine.assignment, strict=True)
    )
    assert other.after.total_eur == mine.after.total_eur


@few
@given(problems())
def test_a_problem_with_families_and_budgets_survives_its_bytes(problem):
    assert Problem.from_bytes(problem.to_bytes()).to_bytes() == problem.to_bytes()


@few
@given(st.booleans().flatmap(lambda every: problems(every_limit=every)))
def test_every_plan_of_a_frontier_keeps_families_and_budgets_and_costs_what_it_says(problem):
    points = frontier(problem, QUICK, range(4))
    assert [point.moves for point in points] == [0, 1, 2, 3]
    assert all(after.plan_eur <= before.plan_eur + 0.01 for before, after in pairwise(points))
    for point in points:
        limited, assignment = replace(problem, max_moves=point.moves), assignment_of(problem, point)
        assert verify(limited, assignment) == []
        assert Ledger(limited, assignment).total() == pytest.approx(point.plan_eur, abs=0.01)


@few
@given(st.booleans().flatmap(lambda every: problems(every_limit=every)))
def test_no_plan_of_so_many_moves_within_the_budgets_is_below_the_bound_of_a_frontier(problem):
    points = frontier(problem, QUICK, range(4))
    assert all(after.bound_eur <= before.bound_eur for before, after in pairwise(points))
    for point in points:
        assert point.bound_eur <= optimum(replace(problem, max_moves=point.moves)) + 0.01


@few
@given(problems(every_limit=True), st.randoms(use_true_random=False))
def test_the_order_of_accounts_and_reps_changes_no_point_of_a_frontier(problem, random):
    accounts, reps = list(range(problem.accounts)), list(range(problem.reps))
    random.shuffle(accounts)
    random.shuffle(reps)
    turned = reorder(problem, np.array(accounts), np.array(reps))
    assert frontier(turned, QUICK, range(3)) == frontier(problem, QUICK, range(3))
