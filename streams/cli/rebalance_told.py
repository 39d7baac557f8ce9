"""What `terradrift rebalance` answers: for machines, and for the person at the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click
from numpy.typing import NDArray

from schemas.rows import MoveRow
from solvers.instance import rep_indices
from solvers.problem import Problem
from solvers.solution import Move, Solution
from solvers.verdict import Verdict
from solvers.verify import Violation


def answer_of(
    problem: Problem,
    solution: Solution,
    arrays: Mapping[str, NDArray[Any]],
    seconds: float,
    limits: Sequence[Verdict],
    violations: Sequence[Violation],
) -> dict[str, Any]:
    """What --json writes. `assignment` holds for each account of the file the index of its rep in the file."""
    return {
        "assignment": rep_indices(arrays, problem, solution.assignment),
        "objective": solution.after.total_eur,
        "terms": {name: value for name, value in asdict(solution.after).items() if name.endswith("_eur")},
        "native": {name: value for name, value in asdict(solution.after).items() if not name.endswith("_eur")},
        "before": solution.before.total_eur,
        "bound": solution.bound_eur,
        "gap": solution.gap,
        "status": solution.status,
        "stopped_by": solution.stopped_by,
        "moves": [_move(move) for move in solution.moves],
        "placed": sum(not move.from_rep for move in solution.moves),
        "blocked": [asdict(blocked) for blocked in solution.blocked],
        "max_deviation_percent": solution.spread_after.max_deviation_percent,
        "std_percent": solution.spread_after.std_percent,
        "seconds": round(seconds, 3),
        "evaluations": solution.evaluations,
        "seed": solution.random_state,
        "weights": problem.weights.model_dump(),
        "max_moves": problem.max_moves,
        "contiguity": problem.contiguity,
        "verdicts": [asdict(verdict) for verdict in limits],
        "notes": [str(verdict) for verdict in limits],
        "violations": [asdict(violation) for violation in violations],
    }


def _move(move: Move) -> dict[str, Any]:
    told = asdict(move)
    told["account"] = int(move.account_id[1:])
    worth = told.pop("worth")
    told["shares"] = {name: value for name, value in worth.items() if name.endswith("_eur")}
    told["native"] = {name: value for name, value in worth.items() if not name.endswith("_eur")}
    return told


def counted(moves: Sequence[Move | MoveRow]) -> str:
    """How many accounts change their rep, and how many others get one: these count against no limit."""
    placed = sum(not move.from_rep for move in moves)
    told = _number(len(moves) - placed, "move")
    return f"{told} + {_number(placed, 'account')} that had no rep" if placed else told


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def show(solution: Solution, took: float, limits: Sequence[Verdict]) -> None:
    before, after = solution.spread_before.max_deviation_percent, solution.spread_after.max_deviation_percent
    click.echo(
        f"{counted(solution.moves)}: {solution.before.total_eur:,.0f} -> {solution.after.total_eur:,.0f} EUR a year, "
        f"largest deviation {before:.1f} -> {after:.1f} %\n"
        f"no plan costs less than {solution.bound_eur:,.0f}: at most {100 * solution.gap:.2f} % above the best; "
        f"{took:.2f} s, stopped by: {solution.stopped_by}"
    )
    for move in solution.moves[:10]:
        click.echo(f"  {move.account_id} {move.from_rep or '(nobody)'} -> {move.to_rep}: {move.reason}")
    for verdict in limits:
        click.echo(f"note: {verdict}")
