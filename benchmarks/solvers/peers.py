"""Terradrift's plans side by side with those of other packages, each in a process of `.venv-bench`, judged by one ruler."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.settings import Contiguity
from solvers.budget import Budget
from solvers.contiguity import pieces
from solvers.few_moves import few_moves
from solvers.objective import Costs, costs_of, deviation
from solvers.penalty import HARD_HOURS
from solvers.problem import Ints, Problem
from solvers.solution import Solution

SECONDS = 60.0  # a peer that has a time limit gets so many
PATIENCE = 120.0  # then it is ended
FEW_SECONDS = 90.0
ON = {
    "g1000_10_zone_1": ("b2b-territory-optimization", "k-means-constrained", "spopt", "highspy"),
    "g1000_10_rep_1": ("b2b-territory-optimization", "highspy"),
    "g5000_50_zone_1": ("b2b-territory-optimization", "k-means-constrained", "highspy"),
    "g5000_50_rep_1": ("b2b-territory-optimization",),
    "tract42_32_zone_1": ("b2b-territory-optimization",),
}
GRAPH = ("g1000_10_zone_1", "g1000_10_rep_1")  # few moves on the neighbour graph: larger ones take minutes


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures any plan of one instance."""

    costs: Costs  # with the graph, contiguity without a price
    bound_eur: float

    def row(self, instance: str, who: str, plan: Ints, seconds: float) -> str:
        p, costs = self.costs.problem, self.costs
        load, hours = costs.loads(plan)
        today = costs.loads(p.current)[1]
        total = costs.total(plan)
        moves = int(costs.changes[np.arange(p.accounts), plan].sum())
        broken = pieces(p, plan) - pieces(p, p.current, p.current >= 0)
        over = int((hours > np.maximum(HARD_HOURS * costs.free_hours, today) + 0.01).sum())
        worst = float(np.abs(deviation(load, costs.target)).max())
        return (
            f"| {instance} | {who} | {total / 1000:,.1f} | {total / self.bound_eur - 1:.1%} | {worst:.1%} | {moves} | "
            f"{broken} | {over} | {seconds:.1f} |"
        )


HEAD = [
    "| instance | plan of | kEUR | above the bound | max deviation | moves | new breaks | reps beyond capacity | CPU s |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
]


def rows(
    instance: str, arrays: Mapping[str, NDArray[Any]], problem: Problem, solved: Solution, seconds: float
) -> Iterator[str]:
    """One line per way to a plan. `solved` and its `seconds` are the cold solve of the instance."""
    graph = costs_of(replace(problem, contiguity="hard"))
    ruler = Ruler(graph, solved.bound_eur)
    yield ruler.row(instance, "Terradrift, least EUR", _indices(problem, solved.assignment), seconds)
    ways: tuple[Contiguity, ...] = ("off", "hard") if instance in GRAPH else ("off",)
    for way in ways:
        begun = time.process_time()
        few = few_moves(replace(problem, contiguity=way), budget=Budget(seconds=FEW_SECONDS))
        name = "Terradrift, fewest moves" + (", no new break" if way == "hard" else "")
        told = (
            f"{name} (proved among the pairs tried: at least {few.least_moves})"
            if few.reached
            else f"{name}: not reached"
        )
        yield ruler.row(instance, told, _indices(problem, few.assignment), time.process_time() - begun)
    for peer in ON[instance]:
        sys.stderr.write(f"{instance}: {peer}\n")
        answer = _ask(peer, _arrays(arrays, graph))
        if isinstance(answer, str):
            yield f"| {instance} | {peer} | {answer} | | | | | | |"
        else:
            yield ruler.row(instance, peer, *answer)


def _indices(problem: Problem, assignment: tuple[str, ...]) -> Ints:
    index = {rep: j for j, rep in enumerate(problem.rep_ids)}
    return np.array([index[rep] for rep in assignment])


def _arrays(arrays: Mapping[str, NDArray[Any]], costs: Costs) -> dict[str, Any]:
    p = costs.problem
    told: dict[str, Any] = {
        "xy": arrays["xy"],
        "home": arrays["home"][arrays["alive"]],
        "edges": arrays["edges"],
        "current": p.current,
        "potential": p.potential,
        "hours": p.hours,
        "fixed": costs.fixed,
    }
    for name, penalty in (("balance", costs.balance), ("overtime", costs.overtime)):
        told |= {f"{name}_kinks": penalty.kinks, f"{name}_slopes": penalty.slopes, f"{name}_signs": penalty.signs}
    return told


def _ask(peer: str, arrays: dict[str, Any]) -> tuple[Ints, float] | str:
    """The plan and the CPU seconds of a peer, or why there is none."""
    python = Path(os.environ.get("TERRADRIFT_BENCH_VENV", ".venv-bench")).absolute() / "bin" / "python"
    if not python.exists():
        return f"not measured: no {python.parent.parent.name}, run `make bench-solvers`"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(source, **arrays)
        script = Path(__file__).with_name("peer.py")
        command = [str(python), str(script), peer, str(source), str(target), str(SECONDS)]
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            ended = subprocess.run(
                command, timeout=PATIENCE, capture_output=True, text=True, env=one_thread, check=False
            )
        except subprocess.TimeoutExpired:
            return f"no plan in {PATIENCE:.0f} s"
        if ended.returncode:
            last = (ended.stderr.strip().splitlines() or ["no word"])[-1]
            return f"failed: {last[:120]}"
        with np.load(target) as answer:
            return answer["plan"], float(answer["seconds"])
