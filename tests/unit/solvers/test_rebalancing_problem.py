from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from rebalancing_problems import a_problem

from schemas.settings import Weights
from solvers.problem import Problem, ProblemError, reorder


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"potential": [1.0, np.nan, 1, 1, 1, 1]}, "potential is negative or not a number: A1"),
        ({"hours": [1.0, 1, -2, 1, 1, 1]}, "hours is negative or not a number: A2"),
        ({"account_ids": ("A0", "A1", "A0", "A3", "A4", "A5")}, "account named twice: A0"),
        ({"rep_ids": ("R", "R")}, "rep named twice: R"),
        ({"current": [0, 0, 0, 0, 1, 2]}, "the current rep is not among the live reps: A5"),
        ({"capacity": [1500.0, 0.0]}, "capacity must be above 0 hours: R1"),
        ({"seniority": np.array([0.5, -1.0])}, "seniority must be a number above 0: R1"),
        ({"movable": [True, False, True, True, True, True]}, "may not move, yet no reason is given: A1"),
        ({"distance_km": np.full((6, 2), -1.0)}, "a distance is negative or infinite: A0, A1, A2, A3, A4 and 1 more"),
        ({"visits": [1.0]}, "visits: shape (1,), expected (6,)"),
        ({"max_moves": -1}, "max_moves is -1"),
        ({"weights": Weights(balance_slopes=(0.4, 0.2, 0.1))}, "balance_slopes must not fall"),
    ],
)
def test_a_senseless_problem_is_refused_with_the_names_of_the_guilty(change, verdict):
    with pytest.raises(ProblemError, match=re.escape(verdict)):
        a_problem(**change)


def test_all_findings_are_told_at_once():
    with pytest.raises(ProblemError) as refused:
        a_problem(hours=[-1.0] * 6, capacity=[0.0, 1.0], max_moves=-3)
    assert len(refused.value.findings) == 3


def test_an_orphan_without_an_eligible_rep_is_refused():
    eligible = np.ones((6, 2), bool)
    eligible[3] = False
    with pytest.raises(ProblemError, match="no rep and no eligible rep: A3"):
        a_problem(current=[0, 0, 0, -1, 1, 1], eligible=eligible)


def test_an_account_may_stay_with_a_rep_who_is_not_eligible():
    allowed = a_problem(eligible=np.zeros((6, 2), bool)).allowed()
    assert allowed.sum(1).tolist() == [1] * 6
    assert allowed[:, 0].tolist() == [True] * 4 + [False] * 2


def test_no_reps_and_no_accounts_are_refused():
    with pytest.raises(ProblemError, match="no live reps"):
        a_problem(distance_km=np.zeros((6, 0)), current=[-1] * 6)
    with pytest.raises(ProblemError, match="no accounts"):
        a_problem(potential=[], distance_km=np.zeros((0, 2)), current=[], hours=[], visits=[])


def test_a_problem_survives_the_way_to_another_process():
    eligible = np.ones((6, 2), bool)
    eligible[2, 1] = False
    problem = a_problem(eligible=eligible, max_moves=3, weights=Weights(handover=200), min_move_worth=75.0)
    for back in (Problem.from_bytes(problem.to_bytes()), pickle.loads(pickle.dumps(problem))):  # noqa: S301
        assert back.to_bytes() == problem.to_bytes()
        assert back.weights == problem.weights
        assert np.array_equal(back.allowed(), problem.allowed())


def test_foreign_bytes_are_refused_as_no_problem():
    with pytest.raises(ProblemError, match="no problem"):
        Problem.from_bytes(b"hello")


def test_reordering_keeps_who_serves_whom():
    problem = a_problem(current=[0, 0, -1, 0, 1, 1])
    turned = reorder(problem, np.array([5, 2, 0, 1, 4, 3]), np.array([1, 0]))
    served = {
        a: (turned.rep_ids[j] if j >= 0 else None) for a, j in zip(turned.account_ids, turned.current, strict=True)
    }
    assert served == {"A0": "R0", "A1": "R0", "A2": None, "A3": "R0", "A4": "R1", "A5": "R1"}


def test_arrays_given_to_a_problem_cannot_be_changed_through_it():
    with pytest.raises(ValueError, match="read-only"):
        a_problem().potential[0] = 5
