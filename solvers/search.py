"""Local search: from today's assignment to a plan of few moves, best first; then pairs of moves; then seeded kicks."""

from __future__ import annotations

import numpy as np

from solvers.budget import Meter
from solvers.neighbourhood import Neighbourhood
from solvers.objective import Costs
from solvers.problem import ORPHAN, Floats, Ints

GAIN = 0.01  # EUR a year below which a change is noise
ROUGH_HURDLE = 1000.0  # EUR asked of each change on top, in the rough search
PAIR_STARTS = 150  # cheapest single moves tried as the first of a pair
KICKS = 200  # kicks without a gain after which the search has converged
KICKS_PER_ACCOUNT = 2  # a small problem converges sooner
KICK_SIZE = 3  # accounts thrown over by a kick, at most
KICK_REPS = 3  # cheapest reps a thrown account may land at
KICK_EASE = 500.0  # EUR; accounts whose move costs much more are rarely thrown


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
    """The best plan reached from complete `starts` (at least one); never worse than the best of them within the limit.

    Single moves from every start; from the best of them pairs of moves; once more from the same start roughly, with
    large moves only; then kicks from the better of the two. `hurdle` EUR are asked of each change.
    """
    plans = [Neighbourhood(costs, start, hurdle) for start in starts]
    for plan in plans:
        _within_limit(plan)
        _single_moves(plan, meter)
    fine = min(plans, key=Neighbourhood.total)
    _descend(fine, meter)
    rough = _roughly_first(costs, starts[plans.index(fine)], meter, hurdle)
    best = min((fine, rough), key=Neighbourhood.total)
    _kick(best, meter, meter.budget.evaluations)
    return best.assignment


def _roughly_first(costs: Costs, start: Ints, meter: Meter, hurdle: float) -> Neighbourhood:
    """A plan of few large moves, then refined: small moves made early hide combinations of large accounts."""
    rough = Neighbourhood(costs, start, hurdle + ROUGH_HURDLE)
    _within_limit(rough)
    _descend(rough, meter)
    _kick(rough, meter, (meter.evaluations + meter.budget.evaluations) // 2)
    refined = Neighbourhood(costs, rough.assignment, hurdle)
    _descend(refined, meter)
    return refined


def worthwhile(costs: Costs, plan: Ints, otherwise: Ints) -> Ints:
    """`plan` (n,) without the changes that earn too little given the others; `otherwise` if nothing is gained."""
    kept = Neighbourhood(costs, plan)
    while True:
        account, worth = _least_worth(kept)
        if worth >= costs.problem.min_move_worth:
            break
        kept.move(account, int(costs.problem.current[account]))
    return kept.assignment if costs.total(kept.assignment) <= costs.total(otherwise) else otherwise


def _least_worth(plan: Neighbourhood) -> tuple[int, float]:
    """The changed account that would cost least to put back, and that cost in EUR; inf when none has changed."""
    current = plan.costs.problem.current
    changed = np.flatnonzero((plan.assignment != current) & (current != ORPHAN))
    if not len(changed):
        return -1, np.inf
    worth = plan.joining[changed, current[changed]] + plan.leaving[changed]
    least = int(worth.argmin())
    return int(changed[least]), float(worth[least])


def _within_limit(plan: Neighbourhood) -> None:
    """Put changes back, the least worth first, until the limit on moves holds."""
    most = plan.costs.problem.max_moves
    while most is not None and plan.moves > most:
        account, _ = _least_worth(plan)
        plan.move(account, int(plan.costs.problem.current[account]))


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
    for account in _first_moves(change):
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


def _first_moves(change: Floats) -> list[int]:
    order = np.argsort(change, kind="stable")[:PAIR_STARTS]
    return [int(i) for i in order if np.isfinite(change[i])]


def _kick(best: Neighbourhood, meter: Meter, evaluations: int) -> None:
    """Throw a few accounts over, descend by single moves, keep what gains; seeded, until so many evaluations in all."""
    random = np.random.default_rng(meter.budget.random_state)
    trial, idle = best.copy(), 0
    total = best.total()
    patience = min(KICKS, KICKS_PER_ACCOUNT * len(best))
    while idle < patience and meter.evaluations < evaluations and not meter.exhausted(0):
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
    """Move one to three accounts to a rep among their cheapest; False when nothing can move.

    Large accounts whose move costs little are drawn most often: they open what single moves cannot reach.
    """
    full = _full(plan)
    _, change = plan.best_moves(full)
    free = np.flatnonzero(np.isfinite(change))
    if not len(free):
        return False
    odds = (1.0 + plan.costs.problem.potential[free]) / (np.maximum(change[free], 0.0) + KICK_EASE)
    size = min(int(random.integers(1, KICK_SIZE + 1)), len(free))
    for account in random.choice(free, size, replace=False, p=odds / odds.sum()):
        if _full(plan) and not full:
            break
        ways = np.flatnonzero(np.isfinite(plan.joining[account]))
        near = ways[np.argsort(plan.joining[account, ways], kind="stable")[:KICK_REPS]]
        if len(near):
            plan.move(int(account), int(random.choice(near)))
    return True
