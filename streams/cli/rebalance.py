"""`terradrift rebalance`: the best few moves for a territory file, with their worth and the proof of how good they are."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import click

from schemas.errors import TerradriftError
from schemas.settings import Contiguity
from solvers.budget import Budget
from solvers.few_moves import explained, few_moves
from solvers.frontier import COUNTS, frontier
from solvers.problem import Problem
from solvers.rebalance import rebalance as solve
from solvers.relief import relief_of, relieved
from solvers.solution import Solution
from solvers.verdicts import verdicts
from solvers.verify_claims import verify_solution
from streams.cli.options import place_for
from streams.cli.rebalance_told import answer_of, show
from streams.cli.territory_file import instance_option, problem_from, read_arrays, weights_from, weights_option

contiguity_option = click.option(
    "--contiguity",
    type=click.Choice(["off", "preferred", "hard"]),
    default="off",
    show_default=True,
    help="Territories in one piece on the neighbour graph: ignored, priced, or no new break.",
)
moves_option = click.option(
    "--max-moves",
    type=click.IntRange(min=0),
    help="Accounts that may change their rep. Those that have none get one and do not count.",
)
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
    asked = problem_from(arrays, file, max_moves, weights_from(weights_file), contiguity)
    budget = Budget(EVALUATIONS, seconds, seed)
    started = time.monotonic()
    problem = relieved(asked, relief_of(asked))
    solution = solve(problem, budget) if within is None else _of_few_moves(problem, within, budget)
    took = time.monotonic() - started
    violations = verify_solution(problem, solution)
    limits = verdicts(problem)
    answer = answer_of(problem, solution, arrays, took, limits, violations)
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
        show(solution, took, limits)
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
