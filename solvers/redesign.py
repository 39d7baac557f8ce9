"""The yearly redesign: the best territories from scratch for the reps there are, and the way there in stages.

From scratch means that no relation counts: every account that may move is free, and change costs nothing. The way there is
a row of rebalancings that may only move accounts to where the design has them, each within the change budget, each
cheaper to run than the one before; the judge lets each pass. Costs are running costs: without the one-off price of change,
which each stage tells apart. Where accounts of nobody cannot be placed by the rules, these give by the least, and it is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from schemas.rows import MoveRow, PlanFigures
from solvers.budget import Budget
from solvers.contiguity import pieces
from solvers.describe import moves_of
from solvers.figures import by_ids, figures, plan_of
from solvers.limited import rebalance_within
from solvers.objective import Costs, costs_of
from solvers.problem import ORPHAN, Ints, Problem, ProblemError
from solvers.relief import Relief, relief_of, relieved
from solvers.search import GAIN, worths
from solvers.situation import Situation
from solvers.solution import Solution
from solvers.telling import move_row
from solvers.verify import verify

MOST_STAGES = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """`figures` after the stage, without the price of change; `change_eur` is what its own moves cost once."""

    number: int
    moves: tuple[MoveRow, ...]
    figures: PlanFigures
    change_eur: float
    potential_moved_eur: float


@dataclass(frozen=True, slots=True)
class Redesign:
    """`bound_eur`: no territories of these reps are cheaper to run. `left_out` accounts stay where they are, because no stage
    within the budget that moves them is cheaper to run than the one before. `notes`: what rules had to give."""

    region_id: str
    today: PlanFigures
    target: PlanFigures
    bound_eur: float
    gap_share: float
    stages: tuple[Stage, ...]
    left_out: tuple[str, ...]
    stopped_by: str
    notes: tuple[str, ...] = ()


def redesign(
    situation: Situation, stage_moves: int | None, stage_potential_eur: float | None, budget: Budget | None = None
) -> Redesign:
    """Territories from scratch and the stages to them; a stage moves at most so many accounts and so much potential."""
    problem, places = by_ids(situation.problem, situation.places)
    # The way between accounts is told from today's territories, which the design leaves behind: only the way home counts.
    unbound = replace(problem, max_moves=None, move_budget=None, rep_move_budget=None, detour_km=None)
    free = _without_change(unbound)
    # Pieces are counted from today's: without them a design would begin with one account each. Change costs nothing anyway.
    begin = free.current if free.contiguity != "off" else np.where(free.held, free.current, ORPHAN)
    from_scratch = _relieved(replace(free, current=begin))
    scratch = rebalance_within(from_scratch, budget)
    free = _giving_as(free, from_scratch)
    target = _plan(free, scratch)
    running = costs_of(free)
    stages, noticed = [], list(free.noticed)
    plan = free.current
    for number in range(1, MOST_STAGES + 1):
        stage, after = _step(_towards(free, plan, target, stage_moves, stage_potential_eur), free, target, budget)
        noticed += [verdict for verdict in stage.problem.noticed if verdict not in noticed]
        if (after == plan).all():
            break
        moved = np.flatnonzero((after != plan) & (plan != ORPHAN))
        stages.append(
            Stage(
                number=number,
                moves=tuple(move_row(move) for move in moves_of(stage, after, situation.currency)),
                figures=figures(running, after, places),
                change_eur=_price_of_change(problem, moved),
                potential_moved_eur=float(problem.potential[moved].sum()),
            )
        )
        plan = after
    return Redesign(
        region_id=situation.region_id,
        today=figures(running, free.current, places),
        target=figures(running, target, places),
        bound_eur=scratch.bound_eur,
        gap_share=scratch.gap,
        stages=tuple(stages),
        left_out=tuple(problem.account_ids[i] for i in np.flatnonzero(plan != target)),
        stopped_by=scratch.stopped_by,
        notes=tuple(str(verdict) for verdict in noticed),
    )


def _without_change(problem: Problem) -> Problem:
    weights = problem.weights.model_copy(update={"handover": 0.0, "churn_share": 0.0})
    return replace(problem, weights=weights, min_move_worth=0.0)


def _relieved(problem: Problem) -> Problem:
    return relieved(problem, relief_of(problem))


def _giving_as(problem: Problem, given: Problem) -> Problem:
    """The problem with the rules of another one, which gave."""
    rules = ("most_accounts", "more_pieces", "apart", "noticed")
    return replace(problem, **{rule: getattr(given, rule) for rule in rules})


def _step(direct: Problem, free: Problem, target: Ints, budget: Budget | None) -> tuple[Costs, Ints]:
    """One stage, and (n,) who serves whom after it. While the others have not moved yet, an account of nobody may have no way to
    its place in the design: then it may go to any rep that may have it, and only where that does not help either do rules give."""
    if _has_a_way(direct):
        costs = costs_of(direct)
        after = _next(costs, target, budget)
        if (after != ORPHAN).all():
            return costs, after
    eligible = np.where(direct.orphan[:, None], free.allowed(), direct.allowed())
    costs = costs_of(_relieved(replace(direct, eligible=eligible)))
    return costs, _next(costs, target, budget)


def _has_a_way(problem: Problem) -> bool:
    try:
        return relief_of(problem) == Relief()
    except ProblemError:
        return False


def _pieces_left(problem: Problem, plan: Ints) -> int:
    """Pieces that a plan may have more than `plan`, so that no row of stages has more than the rules gave once."""
    if problem.contiguity != "hard":
        return problem.more_pieces
    served, now = ~problem.orphan, plan != ORPHAN
    return max(pieces(problem, problem.current, served) + problem.more_pieces - pieces(problem, plan, now), 0)


def _towards(problem: Problem, plan: Ints, target: Ints, moves: int | None, potential_eur: float | None) -> Problem:
    """The problem of one stage: from `plan`, only to where the design has an account."""
    eligible = np.zeros((problem.accounts, problem.reps), np.bool_)
    eligible[np.arange(problem.accounts), target] = True
    return replace(
        problem,
        current=plan,
        eligible=eligible,
        max_moves=moves,
        move_budget=potential_eur,
        more_pieces=_pieces_left(problem, plan),
    )


def _next(costs: Costs, target: Ints, budget: Budget | None) -> Ints:
    """(n,) the cheapest plan found for a stage: by rebalancing, or by going the whole way and giving up, one after the other,
    the moves that matter least, until it fits: some territories only gain when many accounts move at once."""
    p = costs.problem
    found = [_plan(p, rebalance_within(p, budget)), _given_up(costs, target)]
    good = [plan for plan in found if not verify(p, [p.rep_ids[j] for j in plan])]
    if not good:
        return p.current
    cheapest = min(good, key=costs.total)
    placed = p.orphan.any()
    return cheapest if placed or costs.total(cheapest) < costs.total(p.current) - GAIN else p.current


def _given_up(costs: Costs, target: Ints) -> Ints:
    p, plan = costs.problem, target.copy()
    most = np.inf if p.max_moves is None else p.max_moves
    most_eur = np.inf if p.move_budget is None else p.move_budget
    moved = np.flatnonzero(costs.changes[np.arange(p.accounts), plan])
    while len(moved) > most or float(p.potential[moved].sum()) > most_eur:
        worth = worths(costs, plan, moved)
        least = int((worth / np.maximum(p.potential[moved], 1.0) if len(moved) <= most else worth).argmin())
        plan[moved[least]] = p.current[moved[least]]
        moved = np.delete(moved, least)
    return plan


def _plan(problem: Problem, solution: Solution) -> Ints:
    return plan_of(problem, dict(zip(solution.account_ids, solution.assignment, strict=True)))


def _price_of_change(problem: Problem, moved: Ints) -> float:
    return float(costs_of(problem).change[moved].sum())
