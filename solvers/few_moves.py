"""As few moves as possible until no territory is further from its fair share than told, breaking no rule on the way.

Unlike `rebalance` this minimises the number of moves, not EUR: for a manager who asks how few changes restore balance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from schemas.settings import Contiguity
from solvers.budget import Budget, Meter
from solvers.few_moves_model import Counted, FewMovesModel, Wish
from solvers.few_moves_pairs import DONORS, bordering_pairs, capacity_of, free_pairs, neighbours
from solvers.objective import Costs, costs_of, deviation
from solvers.orphans import baseline
from solvers.penalty import HARD_HOURS
from solvers.problem import Problem, reorder
from solvers.rebalance import described, lower_bound
from solvers.search import cheapest_insertion
from solvers.solution import Solution

MOST_PAIRS = 12_000  # of account and rep in the last programme
WORK_PER_EVALUATION = 6e-7  # CP-SAT's deterministic units, each about a second of one core: 12 for a usual budget


@dataclass(frozen=True, slots=True)
class FewMoves:
    assignment: tuple[str, ...]  # rep id per account, in the problem's order
    moves: int  # accounts that change their rep; orphans do not count
    least_moves: int  # no plan made of the pairs looked at has fewer; 0 when nothing was proved
    max_deviation: float  # share
    reached: bool  # within the tolerance, and nobody above capacity who was not before
    stopped_by: str


def few_moves(
    problem: Problem, tolerance: float = 0.03, budget: Budget | None = None, capacity: float = HARD_HOURS
) -> FewMoves:
    """The plan with the fewest moves found whose largest deviation from the fair share is at most `tolerance`.

    No rep's hours pass `capacity` times its free hours, or today's where they are more. Where contiguity is "hard" or
    "preferred", no territory falls into more pieces than today. When no such plan is found: today's, with `reached`
    False. The order of accounts and reps changes nothing.
    """
    meter = Meter(budget or Budget(seconds=300))
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    graph: Contiguity = "off" if problem.contiguity == "off" else "hard"
    costs = costs_of(replace(reorder(problem, accounts, reps), contiguity=graph, max_moves=None))
    wish = Wish(tolerance, capacity_of(costs, capacity))
    found = _search(costs, wish, meter)
    plan = cheapest_insertion(costs, costs.problem.current) if found is None else found.plan
    load, hours = costs.loads(plan)
    worst = float(np.abs(deviation(load, costs.target)).max())
    names = dict(zip(costs.problem.account_ids, (costs.problem.rep_ids[j] for j in plan), strict=True))
    return FewMoves(
        assignment=tuple(names[account] for account in problem.account_ids),
        moves=int(costs.changes[np.arange(len(plan)), plan].sum()),
        least_moves=0 if found is None else found.least,
        max_deviation=worst,
        reached=worst <= tolerance + 1e-9 and bool((hours <= wish.capacity + 0.01 * len(plan)).all()),
        stopped_by=meter.stopped_by,
    )


def explained(problem: Problem, found: FewMoves, budget: Budget | None = None) -> Solution:
    """The plan of few moves as `rebalance` tells its own: worths, shares, and the bound over all plans of least EUR."""
    meter = Meter(budget or Budget(seconds=300))
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    costs = costs_of(reorder(problem, accounts, reps))
    place = {rep: j for j, rep in enumerate(costs.problem.rep_ids)}
    plan = np.array([place[found.assignment[i]] for i in accounts], dtype=np.int64)
    return described(problem, costs, plan, baseline(costs), lower_bound(costs, meter), meter)


def _search(costs: Costs, wish: Wish, meter: Meter) -> Counted | None:
    """The best plan over ever wider choices of pairs; the widest are left out once no plan can have fewer moves."""
    work = WORK_PER_EVALUATION * meter.budget.evaluations
    near = neighbours(costs) if costs.problem.contiguity == "hard" else []
    away = deviation(costs.loads(costs.problem.current)[0], costs.target)
    surely = int((away > wish.tolerance).sum())  # each of them has to give something
    best: Counted | None = None
    for pairs in _choices(costs, wish, near):
        if meter.clock_expired() or (best is not None and (near or best.moves <= surely)):
            break
        found = FewMovesModel(costs, wish, pairs, near, work, meter.budget.seconds).fewest(
            None if best is None else best.plan
        )
        if found is not None and (best is None or found.moves < best.moves):
            best = found
    return best


def _choices(costs: Costs, wish: Wish, near: list[list[int]]) -> Iterator[dict[tuple[int, int], int]]:
    """Pairs to try, more of them each time."""
    if not near:
        yield free_pairs(costs, wish.tolerance, DONORS, -wish.tolerance)
        yield free_pairs(costs, wish.tolerance, DONORS, np.inf)
        if (many := MOST_PAIRS // costs.problem.reps**2) > DONORS:
            yield free_pairs(costs, wish.tolerance, many, np.inf)
        return
    yield bordering_pairs(costs, near)
    yield bordering_pairs(costs, near, wide=2)
    yield bordering_pairs(costs, near, wide=3, deep=0.01)
