"""Laws of the solver on small random problems, against exact enumeration of every plan."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from schemas.settings import Weights
from solvers.bound import Prices, certificate
from solvers.budget import Budget
from solvers.connected_bound import connected_bound
from solvers.dual import best_prices
from solvers.figures import by_ids
from solvers.first_moves import extended
from solvers.frontier import frontier
from solvers.futures import totals
from solvers.linear import sharpen
from solvers.objective import costs_of, repriced
from solvers.orphans import baseline
from solvers.problem import Floats, Ints, Problem, ProblemError, reorder
from solvers.rebalance import rebalance
from solvers.search import cheapest_insertion
from solvers.solution import Solution
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from solvers.verify_ledger import Ledger
from solvers.walk import Walk
from solvers.whole_bound import whole_bound

QUICK = Budget(evaluations=4_000, seconds=60)
few = settings(max_examples=40, deadline=None)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    n, k = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    numbers = st.floats(0, 1, allow_nan=False)

    def array(shape: tuple[int, ...]) -> Floats:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(shape)

    distance = np.round(200 * array((n, k)), 3)
    distance[array((n, k)) > 0.9] = np.nan
    detour = np.round(30 * array((n, k)), 3)
    detour[array((n, k)) > 0.9] = np.nan
    eligible = array((n, k)) < 0.8
    eligible[np.arange(n), draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))] = True
    movable = array((n,)) < 0.8
    current = np.array(draw(st.lists(st.integers(-1, k - 1), min_size=n, max_size=n)))
    walls = draw(st.sampled_from([[], [(0, n - 1)]])) if n > 1 else []
    return Problem(
        account_ids=tuple(f"A{i}" for i in draw(st.permutations(range(n)))),
        rep_ids=tuple(f"R{j}" for j in draw(st.permutations(range(k)))),
        potential=np.round(80_000 * array((n,)), 2),
        hours=np.round(60 * array((n,)), 2),
        visits=np.round(12 * array((n,))),
        distance_km=distance,
        current=current,
        capacity=200 + 1000 * array((k,)),
        seniority=draw(st.sampled_from([None, 0.2 + array((k,))])),
        movable=movable,
        held_because=tuple("" if free else "pinned" for free in movable),
        eligible=draw(st.sampled_from([None, eligible])),
        edges=np.array([(i, i + 1) for i in range(n - 1)] or np.zeros((0, 2))),
        contiguity=draw(st.sampled_from(["off", "off", "preferred", "hard"])),
        apart=np.array(walls, dtype=np.int64).reshape(-1, 2),
        max_moves=draw(st.sampled_from([None, 0, 1, 2])),
        weights=Weights(handover=draw(st.sampled_from([0.0, 150.0]))),
        min_move_worth=draw(st.sampled_from([0.0, 50.0, 500.0])),
        detour_km=draw(st.sampled_from([None, detour])),
    )


def optimum(problem: Problem) -> float:
    """The cheapest of all plans the judge lets pass, by the judge's arithmetic; inf when there is none."""
    plans = product(problem.rep_ids, repeat=problem.accounts)
    return min((Ledger(problem, plan).total() for plan in plans if not verify(problem, plan)), default=math.inf)


def solved(problem: Problem) -> Solution:
    """The solver's answer; examples without any plan, which it has to refuse, end here."""
    try:
        return rebalance(problem, QUICK)
    except ProblemError:
        best = optimum(problem)
    assert best == math.inf, "refused though there is a plan"
    return reject()


@few
@given(problems())
def test_bound_below_optimum_below_plan(problem):
    solution = solved(problem)
    best = optimum(problem)
    assert solution.bound_eur <= best + 0.01
    assert best <= solution.after.total_eur + 0.01


@few
@given(problems(), st.lists(st.floats(-2, 900), min_size=6, max_size=6))
def test_the_certificate_holds_for_any_prices(problem, prices):
    k = problem.reps
    proved = certificate(costs_of(problem), Prices(np.array(prices[:k]), np.array(prices[3 : 3 + k])))
    assert proved.value <= optimum(problem) + 0.01


@few
@given(problems(), st.lists(st.floats(-2, 900), min_size=6, max_size=6), st.floats(0, 900))
def test_the_bound_of_whole_accounts_holds_from_any_prices_and_is_never_below_the_other(problem, prices, move):
    costs, k = costs_of(problem), problem.reps
    best = optimum(problem)
    given_prices = Prices(np.array(prices[:k]), np.array(prices[3 : 3 + k]), move)
    for plain in (best_prices(costs), certificate(costs, given_prices)):
        assert plain.value <= whole_bound(costs, plain).value <= best + 0.01


def from_the_fullest_to_the_emptiest(problem: Problem, plan: Ints) -> Ints:
    """What a tool that looks at potential alone does: the largest account that fits goes from the richest rep to the poorest."""
    plan = plan.copy()
    for _ in range(problem.accounts):
        load = np.bincount(plan, problem.potential, problem.reps) / problem.capacity
        richest, poorest = int(load.argmax()), int(load.argmin())
        fitting = [
            i for i in np.flatnonzero(plan == richest)
            if problem.potential[i] / problem.capacity[poorest] < load[richest] - load[poorest]
        ]  # fmt: skip
        if not fitting:
            break
        plan[max(fitting, key=lambda i: problem.potential[i])] = poorest
    return plan


@few
@given(problems(), st.randoms(use_true_random=False))
def test_the_bound_lies_below_the_plans_of_other_methods(problem, chance):
    costs = costs_of(problem)
    bound = best_prices(costs)
    greedy = cheapest_insertion(costs, problem.current)
    for plan in (
        greedy,
        sharpen(costs, bound).plan,
        extended(costs, greedy),
        from_the_fullest_to_the_emptiest(problem, greedy),
        *(np.array([chance.choice(np.flatnonzero(row).tolist()) for row in costs.allowed]) for _ in range(5)),
    ):
        if not verify(problem, [problem.rep_ids[j] for j in plan]):
            assert bound.value <= costs.total(plan) + 0.01


@few
@given(problems(), st.integers(1, 3))
def test_a_frontier_never_rises_and_its_bounds_lie_below_every_plan_of_so_many_moves(problem, moves):
    points = frontier(problem, QUICK, range(1, moves + 1))
    if not points:
        assert optimum(replace(problem, max_moves=moves)) == math.inf
        return
    assert all(after.plan_eur <= before.plan_eur + 0.01 for before, after in pairwise(points))
    assert points[-1].bound_eur <= optimum(replace(problem, max_moves=moves)) + 0.01


@few
@given(problems())
def test_the_judge_finds_nothing(problem):
    assert verify_solution(problem, solved(problem)) == []


@few
@given(problems())
def test_never_worse_than_doing_nothing_but_placing_orphans(problem):
    index = cheapest_insertion(costs_of(problem), problem.current)
    nothing = [problem.rep_ids[j] for j in index]
    assume(not verify(problem, nothing))
    assert solved(problem).after.total_eur <= Ledger(problem, nothing).total() + 0.01


@few
@given(problems())
def test_same_question_same_answer(problem):
    assert solved(problem) == rebalance(Problem.from_bytes(problem.to_bytes()), QUICK)


@few
@given(problems())
def test_the_shares_of_a_move_sum_to_its_worth(problem):
    for move in solved(problem).moves:
        w = move.worth
        parts = w.travel_eur + w.change_eur + w.balance_eur + w.overtime_eur + w.contiguity_eur
        assert parts == pytest.approx(move.worth_eur, abs=0.01)


@few
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_accounts_and_reps_changes_nothing(problem, shuffle):
    accounts, reps = list(range(problem.accounts)), list(range(problem.reps))
    shuffle.shuffle(accounts)
    shuffle.shuffle(reps)
    one, other = solved(problem), rebalance(reorder(problem, np.array(accounts), np.array(reps)), QUICK)
    assert dict(zip(one.account_ids, one.assignment, strict=True)) == dict(
        zip(other.account_ids, other.assignment, strict=True)
    )
    assert one.moves == other.moves
    assert (one.after, one.bound_eur) == (other.after, other.bound_eur)


@few
@given(problems(), st.lists(st.floats(0, 3), min_size=10, max_size=10), st.randoms(use_true_random=False))
def test_a_plan_costs_under_other_potentials_what_the_problem_at_them_says(problem, factors, chance):
    drawn = problem.potential * np.array(factors).reshape(2, 5)[:, : problem.accounts]
    costs = costs_of(problem)
    plan = np.array([chance.choice(np.flatnonzero(row).tolist()) for row in costs.allowed])
    for potential, told in zip(drawn, totals(costs, plan, drawn), strict=True):
        asked = costs_of(replace(problem, potential=potential))
        assert told == asked.total(plan)
        again = repriced(costs, potential)
        assert (again.fixed == asked.fixed).all()
        assert again.total(plan) == asked.total(plan)


@few
@given(problems())
def test_borders_shift_without_a_new_piece_and_within_every_rule(problem):
    ruled = replace(problem, contiguity="hard")
    try:
        costs = costs_of(by_ids(ruled)[0])
        begin = baseline(costs)
    except ProblemError:
        reject()
    walk = Walk(costs, begin, costs.allowed, seed=1)
    for temperature in (5_000.0, 500.0):
        walk.go(temperature, 0.5 * temperature, 300, borders=True)
        plan = [costs.problem.rep_ids[j] for j in walk.plan]
        assert verify(costs.problem, plan) == []


@st.composite
def connected_today(draw: st.DrawFn) -> Problem:
    """Six or seven accounts on a ring or a row with a chord, every territory in one piece."""
    n, k = draw(st.integers(5, 7)), draw(st.integers(2, 3))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    edges = [(i, i + 1) for i in range(n - 1)] + draw(st.sampled_from([[], [(0, n - 1)], [(1, n - 2)]]))
    where = np.arange(n) * 20.0
    distance = np.abs(where[:, None] - rng.uniform(0, 20.0 * n, k)) * draw(st.sampled_from([0.1, 1.0, 5.0]))
    return Problem(
        account_ids=tuple(f"A{i}" for i in range(n)),
        rep_ids=tuple(f"R{j}" for j in range(k)),
        potential=np.round(rng.lognormal(10, 1.2, n), 2),
        hours=np.round(rng.uniform(0, 60, n), 2),
        visits=np.round(rng.uniform(1, 12, n)),
        distance_km=distance,
        current=np.sort(rng.integers(0, k, n)),
        capacity=np.full(k, 1_000.0),
        movable=np.ones(n, np.bool_),
        held_because=("",) * n,
        edges=np.array(edges),
        contiguity="hard",
        max_moves=draw(st.sampled_from([None, None, 2])),
        weights=Weights(handover=draw(st.sampled_from([0.0, 150.0, 1_500.0]))),
        min_move_worth=0.0,
    )


@few
@given(connected_today())
def test_the_bound_that_knows_the_graph_lies_below_every_plan_and_never_below_the_other(problem):
    costs = costs_of(problem)
    plain = best_prices(costs)
    proved = connected_bound(costs, plain)
    assert plain.value <= proved.value <= optimum(problem) + 0.01


@few
@given(connected_today(), st.permutations(range(7)), st.integers(0, 1))
def test_it_does_so_where_territories_are_in_pieces_today_and_where_more_are_allowed(problem, order, more):
    current = problem.current[[i for i in order if i < problem.accounts]]
    torn = replace(problem, current=current, more_pieces=more)
    costs = costs_of(torn)
    plain = best_prices(costs)
    proved = connected_bound(costs, plain)
    assert plain.value <= proved.value <= optimum(torn) + 0.01
