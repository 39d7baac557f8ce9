"""`terradrift rebalance`: the best few moves for a territory file, with their worth and the proof of how good they are."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from schemas.errors import TerradriftError
from schemas.settings import Contiguity, Weights, load_settings
from solvers.budget import Budget
from solvers.few_moves import explained, few_moves
from solvers.frontier import COUNTS, frontier
from solvers.instance import MEASURED, instance, rep_indices
from solvers.problem import Problem
from solvers.rebalance import rebalance as solve
from solvers.solution import Move, Solution
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution
from streams.cli.options import place_for

instance_option = click.option(
    "--instance",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Territory file (.npz): xy, potential, hours, visits, home, current, alive, orphan, edges.",
)
weights_option = click.option(
    "--weights",
    "weights_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="terradrift.toml, its [weights], or the same as JSON; without it those of the measurements.",
)
contiguity_option = click.option(
    "--contiguity",
    type=click.Choice(["off", "preferred", "hard"]),
    default="off",
    show_default=True,
    help="Territories in one piece on the neighbour graph: ignored, priced, or no new break.",
)
moves_option = click.option("--max-moves", type=click.IntRange(min=0), help="Accounts that may change their rep.")
seconds_option = click.option(
    "--seconds", default=60.0, show_default=True, help="Emergency stop; reported if it struck."
)
EVALUATIONS = 200_000_000


@click.command()
@instance_option
@contiguity_option
@moves_option
@weights_option
@click.option("--json", "output", type=click.Path(path_type=Path, dir_okay=False), callback=place_for, help='Write the answer here; "-": standard output.')  # fmt: skip
@seconds_option
@click.option("--seed", default=7, show_default=True, help="Same seed, same plan.")
@click.option("--within", type=click.FloatRange(0, 1, min_open=True), help="Fewest moves until no territory deviates more than this share (0.03), instead of least EUR.")  # fmt: skip
@click.option("--frontier", "with_frontier", is_flag=True, help="Also what 0, 1, 2, 3, 5, 10 ... moves buy, each with its bound.")  # fmt: skip
def rebalance(
    file: Path,
    contiguity: Contiguity,
    max_moves: int | None,
    weights_file: Path | None,
    output: Path | None,
    seconds: float,
    seed: int,
    within: float | None,
    with_frontier: bool,
) -> None:
    """Propose the account moves that restore balance at least cost, and prove how far the plan is from the best."""
    arrays = read_arrays(file)
    problem = problem_from(arrays, file, max_moves, weights_from(weights_file), contiguity)
    budget = Budget(EVALUATIONS, seconds, seed)
    started = time.monotonic()
    solution = solve(problem, budget) if within is None else _of_few_moves(problem, within, budget)
    took = time.monotonic() - started
    violations = verify_solution(problem, solution)
    answer = answer_of(problem, solution, arrays, took)
    limits = verdicts(problem)
    answer["verdicts"] = [asdict(verdict) for verdict in limits]
    answer["violations"] = [asdict(violation) for violation in violations]
    if with_frontier:
        started = time.monotonic()
        found = dict(zip(solution.account_ids, solution.assignment, strict=True))
        points = frontier(replace(problem, max_moves=None), budget, COUNTS, found)
        answer["frontier"] = [asdict(point) for point in points]
        answer["frontier_seconds"] = round(time.monotonic() - started, 3)
    if output is not None:
        text = json.dumps(answer, indent=1, allow_nan=False)
        click.echo(text) if str(output) == "-" else output.write_text(text + "\n", encoding="utf-8")
    if str(output) != "-":
        _show(solution, took)
        for verdict in limits:
            click.echo(f"note: {verdict}")
    if violations:
        raise TerradriftError(f"the plan was refuted: {violations[0].rule}: {violations[0].detail}")


def _of_few_moves(problem: Problem, within: float, budget: Budget) -> Solution:
    """The plan with the fewest moves. Raises TerradriftError when none keeps every territory that near its fair share."""
    found = few_moves(problem, within, budget)
    if not found.reached:
        raise TerradriftError(
            f"no plan was found that keeps every territory within {within:.1%} of its fair share, every rep within capacity and no "
            f"new break of a territory; try a larger --within, or --contiguity off"
        )
    return explained(problem, found, budget)


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a territory file. Raises TerradriftError when it is none."""
    try:
        with np.load(file, allow_pickle=False) as archive:
            return dict(archive)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise TerradriftError(f"{file}: no territory file: {error}") from None


def problem_from(
    arrays: dict[str, NDArray[Any]], file: Path, max_moves: int | None, weights: Weights, contiguity: Contiguity
) -> Problem:
    """The problem in the arrays. Raises TerradriftError (ProblemError) naming what is missing or senseless."""
    try:
        return instance(arrays, max_moves=max_moves, weights=weights, contiguity=contiguity)
    except KeyError as missing:
        raise TerradriftError(f"{file}: the array {missing} is missing") from None


def weights_from(file: Path | None) -> Weights:
    """[weights] of a TOML file, or a JSON object of weights; without a file those of the measurements."""
    if file is None:
        return MEASURED
    if file.suffix != ".json":
        return load_settings(file).weights
    try:
        return Weights.model_validate({**MEASURED.model_dump(), **json.loads(file.read_text(encoding="utf-8"))})
    except (ValidationError, ValueError, TypeError) as error:
        raise TerradriftError(f"{file}: {error}") from None


def answer_of(problem: Problem, solution: Solution, arrays: dict[str, NDArray[Any]], seconds: float) -> dict[str, Any]:
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
        "blocked": [asdict(blocked) for blocked in solution.blocked],
        "max_deviation_percent": solution.spread_after.max_deviation_percent,
        "std_percent": solution.spread_after.std_percent,
        "seconds": round(seconds, 3),
        "evaluations": solution.evaluations,
        "seed": solution.random_state,
        "weights": problem.weights.model_dump(),
        "max_moves": problem.max_moves,
        "contiguity": problem.contiguity,
    }


def _move(move: Move) -> dict[str, Any]:
    told = asdict(move)
    told["account"] = int(move.account_id[1:])
    told["shares"] = {name: value for name, value in told.pop("worth").items() if name.endswith("_eur")}
    return told


def _show(solution: Solution, took: float) -> None:
    before, after = solution.spread_before.max_deviation_percent, solution.spread_after.max_deviation_percent
    click.echo(
        f"{len(solution.moves)} moves: {solution.before.total_eur:,.0f} -> {solution.after.total_eur:,.0f} EUR a year, "
        f"largest deviation {before:.1f} -> {after:.1f} %\n"
        f"no plan costs less than {solution.bound_eur:,.0f}: at most {100 * solution.gap:.2f} % above the best; "
        f"{took:.2f} s, stopped by: {solution.stopped_by}"
    )
    for move in solution.moves[:10]:
        click.echo(f"  {move.account_id} {move.from_rep or '(nobody)'} -> {move.to_rep}: {move.reason}")
