"""`python -m benchmarks.solvers`: the instance files, cold and after a change; into RESULTS.md with --write.

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

import numpy as np

from benchmarks.results import conditions, write_section
from solvers.budget import Budget
from solvers.frontier import frontier
from solvers.instance import instance
from solvers.problem import Problem
from solvers.ready import make_ready
from solvers.rebalance import rebalance
from solvers.solution import Solution
from solvers.verify import verify_solution
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solvers", description=__doc__)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--runs", type=int, default=3, help="solves of each kind; medians are told (default 3)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.stderr.write(f"benchmark: no folder {DATA}; set TERRADRIFT_DATA\n")
        return 1
    make_ready()
    chosen = [case for case in CASES if not arguments.case or case.name in arguments.case]
    lines = ["| instance | kind | CPU s | goal | gap | goal | plan kEUR | bound kEUR | moves |", "|---|---|---:|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for case in chosen:
        lines += _rows(case, arguments.runs)
    if any(case.name == FRONTIER for case in chosen):
        lines += ["", _frontier_line()]
    text = "\n".join([conditions("terradrift", "numpy", "numba", "ortools"), "", *lines])
    if arguments.write:
        write_section("solvers", text)
    sys.stdout.write(text + "\n")
    return 0


def _rows(case: Case, runs: int) -> Iterator[str]:
    problem = _read(case.name)
    changed = _changed(problem)
    cold, again = [], []
    for run in range(runs):
        sys.stderr.write(f"{case.name}: run {run + 1} of {runs}\n")
        first = _timed(problem, None)
        cold.append(first)
        again.append(_timed(changed, WarmStart.of(first[1])))
    yield _row(case.name, "cold", cold, case.cold)
    yield _row(case.name, f"{CHANGED_ACCOUNTS} accounts changed", again, case.again)


def _read(name: str) -> Problem:
    with np.load(DATA / f"{name}.npz") as arrays:
        return instance(arrays)


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


if __name__ == "__main__":
    sys.exit(main())
