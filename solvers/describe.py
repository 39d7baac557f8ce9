"""From a plan of indices to the answer people read: moves with worth and reason, balances, what was blocked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.explanation import MoveFacts, reason
from solvers.neighbourhood import Neighbourhood
from solvers.objective import Costs, Terms, deviation
from solvers.problem import ORPHAN, Floats, Ints, Problem
from solvers.search import GAIN
from solvers.solution import Alternative, Blocked, Holding, Move, RepBalance, Spread

BLOCKED_SHOWN = 5


def moves_of(costs: Costs, plan: Ints, currency: str = "EUR") -> tuple[Move, ...]:
    """Every account that changes hands, most worth first."""
    p = costs.problem
    after = costs.terms(plan)
    today = deviation(costs.loads(p.current)[0], costs.target)
    free = _ignoring_rules(costs, plan)
    full = p.max_moves is not None and free.moves >= p.max_moves
    changed = np.flatnonzero(plan != p.current)
    moves = [_move(costs, free, after, today, int(i), full, currency) for i in changed]
    return tuple(sorted(moves, key=lambda move: (-move.worth_eur, move.account_id)))


def _move(
    costs: Costs, free: Neighbourhood, after: Terms, today: Floats, account: int, full: bool, currency: str
) -> Move:
    p, plan = costs.problem, free.assignment
    to, current = int(plan[account]), int(p.current[account])
    others = free.joining[account] + free.leaving[account]
    back = current if current != ORPHAN else _best_allowed(costs, others, account)
    worth = after - after if back is None else costs.terms(_put(plan, account, back)) - after
    rejected = _rejected(costs, others, account, current)
    from_rep = "" if current == ORPHAN else p.rep_ids[current]
    nearer = float(p.distance_km[account, current] - p.distance_km[account, to]) if from_rep else float("nan")
    facts = MoveFacts(
        from_rep=from_rep,
        to_rep=p.rep_ids[to],
        potential_eur=float(p.potential[account]),
        hours=float(p.hours[account]),
        from_deviation=float(today[current]) if from_rep else 0.0,
        to_deviation=float(today[to]),
        km_nearer=None if np.isnan(nearer) else nearer,
        worth=worth,
    )
    return Move(
        account_id=p.account_ids[account],
        from_rep=from_rep,
        to_rep=facts.to_rep,
        potential_eur=facts.potential_eur,
        hours=facts.hours,
        km_nearer=facts.km_nearer,
        worth_eur=worth.total_eur,
        worth=worth,
        reason=reason(facts, currency),
        binding=_binding(rejected, back, full),
        rejected=rejected,
    )


def _put(plan: Ints, account: int, rep: int) -> Ints:
    changed = plan.copy()
    changed[account] = rep
    return changed


def _best_allowed(costs: Costs, others: Floats, account: int) -> int | None:
    """The best rep this account may have besides the planned one; None when there is none."""
    ways = np.where(costs.allowed[account], others, np.inf)
    best = int(ways.argmin())
    return best if np.isfinite(ways[best]) else None


def _rejected(costs: Costs, others: Floats, account: int, current: int) -> Alternative | None:
    ways = others.copy()
    if current != ORPHAN:
        ways[current] = np.inf
    best = int(ways.argmin())
    if not np.isfinite(ways[best]):
        return None
    why = "dearer" if costs.allowed[account, best] else "not eligible"
    return Alternative(costs.problem.rep_ids[best], float(ways[best]), why)


def _binding(rejected: Alternative | None, back: int | None, full: bool) -> str:
    if rejected is not None and rejected.why == "not eligible" and rejected.worse_by_eur < -GAIN:
        return "eligibility"
    if back is None:
        return "only rep"
    return "max_moves" if full else ""


def _ignoring_rules(costs: Costs, plan: Ints) -> Neighbourhood:
    """What every pair would cost if no rule forbade it."""
    everything = costs.travel + np.where(costs.changes, costs.change[:, None], 0.0)
    return Neighbourhood(replace(costs, fixed=everything), plan)


def blocked_by(costs: Costs, plan: Ints) -> tuple[Blocked, ...]:
    """The few most valuable changes that were not made, and the rule that kept each away."""
    p = costs.problem
    free = _ignoring_rules(costs, plan)
    target, change = free.best_moves(full=False)
    full = p.max_moves is not None and free.moves >= p.max_moves
    stayed = (plan == p.current) & (change < -GAIN)
    best_first = [int(i) for i in np.argsort(change, kind="stable") if stayed[i]][:BLOCKED_SHOWN]
    why = [_why_blocked(costs, i, int(target[i]), full, float(change[i])) for i in best_first]
    return tuple(
        Blocked(p.account_ids[i], p.rep_ids[target[i]], -float(change[i]), word)
        for i, word in zip(best_first, why, strict=True)
    )


def _why_blocked(costs: Costs, account: int, rep: int, full: bool, change: float) -> str:
    p = costs.problem
    if p.held[account]:
        return f"held: {p.held_because[account]}"
    if not costs.allowed[account, rep]:
        return "not eligible"
    if full:
        return f"max_moves: the limit of {p.max_moves} moves is used up"
    return "min_move_worth: earns too little" if -change < p.min_move_worth + GAIN else "the search was stopped"


def balances(costs: Costs, plan: Ints) -> dict[str, RepBalance]:
    """Every rep's holdings today and after, by rep id."""
    p = costs.problem
    before, after = _holdings(costs, p.current), _holdings(costs, plan)
    return {
        rep: RepBalance(rep, float(costs.target[j]), float(costs.free_hours[j]), before[j], after[j])
        for j, rep in enumerate(p.rep_ids)
    }


def _holdings(costs: Costs, assignment: Ints) -> list[Holding]:
    load, hours = costs.loads(assignment)
    away = deviation(load, costs.target)
    count = np.bincount(assignment[assignment >= 0], minlength=costs.problem.reps)
    return [Holding(int(count[j]), float(load[j]), float(hours[j]), float(away[j])) for j in range(len(load))]


def spread(costs: Costs, assignment: Ints) -> Spread:
    """Standard deviation over reps of potential per capacity, and the largest deviation from fair, in percent."""
    load, _ = costs.loads(assignment)
    per_capacity = load / costs.problem.capacity
    mean = per_capacity.mean()
    std = 100 * per_capacity.std() / mean if mean > 0 else 0.0
    return Spread(float(std), float(100 * np.abs(deviation(load, costs.target)).max()))


def original_order(problem: Problem, ids: tuple[str, ...], values: list[str]) -> tuple[str, ...]:
    """`values`, given per account of `ids`, in the order of the problem's accounts."""
    by_id = dict(zip(ids, values, strict=True))
    return tuple(by_id[account] for account in problem.account_ids)
