"""`python -m benchmarks.solvers`: the instance files, cold and after a change, and the peers; into RESULTS.md with --write.

Each solve is judged by `verify` afterwards. CPU seconds of one process; the inner loops are compiled before.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import conditions, write_section
from benchmarks.solvers import local_travel, peers
from schemas.settings import Contiguity
from solvers.budget import Budget
from solvers.first_moves import extended
from solvers.frontier import frontier
from solvers.instance import instance
from solvers.objective import costs_of
from solvers.orphans import baseline
from solvers.problem import Problem
from solvers.ready import make_ready
from solvers.rebalance import rebalance
from solvers.solution import Move, Solution
from solvers.verify_claims import verify_solution
from solvers.warm import WarmStart

DATA = Path(os.environ.get("TERRADRIFT_DATA", "../shared/data")) / "territories"
CHANGED_ACCOUNTS = 20
EVALUATIONS = 40_000_000
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Case:
    """An instance file and the goals on it: CPU seconds and gap, cold and after twenty accounts changed. None: no goal."""

    name: str
    cold: tuple[float, float] | None
    again: tuple[float, float] | None


CASES = (
    Case("g1000_10_zone_1", None, None),
    Case("g1000_10_rep_1", None, None),
    Case("g5000_50_zone_1", (3.0, 0.007), (0.5, 0.005)),
    Case("g5000_50_rep_1", (3.0, 0.007), (0.5, 0.005)),
    Case("tract42_32_zone_1", None, None),
    Case("tract42_32_rep_1", None, None),
    Case("g20000_200_zone_1", (15.0, 0.01), (3.0, 0.01)),
    Case("g20000_200_rep_1", (15.0, 0.01), (3.0, 0.01)),
)
FRONTIER = "g5000_50_zone_1"
FRONTIER_SECONDS = 3.0
FIRST_MOVE_SECONDS = 0.1
GRAPH = ("g5000_50_rep_1", "g5000_50_zone_1")
GRAPH_GOAL = (15.0, 0.02)
TRAVEL = "travel"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solvers", description=__doc__)
    parser.add_argument("--case", action="append", choices=[*(case.name for case in CASES), TRAVEL])
    parser.add_argument("--runs", type=int, default=3, help="solves of each kind; medians are told (default 3)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.stderr.write(f"benchmark: no folder {DATA}; set TERRADRIFT_DATA\n")
        return 1
    make_ready()
    if not arguments.case or TRAVEL in arguments.case:
        _told("solvers travel", _travel_lines(arguments.runs), arguments.write)
    if not arguments.case or arguments.case != [TRAVEL]:
        _told("solvers", _solver_lines(arguments), arguments.write)
    return 0


def _told(section: str, lines: list[str], write: bool) -> None:
    text = "\n".join([conditions("terradrift", "numpy", "numba", "ortools"), "", *lines])
    if write:
        write_section(section, text)
    sys.stdout.write(text + "\n")


def _travel_lines(seeds: int) -> list[str]:
    found = (local_travel.rows(name, _arrays(name), seeds) for name in local_travel.ON)
    lines = [*local_travel.HEAD, *(line for rows in found for line in _said(rows))]
    return [*lines, "", local_travel.seconds_line(_arrays(local_travel.LARGE))]


def _solver_lines(arguments: argparse.Namespace) -> list[str]:
    chosen = [case for case in CASES if not arguments.case or case.name in arguments.case]
    lines = ["| instance | kind | CPU s | goal | gap | goal | plan kEUR | bound kEUR | moves |", "|---|---|---:|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    first: dict[str, tuple[float, Solution]] = {}
    for case in chosen:
        lines += _said(_rows(case, arguments.runs, first))
    if any(case.name == FRONTIER for case in chosen):
        lines += ["", _frontier_line(), "", _first_move_line(), "", *_graph_lines()]
    lines += ["", _worth_line(first), "", *peers.HEAD]
    for name in (name for name in peers.ON if name in first):
        lines += _said(peers.rows(name, _arrays(name), _read(name), first[name][1], first[name][0]))
    return lines


def _said(lines: Iterator[str]) -> Iterator[str]:
    """The lines, each told at once: a run that is broken off has not been for nothing."""
    for line in lines:
        sys.stderr.write(f"{line}\n")
        yield line


def _rows(case: Case, runs: int, first: dict[str, tuple[float, Solution]]) -> Iterator[str]:
    """The lines of an instance; `first` learns its first cold solve."""
    problem = _read(case.name)
    changed = _changed(problem)
    cold, again = [], []
    for run in range(runs):
        sys.stderr.write(f"{case.name}: run {run + 1} of {runs}\n")
        cold.append(_timed(problem, None))
        again.append(_timed(changed, WarmStart.of(cold[-1][1])))
    first[case.name] = cold[0]
    yield _row(case.name, "cold", cold, case.cold)
    yield _row(case.name, f"{CHANGED_ACCOUNTS} accounts changed", again, case.again)


def _arrays(name: str) -> dict[str, NDArray[Any]]:
    with np.load(DATA / f"{name}.npz") as arrays:
        return dict(arrays)


def _read(name: str, contiguity: Contiguity = "off") -> Problem:
    return instance(_arrays(name), contiguity=contiguity)


def _changed(problem: Problem) -> Problem:
    """Twenty accounts, drawn by seed, lose or gain up to a third of their potential."""
    rng = np.random.default_rng(1)
    chosen = rng.choice(problem.accounts, CHANGED_ACCOUNTS, replace=False)
    potential = problem.potential.copy()
    potential[chosen] *= rng.uniform(2 / 3, 4 / 3, CHANGED_ACCOUNTS)
    return replace(problem, potential=potential)


def _timed(problem: Problem, warm: WarmStart | None) -> tuple[float, Solution]:
    started = time.process_time()
    solution = rebalance(problem, Budget(EVALUATIONS, SECONDS), warm=warm)
    seconds = time.process_time() - started
    violations = verify_solution(problem, solution)
    if violations:
        raise RuntimeError(f"the plan was refuted: {violations[0]}")
    return seconds, solution


def _row(name: str, kind: str, found: list[tuple[float, Solution]], goals: tuple[float, float] | None) -> str:
    seconds = median(one for one, _ in found)
    solution = found[0][1]  # the same seed, the same plan
    times = _judged(seconds, goals[0], "{:.2f}") if goals else f"{seconds:.2f} |"
    gaps = _judged(solution.gap, goals[1], "{:.2%}") if goals else f"{solution.gap:.2%} |"
    plan, bound = solution.after.total_eur / 1000, solution.bound_eur / 1000
    return f"| {name} | {kind} | {times} | {gaps} | {plan:,.1f} | {bound:,.1f} | {len(solution.moves)} |"


def _judged(value: float, goal: float, form: str) -> str:
    return f"{form.format(value)} | ≤ {form.format(goal)}{'' if value <= goal else ' **missed**'}"


def _frontier_line() -> str:
    problem = _read(FRONTIER)
    started = time.process_time()
    points = frontier(problem, Budget(EVALUATIONS, SECONDS))
    seconds = time.process_time() - started
    gaps = ", ".join(f"{point.moves}: {point.gap:.1%}" for point in points)
    judged = _judged(seconds, FRONTIER_SECONDS, "{:.1f} s")
    return f"Frontier of {FRONTIER}, {len(points)} points: {judged.replace(' | ', ' (goal ')}). Gap by number of moves: {gaps}."


def _first_move_line() -> str:
    """From the problem to the best single move, every account and rep tried."""
    problem, took = _read(FRONTIER), []
    for _ in range(5):
        started = time.process_time()
        costs = costs_of(problem)
        plan = baseline(costs)
        moved = extended(costs, plan, most=1)
        took.append(time.process_time() - started)
        if not costs.total(moved) < costs.total(plan):
            raise RuntimeError("the first move gains nothing")
    return f"First good move of {FRONTIER}: {_judged(median(took), FIRST_MOVE_SECONDS, '{:.3f} s').replace(' | ', ' (goal ')})."


def _graph_lines() -> Iterator[str]:
    """Hard contiguity: the gap is to the bound that knows of the graph."""
    yield "| hard contiguity | CPU s | goal | gap | goal | max deviation | moves |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name in GRAPH:
        sys.stderr.write(f"{name}: hard contiguity\n")
        seconds, solution = _timed(_read(name, "hard"), None)
        worst = solution.spread_after.max_deviation_percent
        times, gaps = _judged(seconds, GRAPH_GOAL[0], "{:.1f}"), _judged(solution.gap, GRAPH_GOAL[1], "{:.1%}")
        yield f"| {name} | {times} | {gaps} | {worst:.1f} % | {len(solution.moves)} |"


def _worth_line(first: dict[str, tuple[float, Solution]]) -> str:
    moves = [move for _, solution in first.values() for move in solution.moves]
    served = [move for move in moves if move.from_rep]
    negative = sum(1 for move in served if move.worth_eur < 0)
    off = max((abs(_shares(move) - move.worth_eur) for move in moves), default=0.0)
    return (
        f"Leave-one-out worth of the {len(served)} moves of served accounts in the cold plans: {negative} below 0 EUR; over all {len(moves)}, "
        f"shares of the objective's terms and the worth differ by at most {off:.6f} EUR."
    )


def _shares(move: Move) -> float:
    w = move.worth
    return w.travel_eur + w.change_eur + w.balance_eur + w.overtime_eur + w.contiguity_eur


if __name__ == "__main__":
    sys.exit(main())
