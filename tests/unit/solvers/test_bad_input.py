"""Bad or hopeless input of a rebalancing: a verdict that names who or what, and the nearest way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from schemas.settings import Weights
from schemas.verdict_sentences import Said, Several, read
from solvers.budget import Budget
from solvers.instance import instance
from solvers.limited import is_limited, rebalance_within
from solvers.problem import ProblemError
from solvers.rebalance import rebalance
from solvers.verdicts import LIMITS, verdicts
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=4_000)
PIN = "pinned until 2027-01-31"
HELD = {"movable": np.zeros(6, bool), "held_because": (PIN,) * 4 + ("moved on 2026-01-01, rests until 2026-06-30",) * 2}
PINNED = {"movable": np.zeros(6, bool), "held_because": (PIN,) * 6}
ONE_PINNED = {"movable": np.array([False] + [True] * 5), "held_because": (PIN,) + ("",) * 5}
NOT_FOR_R0 = np.array([[False, True]] + [[True, True]] * 5)
ROW = [(0, 1), (1, 2), (2, 3)]
HOPELESS: list[tuple[str, dict[str, Any], str, str, dict[str, Any]]] = [
    ("one rep", {"distance_km": np.ones((6, 1)), "current": [0] * 6}, "R0 is the only live rep", "a second rep opens a way",
     {"distance_km": np.ones((6, 2))}),
    ("nobody may move", HELD, "no account may go to another rep: 6 of 6 are held (2 moved, 4 pinned)",
     "letting A3 go to R1 would earn most", {"movable": np.array([False] * 3 + [True] + [False] * 2)}),
    ("nobody may move", {"eligible": np.zeros((6, 2), bool)}, "have no other eligible rep",
     "letting A3 go to R1 would earn most", {"eligible": np.array([[False, i == 3] for i in range(6)])}),
    ("max_moves", {"max_moves": 0}, "max_moves is 0", "1 would let the most valuable move be made", {"max_moves": 1}),
    ("move_budget", {"move_budget": 90_000.0, "potential": [120_000.0, 110_000] + [130_000.0] * 4},
     "90,000 EUR of potential may still change rep, less than any account", "110,000 EUR would do, for A1",
     {"move_budget": 110_000.0}),
    ("rep_move_budget", {"rep_move_budget": [500_000.0, 60_000]}, "less than any account that may move has",
     "100,000 EUR for R1, who has 60,000 left, would let A0 go from R0 to R1", {"rep_move_budget": [500_000.0, 100_000]}),
    ("held", ONE_PINNED | {"eligible": NOT_FOR_R0}, "held with a rep who may not serve them: A0 (R0; pinned until 2027-01-31)",
     "released, they could go: A0 to R1", {"movable": np.ones(6, bool)}),
    ("family", ONE_PINNED | {"family": [0, 0, -1, 1, 1, -1]}, "stay because one of their family is held: A1",
     "releasing A0 (pinned until 2027-01-31) would free them", {"movable": np.ones(6, bool)}),
    ("held hours", PINNED | {"hours": [5.0, 30, 10, 10, 5, 5], "capacity": [30.0, 90]}, "their rep has: R0 55 of 30",
     "releasing A1 would do", {"movable": np.array([False, True] + [False] * 4)}),
    ("capacity", {"capacity": [40.0, 40.0]}, "need 120 hours a year and the reps have 80, 40 too few: the work is shared by capacity",
     "1.0 reps more", {"distance_km": np.ones((6, 3)), "capacity": [40.0] * 3}),
    ("no potential", {"potential": [0.0] * 6}, "no account has any potential", "travel and hours still count", {"potential": [1.0] * 6}),
    ("no place", {"distance_km": np.array([[1.0, 2.0]] * 5 + [[np.nan, np.nan]])}, "travel says nothing about them: A5",
     "give them latitude and longitude", {"distance_km": np.ones((6, 2))}),
    ("disconnected", {"edges": ROW, "contiguity": "hard"}, "falls into 3 parts; apart from the largest are A4, A5",
     "2 more pairs of neighbours (A4 and A3, A5 and A3) would join them", {"edges": [*ROW, (4, 3), (5, 3)]}),
]  # fmt: skip


def test_every_verdict_there_is_has_an_example_here() -> None:
    assert {rule for rule, *_ in HOPELESS} == set(LIMITS)


@pytest.mark.parametrize(
    ("rule", "change", "words", "relaxation", "relaxed"),
    HOPELESS,
    ids=[f"{rule} {n}" for n, (rule, *_) in enumerate(HOPELESS)],
)
def test_a_problem_that_leaves_little_to_decide_says_so_and_is_solved_all_the_same(
    rule: str, change: dict[str, Any], words: str, relaxation: str, relaxed: dict[str, Any]
) -> None:
    problem = a_problem(**change)
    told = {verdict.rule: verdict for verdict in verdicts(problem)}
    assert words in told[rule].detail
    assert relaxation in told[rule].relaxation
    assert rule not in {verdict.rule for verdict in verdicts(a_problem(**(change | relaxed)))}
    for solved in (rebalance_within(problem, QUICK), *([] if is_limited(problem) else [rebalance(problem, QUICK)])):
        assert verify_solution(problem, solved) == []


def test_an_ordinary_problem_has_no_verdicts() -> None:
    assert verdicts(a_problem()) == ()


def test_the_release_that_would_earn_most_is_named() -> None:
    (told,) = verdicts(a_problem(**HELD))
    assert told.relaxation.startswith("letting A3 go to R1 would earn most: ")
    assert f"held: {PIN}" in told.relaxation


def test_missing_capacity_is_told_in_reps_and_in_visits() -> None:
    (told,) = verdicts(a_problem(capacity=[40.0, 40.0]))
    assert told.relaxation == "1.0 reps more, or 33% fewer visits, would do"


def test_work_that_no_plan_can_do_is_not_told_as_overtime_of_every_plan() -> None:
    problem = a_problem(capacity=[40.0, 40.0], current=[0, 0, 0, 1, 1, 1])
    assert rebalance(problem, QUICK).after.overtime_hours == 0
    (told,) = verdicts(problem)
    assert told.detail.endswith("only what exceeds 1.12 times a rep's share of it is priced")
    assert "overtime" not in told.detail


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
    ({"potential": np.array([1e5, 1e5, 1e300, 1e5])}, "potential is more than there can be, 1,000,000,000,000,000 EUR a year: A00002"),
    ({"hours": np.array([20.0, 1e7, 20, 20])}, "hours is more than there can be, 1,000,000 hours a year: A00001"),
    ({"xy": np.array([[0.0, 0], [1, 0], [9, 0], [1e200, 0]])}, "A00003"),
    ({"hours": np.full(3, 20.0)}, r"hours: shape \(3,\), expected \(4,\)"),
    ({"current": np.array([0, 0, 7, 1])}, "current: no rep of that index among the 2: A00002"),
    ({"current": np.array([0.0, 0, 1, 1])}, "current: rep indices must be whole numbers"),
    ({"alive": np.zeros(2, bool)}, "no live reps"),
    ({"alive": np.array([1, np.nan])}, "alive: must be 0 or 1, which these places are not: 1"),
    ({"orphan": np.array([0, 0, 0.3, 2])}, "orphan: must be 0 or 1, which these places are not: 2, 3"),
    ({"edges": np.array([[0.0, 1], [1.5, 2], [2, np.nan]])},
     r"edges: accounts are whole numbers from 0 to 3, not so in pair 1 \(1.5, 2\), pair 2 \(2, nan\)"),
    ({"edges": np.array([[0, 1], [2, 4]])}, r"from 0 to 3, not so in pair 1 \(2, 4\)"),
    ({"edges": np.array([0, 1])}, r"edges: int64 of shape \(2,\), expected whole numbers of shape \(m, 2\)"),
    ({"edges": np.array([["a", "b"]])}, r"edges: <U1 of shape \(1, 2\), expected whole numbers"),
    ({"visits": np.array(["a", "b", "c", "d"])}, "visits: no numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "verdict"), BAD_FILES, ids=[verdict for _, verdict in BAD_FILES])
def test_a_territory_file_that_makes_no_sense_is_refused_with_the_array_and_the_accounts(
    change: dict[str, Any], verdict: str
) -> None:
    with pytest.raises(ProblemError, match=verdict):
        instance(arrays(**change))


def test_a_price_beyond_all_reason_is_refused_by_its_name() -> None:
    for price in (1e300, np.inf):
        with pytest.raises(ProblemError, match=f"weights: travel_per_km is {price:g}".replace("+", r"\+")):
            instance(arrays(), weights=Weights(travel_per_km=price))


def test_neighbours_given_as_whole_numbers_with_a_point_are_read() -> None:
    problem = instance(arrays(edges=np.array([[0.0, 1], [2, 3]])), contiguity="hard")
    assert problem.edges is not None
    assert problem.edges.tolist() == [[0, 1], [2, 3]]


def test_an_array_that_nothing_reads_is_named_with_those_that_are_known() -> None:
    (told,) = verdicts(instance(arrays(senority=np.ones(2), potential_before=np.ones(4))))
    assert told.detail == "not read, because no such array is known: senority"
    assert "seniority" in told.relaxation
    assert read(told.detail) == Said("unknown_arrays", {"arrays": Several(("senority",), 0)})


def test_an_empty_territory_file_is_refused() -> None:
    nothing = {name: value[:0] for name, value in arrays().items() if name not in ("home", "alive")}
    with pytest.raises(ProblemError, match="no accounts"):
        instance(arrays(**nothing))


def test_an_account_of_the_file_without_a_place_is_solved_and_named() -> None:
    problem = instance(arrays(xy=np.array([[0.0, 0], [np.nan, np.nan], [9, 0], [10, 0]])))
    assert [verdict.rule for verdict in verdicts(problem)] == ["no place"]
    assert verify_solution(problem, rebalance(problem, QUICK)) == []
