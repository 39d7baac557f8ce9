"""A bound for territories in one piece counts what lies between, and borders shift with what they cut off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rebalancing_problems import a_problem

from solvers.budget import Budget
from solvers.connected_bound import connected_bound
from solvers.dual import best_prices
from solvers.objective import costs_of
from solvers.problem import Problem
from solvers.rebalance import rebalance
from solvers.search import BORDERS, BORDERS_AGAIN, _coolings, again
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from solvers.walk import Walk

EDGES = [(i, i + 1) for i in range(5)]


def far_ahead() -> Problem:
    """A row of six; the second of R1, three steps away, is worth a lot to R0, and nothing between them is."""
    km = np.array([[10.0, 60.0]] * 2 + [[90.0, 5.0]] * 2 + [[5.0, 90.0]] + [[90.0, 5.0]])
    return a_problem(
        potential=[100_000.0] * 6, distance_km=km, visits=np.full(6, 50.0), current=[0, 0, 1, 1, 1, 1],
        edges=EDGES, contiguity="hard", min_move_worth=0.0,
    )  # fmt: skip


def test_the_bound_counts_the_accounts_on_the_way() -> None:
    problem = far_ahead()
    costs = costs_of(problem)
    plain = best_prices(costs)
    assert verify(problem, ["R0", "R0", "R1", "R1", "R0", "R1"])[0].rule == "contiguity"
    proved = connected_bound(costs, plain)
    assert proved.value > plain.value + 1_000
    assert (proved.plan == plain.plan).all()
    assert proved.prices is plain.prices


@pytest.mark.parametrize(
    "change",
    [{"contiguity": "preferred"}, {"more_pieces": 2}],
    ids=["pieces have a price", "as many pieces as reps are allowed"],
)
def test_where_there_may_be_pieces_the_bound_stays(change: dict[str, object]) -> None:
    costs = costs_of(replace(far_ahead(), **change))
    plain = best_prices(costs)
    assert connected_bound(costs, plain) is plain


def test_a_piece_of_today_may_be_anywhere_tomorrow_so_the_bound_proves_less() -> None:
    problem = far_ahead()
    torn = replace(problem, edges=np.array(EDGES[:3] + EDGES[4:]))
    costs = costs_of(torn)
    plain = best_prices(costs)
    proved = connected_bound(costs, plain)
    whole = connected_bound(costs_of(problem), best_prices(costs_of(problem)))
    assert plain.value <= proved.value < whole.value


def test_what_only_a_leaving_account_tied_to_its_territory_goes_along() -> None:
    """A1 is all that ties A0 to the others of R0; the two are worth more to R1 together, and A1 alone may not go."""
    km = np.array([[80.0, 5.0], [80.0, 5.0], [5.0, 80.0], [5.0, 80.0], [80.0, 5.0], [80.0, 5.0]])
    problem = a_problem(
        distance_km=km, visits=np.full(6, 50.0), current=[0, 0, 0, 0, 1, 1], contiguity="hard",
        edges=[(0, 1), (1, 2), (2, 3), (1, 4), (4, 5)],
    )  # fmt: skip
    costs = costs_of(problem)
    walk = Walk(costs, problem.current, costs.allowed, seed=1)
    walk.go(0.1, 0.01, 200, borders=True)
    assert walk.plan.tolist() == [1, 1, 0, 0, 1, 1]


def test_walks_along_borders_are_made_where_no_piece_may_come() -> None:
    large = a_problem(
        potential=np.ones(11_000), current=np.zeros(11_000, int), distance_km=np.ones((11_000, 2)), edges=[(0, 1)],
        contiguity="hard",
    )  # fmt: skip
    (walk,) = _coolings(costs_of(large))
    assert walk.borders
    assert walk.effort <= BORDERS[0].effort
    assert again(costs_of(large)) == BORDERS_AGAIN


def test_where_nobody_has_a_neighbour_there_are_no_borders() -> None:
    alone = replace(far_ahead(), edges=np.empty((0, 2), np.int64))
    solution = rebalance(alone, Budget(evaluations=4_000))
    assert verify_solution(alone, solution) == []
    costs = costs_of(replace(a_problem(), edges=np.empty((0, 2), np.int64), contiguity="hard"))
    plain = best_prices(costs)
    assert connected_bound(costs, plain) is plain
