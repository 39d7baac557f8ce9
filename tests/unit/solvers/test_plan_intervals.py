"""The figures of a plan come with what they may be, given how sure the potentials are."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows import Figure, IntervalRow
from solvers.describe import balances, spread
from solvers.intervals import intervals
from solvers.objective import costs_of
from solvers.problem import ORPHAN, Problem

DRAWS = 200


def a_region(potentials: list[float], current: list[int]) -> Problem:
    n, k = len(potentials), 3
    return Problem(
        account_ids=tuple(f"a{i:02d}" for i in range(n)), rep_ids=("r0", "r1", "r2"), potential=np.array(potentials),
        hours=np.full(n, 10.0), visits=np.full(n, 6.0), distance_km=np.full((n, k), 10.0), current=np.array(current),
        capacity=np.array([1600.0, 1600.0, 800.0]), movable=np.ones(n, bool), held_because=("",) * n,
    )  # fmt: skip


CROWDED = a_region([50_000.0] * 12, [0] * 7 + [1, 1, 2, 2, ORPHAN])
PLAN = np.array([0] * 5 + [1, 1] + [1, 1, 2, 2, 1])


def sampled(problem: Problem, sigma: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(s, n) potentials and (s,) what the plan then earns against leaving the accounts with whom they are."""
    noise = np.random.default_rng(seed).standard_normal((DRAWS, problem.accounts))
    drawn = problem.potential * np.exp(sigma * noise - sigma**2 / 2)
    nothing = np.where(problem.current == ORPHAN, PLAN, problem.current)
    priced = [costs_of(replace(problem, potential=potential)) for potential in drawn]
    return drawn, np.array([costs.total(nothing) - costs.total(PLAN) for costs in priced])


def told(problem: Problem, sigma: float, seed: int = 1) -> dict[tuple[str, str], IntervalRow]:
    return {(row.figure, row.rep_id): row for row in intervals(problem, PLAN, *sampled(problem, sigma, seed))}


def test_potentials_that_are_sure_leave_nothing_between_low_and_high_but_the_figure_itself() -> None:
    found, costs = told(CROWDED, sigma=0.0), costs_of(CROWDED)
    assert all(row.low == row.high for row in found.values())
    for when, assignment in (("before", CROWDED.current), ("after", PLAN)):
        uneven = spread(costs, assignment)
        assert found[f"spread_{when}", ""].low == pytest.approx(uneven.std_percent / 100, abs=1e-6)
        assert found[f"max_deviation_{when}", ""].low == pytest.approx(uneven.max_deviation_percent / 100, abs=1e-6)
    for rep_id, rep in balances(costs, PLAN).items():
        if rep.before != rep.after:
            assert found["potential_before_eur", rep_id].low == pytest.approx(rep.before.potential_eur)
            assert found["potential_after_eur", rep_id].low == pytest.approx(rep.after.potential_eur)


@settings(max_examples=15, deadline=None)
@given(sigma=st.floats(0.01, 0.6), seed=st.integers(0, 99))
def test_the_middle_draw_lies_between_low_and_high_and_a_tenth_of_the_draws_beyond_each(
    sigma: float, seed: int
) -> None:
    drawn, worth = sampled(CROWDED, sigma, seed)
    row, *_ = intervals(CROWDED, PLAN, drawn, worth)
    assert row.low <= np.median(worth) <= row.high
    assert (worth < row.low - 0.01).sum() <= DRAWS / 10
    assert (worth > row.high + 0.01).sum() <= DRAWS / 10


@settings(max_examples=15, deadline=None)
@given(sigma=st.floats(0.05, 0.3), more=st.floats(1.5, 3), seed=st.integers(0, 99))
def test_the_less_sure_the_potentials_the_wider_are_the_potentials_of_the_territories(
    sigma: float, more: float, seed: int
) -> None:
    sure, unsure = told(CROWDED, sigma, seed), told(CROWDED, more * sigma, seed)
    of_reps = [key for key in sure if key[1]]
    assert of_reps
    assert all(unsure[key].high - unsure[key].low > sure[key].high - sure[key].low for key in of_reps)


def test_only_territories_that_change_are_told_and_every_figure_is() -> None:
    found = told(CROWDED, sigma=0.2)
    assert {rep_id for figure, rep_id in found if figure == "potential_after_eur"} == {"r0", "r1"}
    assert {figure for figure, _ in found} == set(get_args(Figure))
