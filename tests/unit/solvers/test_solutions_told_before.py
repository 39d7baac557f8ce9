"""Answers of earlier versions stand in the logs of regions and must be read for ever."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from solvers.rebalance import rebalance
from solvers.solution import Alternative, Solution
from tests.unit.solvers.rebalancing_problems import a_problem


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("dearer", ("dearer", "")),
        ("not eligible", ("not_eligible", "")),
        ("kept away by barrier b1", ("kept_away", "barrier b1")),
    ],
)
def test_why_another_rep_was_not_taken_is_read_as_it_was_told_before(before: str, now: tuple[str, str]) -> None:
    solution = rebalance(a_problem())
    move = replace(solution.moves[0], rejected=Alternative("r9", 5.0, "dearer"))
    told = json.loads(replace(solution, moves=(move,)).to_bytes())
    told["moves"][0]["rejected"] = {"rep_id": "r9", "worse_by_eur": 5.0, "why": before}
    (read,) = Solution.from_bytes(json.dumps(told).encode()).moves
    assert read.rejected is not None
    assert (read.rejected.why, read.rejected.rule) == now
