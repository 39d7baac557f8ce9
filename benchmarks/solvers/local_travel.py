"""What a plan reckons of travel beside tours that OR-Tools routes, with the way between accounts and without.

Each instance is solved both ways at the same prices, by several seeds; then every territory, today's and the plan's, is
routed, and the year driven by those tours stands beside the year that was reckoned.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.budget import Budget
from solvers.contiguity import pieces
from solvers.figures import plan_of
from solvers.instance import instance
from solvers.local_travel import with_local_travel
from solvers.objective import Costs, costs_of
from solvers.places import Places
from solvers.problem import Floats, Ints, Problem
from solvers.rebalance import rebalance
from solvers.routing import routed_tour_km
from solvers.travel import travel_of_year
from solvers.verify_claims import verify_solution

ON = (
    "g1000_10_zone_1",
    "g1000_10_rep_1",
    "g5000_50_zone_1",
    "g5000_50_rep_1",
    "tract42_32_zone_1",
    "tract42_32_rep_1",
)
HEAD = [
    "| instance | travel reckoned | today: bias | error | correlation | plan: bias | error | correlation | routed km a year, thousand | kEUR with routed travel | moves | new breaks |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
]
LARGE = "g20000_200_zone_1"
BUDGET = Budget(40_000_000, 300.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it was reckoned and as it drives; km a year of each territory."""

    reckoned: Floats  # (k,)
    routed: Floats  # (k,)
    eur: float  # the objective with the routed km
    moves: int
    breaks: int


def rows(name: str, arrays: Mapping[str, NDArray[Any]], seeds: int) -> Iterator[str]:
    """Two lines of the table; plans are means over seeds."""
    problem = instance(arrays)
    places = _places(arrays)
    routed = _routed_year(problem, places, problem.current)
    local = with_local_travel(problem, places)
    for way, posed in (("to the home", problem), ("and between accounts", local)):
        costs = costs_of(posed)
        plans = [_solved(arrays, costs, places, BUDGET.random_state + seed) for seed in range(seeds)]
        cells = [
            *_compared(_reckoned(costs, problem.current), routed),
            *_compared(np.concatenate([p.reckoned for p in plans]), np.concatenate([p.routed for p in plans])),
            f"{_mean([p.routed.sum() / 1000 for p in plans]):,.1f}",
            f"{_mean([p.eur / 1000 for p in plans]):,.1f}",
            f"{_mean([p.moves for p in plans]):.0f}",
            f"{_mean([p.breaks for p in plans]):.0f}",
        ]
        yield f"| {name} | {way} | {' | '.join(cells)} |"


def seconds_line(arrays: Mapping[str, NDArray[Any]]) -> str:
    """What it costs to tell the way between accounts of a large region."""
    problem, took = instance(arrays), []
    for _ in range(5):
        started = time.process_time()
        with_local_travel(problem, _places(arrays))
        took.append(time.process_time() - started)
    return f"The ways of {problem.accounts:,} accounts to {problem.reps} reps: {median(took):.2f} s of CPU."


def _places(arrays: Mapping[str, NDArray[Any]]) -> Places:
    return Places(arrays["xy"], arrays["home"][arrays["alive"]], geographic=False)


def _solved(arrays: Mapping[str, NDArray[Any]], costs: Costs, places: Places, seed: int) -> Plan:
    problem = costs.problem
    solution = rebalance(problem, replace(BUDGET, random_state=seed))
    violations = verify_solution(problem, solution)
    if violations:
        raise RuntimeError(f"the plan was refuted: {violations[0]}")
    plan = plan_of(problem, dict(zip(solution.account_ids, solution.assignment, strict=True)))
    routed, terms = _routed_year(problem, places, plan), costs.terms(plan)
    graph = replace(problem, edges=arrays["edges"], contiguity="hard")
    return Plan(
        reckoned=_reckoned(costs, plan),
        routed=routed,
        eur=terms.total_eur - terms.travel_eur + float(routed.sum()) * problem.weights.travel_per_km,
        moves=len(solution.moves),
        breaks=pieces(graph, plan) - pieces(graph, problem.current, problem.current >= 0),
    )


def _reckoned(costs: Costs, plan: Ints) -> Floats:
    """(k,) km a year of each territory by the linear term of the objective."""
    served = np.flatnonzero(plan >= 0)
    return np.bincount(plan[served], costs.km[served, plan[served]], costs.problem.reps).astype(np.float64)


def _routed_year(problem: Problem, places: Places, plan: Ints) -> Floats:
    """(k,) km a year of each territory by a routed tour and the ways home. RuntimeError where routing cannot say."""
    years = np.zeros(problem.reps)
    for j in range(problem.reps):
        own = np.flatnonzero(plan == j)
        tour = routed_tour_km(places.accounts[own])
        if tour is None:
            raise RuntimeError(f"no tour through the {len(own)} accounts of {problem.rep_ids[j]}")
        told = travel_of_year(places.accounts[own], problem.visits[own], places.homes[j], problem.weights, tour=tour)
        years[j] = told.year_km
    return years


def _compared(reckoned: Floats, routed: Floats) -> tuple[str, str, str]:
    """Bias of the sum, mean error of a territory after one factor for all, correlation."""
    scaled = reckoned * routed.sum() / reckoned.sum()
    error = float(np.mean(np.abs(scaled - routed) / routed))
    bias, alike = float(reckoned.sum() / routed.sum() - 1), float(np.corrcoef(reckoned, routed)[0, 1])
    return f"{bias:+.1%}", f"{error:.1%}", f"{alike:.3f}"


def _mean(values: list[float] | list[int]) -> float:
    return float(np.mean(values))
