"""The bound knows that accounts are whole: what only a share of one would mend costs what it costs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from rebalancing_problems import a_problem

from solvers.dual import best_prices
from solvers.objective import costs_of
from solvers.whole_bound import whole_bound


def test_a_large_account_goes_whole_or_stays() -> None:
    """The second rep is short of a quarter of the large account, and all of it would leave the first rep short."""
    problem = a_problem(
        potential=[120_000.0, 40_000.0, 40_000.0, 140_000.0], hours=np.ones(4), visits=np.ones(4),
        distance_km=np.ones((4, 2)), current=[0, 0, 0, 1], min_move_worth=0.0,
    )  # fmt: skip
    costs = costs_of(problem)
    plain = best_prices(costs)
    best = min(costs.total(np.array(plan)) for plan in product(range(2), repeat=4))
    proved = whole_bound(costs, plain)
    assert plain.value + 0.1 * (best - plain.value) < proved.value <= best + 0.01
    assert proved.prices is plain.prices


def test_a_limit_on_moves_stays_in_the_bound() -> None:
    problem = a_problem(
        potential=[90_000.0, 80_000.0, 70_000.0, 60_000.0], hours=np.ones(4), visits=np.ones(4),
        distance_km=np.ones((4, 2)), current=[0, 0, 0, 0], max_moves=1, min_move_worth=0.0,
    )  # fmt: skip
    costs = costs_of(problem)
    plain = best_prices(costs)
    plans = (np.array(plan) for plan in product(range(2), repeat=4) if sum(plan) <= 1)
    assert plain.value <= whole_bound(costs, plain).value <= min(costs.total(plan) for plan in plans) + 0.01


def test_the_climb_stops_when_the_time_is_up() -> None:
    costs = costs_of(replace(a_problem(), min_move_worth=0.0))
    plain = best_prices(costs)
    asked = []
    whole_bound(costs, plain, lambda: bool(asked.append(1)) or True)
    assert len(asked) == 1
