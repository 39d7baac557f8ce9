"""The reference scenarios: other weights in the search, the same prices and rules in the comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.budget import Budget, Meter
from solvers.figures import by_ids, figures
from solvers.limited import rebalance_within
from solvers.objective import costs_of
from solvers.places import Places
from solvers.problem import Problem, reorder
from solvers.rebalance import rebalance
from solvers.scenarios import max_fairness, min_distance, plan_with, scenarios
from solvers.verify import verify
from solvers.verify_ledger import Ledger
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=80_000)


def a_country(seed: int = 1, accounts: int = 60, reps: int = 4, max_moves: int | None = 12) -> tuple[Problem, Places]:
    """Accounts on a plane, served by the nearest rep but for one in five, who has the second nearest; potential is uneven."""
    rng = np.random.default_rng(seed)
    where = Places(rng.uniform(0, 200, (accounts, 2)), rng.uniform(20, 180, (reps, 2)), geographic=False)
    km = where.distance_km()
    nearest = np.argsort(km, axis=1)
    current = np.where(rng.random(accounts) < 0.2, nearest[:, 1], nearest[:, 0])
    problem = a_problem(
        potential=np.round(rng.lognormal(9.5, 1, accounts), 2), distance_km=km, current=current,
        visits=np.full(accounts, 6.0), hours=np.zeros(accounts), max_moves=max_moves,
    )  # fmt: skip
    return problem, where


def test_each_scenario_is_best_at_what_it_is_about() -> None:
    problem, where = a_country()
    rows = {row.scenario: row for row in scenarios(problem, rebalance(problem, QUICK), QUICK, where)}
    assert rows["max_fairness"].spread < rows["balanced"].spread < rows["nothing"].spread
    assert rows["min_distance"].travel_km < rows["nothing"].travel_km < rows["max_fairness"].travel_km
    assert rows["balanced"].total_eur == min(row.total_eur for row in rows.values())
    assert rows["nothing"].move_count == 0 < rows["max_fairness"].move_count <= 12


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_a_plan_costs_what_the_judge_says_and_keeps_the_rules(seed: int) -> None:
    problem, where = by_ids(*a_country(seed, accounts=12, reps=3, max_moves=4))
    costs = costs_of(problem)
    for weights in (max_fairness(problem.weights), min_distance(problem.weights)):
        plan = plan_with(problem, weights, Meter(Budget(evaluations=4_000)))
        names = [problem.rep_ids[j] for j in plan]
        told = figures(costs, plan, where)
        assert verify(problem, names) == []
        terms = Ledger(problem, names).terms()
        for name in ("travel_eur", "change_eur", "balance_eur", "overtime_eur", "travel_km", "overtime_hours"):
            assert getattr(told, name) == pytest.approx(terms[name])
        assert told.total_eur == pytest.approx(Ledger(problem, names).total())


def test_no_scenario_moves_more_potential_than_the_change_budget_allows() -> None:
    problem, where = a_country()
    problem = replace(problem, move_budget=60_000.0)
    rows = scenarios(problem, rebalance_within(problem, QUICK), QUICK, where)
    extremes = [row for row in rows if row.scenario in ("max_fairness", "min_distance")]
    assert all(row.potential_moved_eur <= 60_000 for row in extremes)
    assert any(row.move_count for row in extremes)


def test_scenarios_do_not_depend_on_the_order_in_which_accounts_and_reps_are_told() -> None:
    problem, where = a_country()
    accounts, reps = np.random.default_rng(3).permutation(60), np.array([2, 0, 3, 1])
    other = reorder(problem, accounts, reps)
    moved = where.reordered(accounts, reps)
    assert scenarios(problem, rebalance(problem, QUICK), QUICK, where) == scenarios(
        other, rebalance(other, QUICK), QUICK, moved
    )


def test_accounts_that_nobody_serves_belong_to_no_territory_of_today() -> None:
    problem = a_problem(current=[0, 0, 0, -1, 1, 1])
    told = figures(costs_of(problem), problem.current)
    assert (told.move_count, told.max_deviation) == (0, pytest.approx(1 / 3))
    assert told.travel_hours_per_client == 0.0
