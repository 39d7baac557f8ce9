"""Laws of families and change budgets on small random problems, against exact enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.budget import Budget
from solvers.limited import rebalance_within
from solvers.problem import Problem, reorder
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from solvers.verify_ledger import Ledger

QUICK = Budget(evaluations=4_000, seconds=60)
few = settings(max_examples=40, deadline=None)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
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
        family=draw(st.sampled_from([None, rng.integers(-1, 2, n)])),
        move_budget=draw(st.sampled_from([None, float(potential.sum() * rng.random())])),
        rep_move_budget=draw(st.sampled_from([None, np.round(80_000 * rng.random(k), 2)])),
        min_move_worth=draw(st.sampled_from([0.0, 50.0])),
    )


@few
@given(problems())
def test_families_stay_together_and_budgets_hold(problem):
    solution = rebalance_within(problem, QUICK)
    assert verify_solution(problem, solution) == []


@few
@given(problems())
def test_bound_below_optimum_below_plan(problem):
    solution = rebalance_within(problem, QUICK)
    plans = product(problem.rep_ids, repeat=problem.accounts)
    best = min(Ledger(problem, plan).total() for plan in plans if not verify(problem, plan))
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
