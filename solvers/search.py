"""Local search: from today's assignment to a plan of few moves, best first; then pairs of moves; then seeded kicks."""

from __future__ import annotations

import numpy as np

from solvers.budget import Meter
from solvers.neighbourhood import Neighbourhood
from solvers.objective import Costs
from solvers.problem import ORPHAN, Ints

GAIN = 0.01  # EUR a year below which a change is noise
PAIR_STARTS = 150  # cheapest single moves tried as the first of a pair
KICKS = 200  # kicks without a gain after which the search has converged
KICK_SIZE = 4  # accounts thrown over by a kick


def cheapest_insertion(costs: Costs, assignment: Ints) -> Ints:
    """Give every orphan of `assignment` (n,) a rep, the largest first, each where it costs least at that moment."""
    plan = assignment.copy()
    load, hours = costs.loads(plan)
    p = costs.problem
    for i in sorted(np.flatnonzero(plan == ORPHAN), key=lambda i: -p.potential[i]):
        balance = costs.balance(load + p.potential[i]) - costs.balance(load)
        overtime = costs.overtime(hours + p.hours[i]) - costs.overtime(hours)
        j = int((costs.fixed[i] + balance + overtime).argmin())
        plan[i] = j
        load[j] += p.potential[i]
        hours[j] += p.hours[i]
    return plan


def improve(costs: Costs, starts: list[Ints], meter: Meter, hurdle: float) -> Ints:
    """The best plan reached from any of the complete `starts`; never worse than the best of them, hurdles included."""
    best: Neighbourhood | None = None
    for start in starts:
        plan = Neighbourhood(costs, start, hurdle)
        _descend(plan, meter)
        if best is None or plan.total() < best.total() - GAIN:
            best = plan
    if best is None:
        raise ValueError("a search needs at least one start")
    _kick(best, meter)
    return best.assignment


def _descend(plan: Neighbourhood, meter: Meter) -> None:
    """Single moves until none gains, then pairs of moves, round again."""
    while True:
        _single_moves(plan, meter)
        if meter.exhausted(0) or not _pair(plan, meter):
            return


def _full(plan: Neighbourhood) -> bool:
    most = plan.costs.problem.max_moves
    return most is not None and plan.moves >= most


def _single_moves(plan: Neighbourhood, meter: Meter) -> None:
    while not meter.exhausted(_spent(plan)):
        target, change = plan.best_moves(_full(plan))
        account = int(change.argmin())
        if change[account] > -GAIN:
            return
        plan.move(account, int(target[account]))


def _spent(plan: Neighbourhood) -> int:
    spent, plan.evaluations = plan.evaluations, 0
    return spent


def _pair(plan: Neighbourhood, meter: Meter) -> bool:
    """Two moves that gain together though neither does alone: a swap, a chain, or one change given up for another.

    When the limit on moves is reached the first move is a change taken back. Applies the first pair that gains.
    """
    target, change = plan.best_moves(_full(plan))
    for account in _first_moves(plan, change):
        if meter.exhausted(_spent(plan)):
            return False
        old = plan.move(account, int(target[account]))
        other, second = plan.best_moves(_full(plan))
        second[account] = np.inf
        partner = int(second.argmin())
        if change[account] + second[partner] < -GAIN:
            plan.move(partner, int(other[partner]))
            return True
        plan.move(account, old)
    return False


def _first_moves(plan: Neighbourhood, change: np.ndarray) -> list[int]:
    order = np.argsort(change, kind="stable")[:PAIR_STARTS]
    return [int(i) for i in order if np.isfinite(change[i])]


def _kick(best: Neighbourhood, meter: Meter) -> None:
    """Throw a few neighbouring accounts over, descend by single moves, keep what gains; seeded."""
    random = np.random.default_rng(meter.budget.random_state)
    trial, idle = best.copy(), 0
    total = best.total()
    while idle < KICKS and not meter.exhausted(0):
        if not _throw(trial, random):
            return
        _single_moves(trial, meter)
        found = trial.total()
        within = best.costs.problem.max_moves is None or trial.moves <= best.costs.problem.max_moves
        if within and found < total - GAIN:
            best.copy_from(trial)
            total, idle = found, 0
        else:
            trial.copy_from(best)
            idle += 1


def _throw(plan: Neighbourhood, random: np.random.Generator) -> bool:
    """Move a few accounts to a rep drawn among their cheap ones; False when nothing can move."""
    full = _full(plan)
    _, change = plan.best_moves(full)
    free = np.flatnonzero(np.isfinite(change))
    if not len(free):
        return False
    cheap = free[np.argsort(change[free], kind="stable")[: max(PAIR_STARTS, len(free) // 4)]]
    for account in random.choice(cheap, min(KICK_SIZE, len(cheap)), replace=False):
        if _full(plan) and not full:
            break
        ways = np.flatnonzero(np.isfinite(plan.joining[account]))
        near = ways[np.argsort(plan.joining[account, ways], kind="stable")[:3]]
        if len(near):
            plan.move(int(account), int(random.choice(near)))
    return True
