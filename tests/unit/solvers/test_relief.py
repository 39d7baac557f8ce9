"""Accounts of nobody get a rep although the rules cannot be kept, and these give no more than they must."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solvers.budget import Budget
from solvers.limited import rebalance_within
from solvers.problem import Problem, ProblemError
from solvers.relief import Relief, relief_of, relieved
from solvers.verdicts import verdicts
from solvers.verify import verify
from solvers.verify_claims import verify_solution
from tests.unit.solvers.rebalancing_problems import a_problem

QUICK = Budget(evaluations=4_000)
ORPHANED = {
    "current": [0, 0, 0, 1, 1, -1],
    "movable": np.zeros(6, bool),
    "held_because": ("pinned until 2027-01-31",) * 6,
}
BOUND_TO_R0 = np.array([[True, True]] * 5 + [[True, False]])
IN_A_ROW = [(i, i + 1) for i in range(5)]
HOPELESS: list[tuple[dict[str, Any], Relief, str, str]] = [
    (
        {"most_accounts": 3, "eligible": BOUND_TO_R0}, Relief(most_accounts=4), "most_accounts",
        "no territory may get more than 3 accounts, and these need a rep: A5; relaxed from 3 to 4 for them",
    ),
    (
        {"edges": IN_A_ROW, "contiguity": "hard", "eligible": BOUND_TO_R0}, Relief(more_pieces=1), "contiguity",
        "no territory in one piece can take these, who need a rep: A5; relaxed from no new piece to 1",
    ),
    (
        {"apart": [(5, 0), (1, 5), (4, 5)]}, Relief(crossing=((4, 5),)), "apart",
        "barriers leave no rep for some of these, who need one: A5; relaxed: may come to share a rep are A4 and A5",
    ),
    (
        {"family": [-1, -1, -1, -1, 0, 0], "most_accounts": 3, "current": [0, 0, 0, 1, 1, -1], "eligible": BOUND_TO_R0},
        Relief(most_accounts=4), "most_accounts", "relaxed from 3 to 4 for them",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "relief", "rule", "words"), HOPELESS, ids=[rule for _, _, rule, _ in HOPELESS])
def test_rules_that_leave_an_account_of_nobody_no_rep_give_by_the_least_and_say_so(
    change: dict[str, Any], relief: Relief, rule: str, words: str
) -> None:
    problem = a_problem(**(ORPHANED | change))
    for rep in problem.rep_ids:
        placed = [problem.rep_ids[j] for j in problem.current[:5]] + [rep]
        assert verify(problem, placed)
    assert relief_of(problem) == relief
    given = relieved(problem, relief)
    assert words in str(next(verdict for verdict in verdicts(given) if verdict.rule == rule))
    assert relief_of(given) == Relief()
    assert verify_solution(given, rebalance_within(given, QUICK)) == []
    assert Problem.from_bytes(given.to_bytes()).noticed == given.noticed


def test_rules_that_can_be_kept_give_nothing() -> None:
    problem = a_problem(**ORPHANED, most_accounts=3, edges=IN_A_ROW, contiguity="hard")
    assert relief_of(problem) == Relief()
    assert relieved(problem, relief_of(problem)) is problem


def test_rules_give_nothing_where_nobody_waits_for_a_rep() -> None:
    problem = a_problem(most_accounts=3)
    assert relieved(problem, Relief(most_accounts=6, more_pieces=3)) is problem


def test_numbers_give_before_pieces_and_pieces_before_barriers() -> None:
    three = np.array([[1.0, 2, 3]] * 6)
    problem = a_problem(
        distance_km=three, current=[0, 0, 1, 1, 2, -1], edges=IN_A_ROW, contiguity="hard", most_accounts=2,
        apart=[(5, 4)], movable=np.zeros(6, bool), held_because=("pinned",) * 6,
    )  # fmt: skip
    found = relief_of(
        problem
    )  # with R2, its neighbour, it would cross the barrier; with the others it is a piece of its own
    assert (found.most_accounts, found.more_pieces, found.crossing) == (3, 1, ())


def test_a_plan_that_breaks_more_than_was_given_is_refused_by_the_judge() -> None:
    free = {"movable": np.ones(6, bool), "held_because": ("",) * 6}
    problem = a_problem(**(ORPHANED | free), edges=[(0, 1), (1, 2), (3, 4)], contiguity="hard")
    given = relieved(problem, relief_of(problem))
    assert given.more_pieces == 1
    assert verify(given, ["R0", "R0", "R0", "R1", "R1", "R1"]) == []
    assert [one.rule for one in verify(given, ["R0", "R1", "R0", "R1", "R1", "R1"])] == ["contiguity"]


def test_where_no_rep_may_serve_an_account_nothing_can_give() -> None:
    with pytest.raises(ProblemError, match="no rep and no eligible rep: A5"):
        a_problem(**ORPHANED, eligible=np.array([[True, True]] * 5 + [[False, False]]))
