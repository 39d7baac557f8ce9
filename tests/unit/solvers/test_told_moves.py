"""A move as it is published: every share of its worth, in EUR and in the unit it is made of."""

from __future__ import annotations

import numpy as np
import pytest

from schemas.rows import MoveRow
from solvers.budget import Budget
from solvers.explanation import MoveFacts, reason
from solvers.objective import Terms
from solvers.problem import Problem
from solvers.rebalance import rebalance
from solvers.telling import move_row
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem

IN_A_ROW = [(i, i + 1) for i in range(5)]
SHARES = ("travel_eur", "change_eur", "balance_eur", "overtime_eur", "contiguity_eur")
QUICK = Budget(evaluations=4_000)


def published(problem: Problem) -> list[MoveRow]:
    return [move_row(move) for move in rebalance(problem, QUICK).moves]


def in_two_pieces() -> Problem:
    """R1 has one account alone, in the midst of those of R0."""
    return a_problem(current=[0, 1, 0, 0, 0, 0], edges=IN_A_ROW, contiguity="preferred")


def test_the_shares_of_a_published_move_sum_to_its_worth_where_pieces_have_a_price() -> None:
    moves = published(in_two_pieces())
    assert any(move.contiguity_eur for move in moves)
    for move in moves:
        assert sum(getattr(move, share) for share in SHARES) == pytest.approx(move.worth_eur)


def test_each_share_of_a_published_move_comes_in_its_own_unit() -> None:
    problem = in_two_pieces()
    solution = rebalance(problem, QUICK)
    for told, move in zip(published(problem), solution.moves, strict=True):
        native = (told.travel_km, told.overtime_hours, told.deviation_points, told.pieces)
        worth = move.worth
        assert native == (worth.travel_km, worth.overtime_hours, worth.deviation_points, worth.pieces)
        assert told.contiguity_eur == problem.weights.territory_piece * told.pieces
        assert told.hours == move.hours  # the work that goes with the account, as before


def test_a_move_published_before_its_shares_were_whole_is_still_read() -> None:
    (told, *_) = published(in_two_pieces())
    later = {"contiguity_eur", "overtime_hours", "deviation_points", "pieces"}
    read = MoveRow.model_validate(told.model_dump(exclude=later))
    assert {getattr(read, name) for name in later} == {0.0}


def the_way_is_barred() -> Problem:
    """A3, small and far from R1, lies between R1's accounts and the rich A2: in one piece neither goes without the other."""
    km = np.array([[10.0 * i, 10.0 * (5 - i)] for i in range(6)])
    km[3] = (1.0, 60.0)
    rich = [200_000.0] * 3 + [1_000.0] + [100_000.0] * 2
    return a_problem(distance_km=km, potential=rich, edges=IN_A_ROW, contiguity="hard", min_move_worth=0.0)


def test_a_move_that_costs_by_itself_says_that_other_moves_rest_on_it() -> None:
    problem = the_way_is_barred()
    solution = rebalance(problem, QUICK)
    assert verify_solution(problem, solution) == []
    earns, costs = solution.moves
    assert earns.worth_eur > 0 > costs.worth_eur
    assert earns.reason.endswith(" EUR a year in all") or earns.reason.endswith(" kEUR a year in all")
    assert costs.reason.endswith("; costs 1,868 EUR a year by itself, and other moves rest on it")


@pytest.mark.parametrize(
    ("from_rep", "worth", "said"),
    [
        ("R0", -24.4, "costs 24 EUR a year by itself, and other moves rest on it"),
        ("", -24.4, "costs 24 EUR a year more than the next best rep, whom a rule keeps away"),
        ("R0", -0.2, "earns 0 EUR a year in all"),
        ("", 24.4, "earns 24 EUR a year against the next best rep"),
    ],
)
def test_what_a_move_earns_or_costs_ends_its_sentence(from_rep: str, worth: float, said: str) -> None:
    terms = Terms(worth, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    facts = MoveFacts(from_rep, "R1", 1e5, 20.0, 0.1, -0.1, km_nearer=None, km_closer=None, worth=terms)
    assert reason(facts).split("; ")[-1] == said
