"""As few moves as possible until no territory is further from its fair share than told, breaking no rule on the way.

The same walk as for the objective, over another one: a fixed price per move, and steep prices for deviation beyond the
tolerance and for hours beyond capacity. No new piece of a territory where a neighbour graph is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solvers.budget import Budget, Meter
from solvers.objective import Costs, costs_of, deviation
from solvers.penalty import Penalty
from solvers.problem import Bools, Floats, Ints, Problem
from solvers.search import CHUNK, cheapest_insertion
from solvers.walk import Walk

WAYS = 12  # nearest reps an account may go to
STEPS_PER_ACCOUNT = 1_200
PRICE = 1.0  # of a move; the unit of this objective
DEVIATION_PRICE = 150.0  # per fair share of potential beyond the tolerance, as much more beyond each further knee
KNEES = (1.0, 2.0, 4.0, 8.0)  # tolerances; rising, so that a shortage is worth spreading over neighbours
HOURS_PRICE = 300.0  # per free hours of a rep beyond capacity
MARGIN = 0.999  # of the tolerance, so that rounding keeps within
HOT, COLD = 1.5, 0.05
WALKS = 3


@dataclass(frozen=True, slots=True)
class FewMoves:
    assignment: tuple[str, ...]  # rep id per account
    moves: int  # accounts that change their rep; orphans do not count
    max_deviation: float  # share
    reached: bool  # within the tolerance, and nobody above capacity who was not before
    stopped_by: str


def few_moves(problem: Problem, tolerance: float = 0.03, budget: Budget | None = None) -> FewMoves:
    """The plan with the fewest moves found whose largest deviation from the fair share is at most `tolerance`.

    Capacity are the free hours of a rep, or today's where they are more. With `problem.edges` no territory falls into
    more pieces than today.
    """
    meter = Meter(budget or Budget(evaluations=60_000_000, seconds=120))
    ruled = replace(problem, contiguity="off" if problem.edges is None else "hard", max_moves=None)
    costs = costs_of(ruled)
    counted = _counting(costs, tolerance * MARGIN)
    start = cheapest_insertion(replace(counted, changes=costs.changes), problem.current)
    best = start
    for number in range(WALKS):
        best = min(best, _walk(counted, best, meter, number), key=counted.total)
    load, hours = costs.loads(best)
    worst = float(np.abs(deviation(load, costs.target)).max())
    capacity = _capacity(costs)
    return FewMoves(
        assignment=tuple(problem.rep_ids[j] for j in best),
        moves=int(costs.changes[np.arange(len(best)), best].sum()),
        max_deviation=worst,
        reached=worst <= tolerance and bool((hours <= capacity * (1 + 1e-9)).all()),
        stopped_by=meter.stopped_by,
    )


def _counting(costs: Costs, tolerance: float) -> Costs:
    """The same accounts and rules, where only moves, deviation beyond the tolerance and breach of capacity cost."""
    target, capacity = costs.target, _capacity(costs)
    kinks = np.array([target * (1 + side * knee * tolerance) for side in (1, -1) for knee in KNEES])
    fair = max(float(target.mean()), 1e-9)
    signs = (1,) * len(KNEES) + (-1,) * len(KNEES)
    balance = Penalty(kinks, signs, (DEVIATION_PRICE / fair,) * len(signs))
    overtime = Penalty(capacity[None, :], (1,), (HOURS_PRICE / max(float(costs.free_hours.mean()), 1e-9),))
    far = 1e-3 * costs.travel / max(float(costs.travel.mean()), 1e-9)  # among equals the nearer
    fixed = np.where(costs.allowed, PRICE * costs.changes + far, np.inf)
    zero = np.zeros_like(costs.change)
    return replace(costs, fixed=fixed, travel=fixed, change=zero, balance=balance, overtime=overtime)


def _capacity(costs: Costs) -> Floats:
    """(k,) hours a year."""
    return np.maximum(costs.free_hours, costs.loads(costs.problem.current)[1])


def _walk(costs: Costs, start: Ints, meter: Meter, number: int) -> Ints:
    walk = Walk(costs, start, _nearest(costs), meter.budget.random_state + number)
    wanted = STEPS_PER_ACCOUNT * walk.free
    steps, done = min(wanted, meter.left), 0
    hot = HOT if number == 0 else HOT / 2
    while done < steps and not meter.clock_expired():
        chunk = min(CHUNK, steps - done)
        walk.go(hot * (COLD / hot) ** (done / wanted), hot * (COLD / hot) ** ((done + chunk) / wanted), chunk)
        done += chunk
    meter.exhausted(done)
    return walk.plan


def _nearest(costs: Costs) -> Bools:
    """(n, k) the few nearest reps of each account."""
    distance = np.where(costs.allowed, np.nan_to_num(costs.problem.distance_km, nan=0.0), np.inf)
    few = min(WAYS, distance.shape[1])
    return np.asarray(distance <= np.partition(distance, few - 1, axis=1)[:, few - 1 : few])
