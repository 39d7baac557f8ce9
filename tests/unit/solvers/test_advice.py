"""What would change the advice, and which rule kept a better choice away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.budget import Budget
from solvers.forbidding import rule_against
from solvers.instance import MEASURED
from solvers.limited import rebalance_within
from solvers.objective import costs_of
from solvers.problem import Problem
from solvers.rebalance import rebalance
from solvers.turning import FARTHEST, TurningPoints
from solvers.verify import verify

QUICK = Budget(evaluations=200_000, seconds=20)


def a_region(
    potentials: list[float], current: list[int], homes: tuple[float, ...] = (0.0, 30.0, 60.0), **more: object
) -> Problem:
    n, k = len(potentials), 3
    places = np.linspace(0, 60, n)
    return Problem(
        account_ids=tuple(f"a{i:02d}" for i in range(n)), rep_ids=("r0", "r1", "r2"), potential=np.array(potentials),
        hours=np.full(n, 10.0), visits=np.full(n, 6.0), distance_km=np.abs(places[:, None] - np.array(homes)),
        current=np.array(current), capacity=np.full(k, 1600.0), movable=np.ones(n, bool), held_because=("",) * n,
        weights=MEASURED, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def crowded(**more: object) -> Problem:
    return a_region([50_000.0] * 12, [0] * 8 + [1, 1, 2, 2], **more)


def worth_of(problem: Problem, plan: np.ndarray, account: int, potential: float) -> float:
    """What the move of an account earns at another potential, the fair shares staying where they are."""
    costs = costs_of(problem)
    other = costs_of(
        replace(problem, potential=np.where(np.arange(problem.accounts) == account, potential, problem.potential))
    )
    priced = replace(other, balance=costs.balance)
    back = plan.copy()
    back[account] = problem.current[account]
    return priced.total(back) - priced.total(plan)


def test_a_move_pays_between_its_turning_points_and_no_longer_beyond_them() -> None:
    problem = crowded(homes=(0.0, 200.0, -200.0))  # nobody else lives near, so balance has to pay for the way
    solution = rebalance(problem, QUICK)
    index = {account: i for i, account in enumerate(problem.account_ids)}
    plan = np.array([problem.rep_ids.index(rep) for rep in solution.assignment])
    assert solution.moves
    bounded = 0
    for move in solution.moves:
        i = index[move.account_id]
        for edge, inside, outside in ((move.pays_from_eur, 1.05, 0.9), (move.pays_to_eur, 0.95, 1.1)):
            if edge is not None:
                bounded += 1
                assert worth_of(problem, plan, i, edge * inside) > 0 > worth_of(problem, plan, i, edge * outside)
        assert (move.pays_from_eur or 0.0) < move.potential_eur < (move.pays_to_eur or np.inf)
    assert bounded > 0


def test_a_move_that_pays_for_its_way_alone_has_no_turning_point_below() -> None:
    problem = a_region([20_000.0] * 12, [0] * 4 + [1] * 4 + [2, 2, 2, 0])
    plan = problem.current.copy()
    plan[11] = 2
    costs = costs_of(problem)
    back = costs.total(problem.current) - costs.total(plan)
    assert back > 0
    low, _ = TurningPoints(costs, plan).of(11, 0, back)
    assert low is None


@given(st.floats(1_000, 400_000), st.integers(0, 11))
def test_a_turning_point_lies_where_the_worth_is_nothing(potential: float, account: int) -> None:
    values = [50_000.0] * 12
    values[account] = potential
    problem = a_region(values, [0] * 8 + [1, 1, 2, 2])
    plan = problem.current.copy()
    plan[account] = (plan[account] + 1) % 3
    worth = worth_of(problem, plan, account, potential)
    for edge in TurningPoints(costs_of(problem), plan).of(account, int(problem.current[account]), worth):
        assert edge is None or worth_of(problem, plan, account, edge) == pytest.approx(
            0.0, abs=0.02 * FARTHEST * potential
        )


RULES = (
    ("most_accounts", {"most_accounts": 4}),
    ("move_budget", {"move_budget": 50_000.0}),
    ("rep_move_budget", {"rep_move_budget": np.array([50_000.0, 9e9, 9e9])}),
    ("apart", {"apart": np.array([[1, 10]])}),
    ("least_accounts", {"least_accounts": 8}),
)


@pytest.mark.parametrize(("rule", "limits"), RULES)
def test_the_rule_that_forbids_is_the_one_the_judge_names(rule: str, limits: dict[str, object]) -> None:
    problem = crowded(**({"least_accounts": 0} | limits)) if rule != "least_accounts" else crowded()
    plan = problem.current.copy()
    if rule in ("move_budget", "rep_move_budget"):
        plan[0] = 1
    if rule == "most_accounts":
        plan[2], plan[3] = 2, 2
    if rule == "least_accounts":
        problem = a_region([50_000.0] * 12, [0] * 4 + [1] * 4 + [2] * 4, least_accounts=4)
        plan = problem.current.copy()
    after = plan.copy()
    after[1] = 2
    said = rule_against(costs_of(problem), plan, 1, 2)
    judged = [one.rule for one in verify(problem, [problem.rep_ids[j] for j in after])]
    assert said == rule
    assert rule in judged


def test_a_free_change_is_forbidden_by_nothing() -> None:
    problem = crowded()
    assert rule_against(costs_of(problem), problem.current, 1, 2) == ""


def test_a_territory_that_would_fall_apart_is_named() -> None:
    chain = np.array([[i, i + 1] for i in range(11)])
    problem = a_region([50_000.0] * 12, [0] * 6 + [1] * 3 + [2] * 3, edges=chain, contiguity="hard")
    assert rule_against(costs_of(problem), problem.current, 3, 1) == "contiguity"
    assert rule_against(costs_of(problem), problem.current, 5, 1) == ""


def test_what_the_budget_keeps_from_being_proposed_is_said_to_be_kept_by_the_budget() -> None:
    solution = rebalance_within(crowded(move_budget=50_000.0), QUICK)
    assert len(solution.moves) == 1
    assert {one.why for one in solution.blocked} == {"move_budget"}
