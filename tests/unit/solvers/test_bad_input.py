"""Bad or hopeless input of a rebalancing: a verdict that names who or what, and the nearest way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.instance import instance
from solvers.limited import rebalance_within
from solvers.problem import ProblemError
from solvers.rebalance import rebalance
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=4_000)
HELD = {"movable": np.zeros(6, bool), "held_because": ("pinned until 2027",) * 4 + ("moved on 2026-01-01",) * 2}
HOPELESS: list[tuple[str, dict[str, Any], str]] = [
    ("one rep", {"distance_km": np.ones((6, 1)), "current": [0] * 6}, "R0 is the only live rep"),
    ("nobody may move", HELD, "no account may go to another rep: 6 of 6 are held (2 moved, 4 pinned)"),
    ("nobody may move", {"eligible": np.zeros((6, 2), bool)}, "have no other eligible rep"),
    ("capacity", {"capacity": [40.0, 40.0]}, "need 120 hours a year and the reps have 80: every plan leaves 40 hours"),
    ("no potential", {"potential": [0.0] * 6}, "no account has any potential"),
    ("no place", {"distance_km": np.array([[1.0, 2.0]] * 5 + [[np.nan, np.nan]])}, "travel says nothing about them: A5"),
    ("disconnected", {"edges": [(0, 1), (1, 2), (2, 3)], "contiguity": "hard"}, "falls into 3 parts; apart from the largest are A4, A5"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "change", "words"), HOPELESS, ids=[f"{rule} {n}" for n, (rule, *_) in enumerate(HOPELESS)]
)
def test_a_problem_that_leaves_little_to_decide_says_so_and_is_solved_all_the_same(
    rule: str, change: dict[str, Any], words: str
) -> None:
    problem = a_problem(**change)
    told = {verdict.rule: verdict for verdict in verdicts(problem)}
    assert words in told[rule].detail
    assert told[rule].relaxation
    for solved in (rebalance(problem, QUICK), rebalance_within(problem, QUICK)):
        assert verify_solution(problem, solved) == []


def test_an_ordinary_problem_has_no_verdicts() -> None:
    assert verdicts(a_problem()) == ()


def test_the_release_that_would_earn_most_is_named() -> None:
    (told,) = verdicts(a_problem(**HELD))
    assert told.relaxation.startswith("letting A3 go to R1 would earn most: ")
    assert "held: pinned until 2027" in told.relaxation


def test_missing_capacity_is_told_in_reps_and_in_visits() -> None:
    (told,) = verdicts(a_problem(capacity=[40.0, 40.0]))
    assert told.relaxation == "1.0 reps more, or 33% fewer visits, would do"


def test_numbers_of_accounts_that_cannot_be_met_come_with_those_that_can() -> None:
    with pytest.raises(ProblemError, match="least_accounts: 2 reps with 4 each need more than 6 accounts; 3 would do"):
        a_problem(least_accounts=4)
    with pytest.raises(ProblemError, match="most_accounts: 2 reps with 2 each hold fewer than 6 accounts; 3 would do"):
        a_problem(most_accounts=2)


def arrays(**changes: Any) -> dict[str, Any]:
    """A territory file of four accounts and two reps."""
    values: dict[str, Any] = {
        "xy": np.array([[0.0, 0], [1, 0], [9, 0], [10, 0]]), "potential": np.full(4, 1e5), "hours": np.full(4, 20.0),
        "visits": np.full(4, 6.0), "home": np.array([[0.0, 0], [10, 0]]), "current": np.array([0, 0, 1, 1]),
        "alive": np.ones(2, bool), "orphan": np.zeros(4, bool),
    }  # fmt: skip
    return values | changes


BAD_FILES: list[tuple[dict[str, Any], str]] = [
    ({"potential": np.array([1e5, np.nan, 1e5, 1e5])}, "potential is negative or not a number: A00001"),
    ({"potential": np.array([1e5, 1e5, -1, 1e5])}, "potential is negative or not a number: A00002"),
    ({"hours": np.full(3, 20.0)}, r"hours: shape \(3,\), expected \(4,\)"),
    ({"current": np.array([0, 0, 7, 1])}, "current: no rep of that index among the 2: A00002"),
    ({"current": np.array([0.0, 0, 1, 1])}, "current: rep indices must be whole numbers"),
    ({"alive": np.zeros(2, bool)}, "no live reps"),
    ({"visits": np.array(["a", "b", "c", "d"])}, "visits: no numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "verdict"), BAD_FILES, ids=[verdict for _, verdict in BAD_FILES])
def test_a_territory_file_that_makes_no_sense_is_refused_with_the_array_and_the_accounts(
    change: dict[str, Any], verdict: str
) -> None:
    with pytest.raises(ProblemError, match=verdict):
        instance(arrays(**change))


def test_an_empty_territory_file_is_refused() -> None:
    nothing = {name: value[:0] for name, value in arrays().items() if name not in ("home", "alive")}
    with pytest.raises(ProblemError, match="no accounts"):
        instance(arrays(**nothing))


def test_an_account_of_the_file_without_a_place_is_solved_and_named() -> None:
    problem = instance(arrays(xy=np.array([[0.0, 0], [np.nan, np.nan], [9, 0], [10, 0]])))
    assert [verdict.rule for verdict in verdicts(problem)] == ["no place"]
    assert verify_solution(problem, rebalance(problem, QUICK)) == []
