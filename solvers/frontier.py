"""How much each further move buys: for a rising number of moves the best plan found, and what no plan of so many can beat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from solvers.bound import Bound
from solvers.budget import Budget, Meter
from solvers.describe import spread
from solvers.dual import best_prices
from solvers.families import blocks_of
from solvers.figures import plan_of
from solvers.first_moves import extended
from solvers.limited import Limits, best_within, in_blocks, is_limited, others_may_join
from solvers.objective import Costs, costs_of
from solvers.orphans import baseline
from solvers.problem import Ints, Problem, ProblemError, reorder
from solvers.search import Cooling, improve, keeps_rules, keeps_today

COUNTS = (1, 2, 3, 5, 10, 20, 34, 50, 75, 100, 200, 300)
QUICK = (Cooling(0.05, 0.004, 0.0001, 0.025),)
TEMPERATURES = (5.0, 1.0)  # EUR, of the prices from one number of moves to the next


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The best plan found with at most `moves` changed accounts. Orphans are placed and do not count."""

    moves: int
    plan_eur: float
    bound_eur: float  # no plan with so many moves costs less
    gap: float
    balance_eur: float
    overtime_eur: float
    max_deviation_percent: float
    std_percent: float
    stopped_by: str
    changes: tuple[tuple[str, str], ...] = ()  # (account, rep) of everybody who changes hands, orphans too, by account


def frontier(
    problem: Problem, budget: Budget, counts: Iterable[int] = COUNTS, known: Mapping[str, str] | None = None
) -> tuple[FrontierPoint, ...]:
    """One point per number of moves, rising. Each bound is taken over all reps at its own price of a move.

    A plan of fewer moves is a plan of more, and a bound on more moves is a bound on fewer: both are handed on. `known` is a plan
    that keeps the rules (account -> rep), from a longer search: it stands wherever no better one is found. Numbers
    of moves with which the orphans cannot be placed by the rules have no point. Families and budgets of potential are
    kept by every plan; the bounds know the families and the budget of the region, not that of each rep.
    """
    meter = Meter(budget)
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    problem = reorder(problem, accounts, reps)  # the order in which they are told changes nothing
    if is_limited(problem):
        problem = replace(problem, min_move_worth=0.0)  # here every move that gains is told
    free, block = costs_of(problem), blocks_of(problem)
    free_blocks = in_blocks(free, block)
    nothing, plan, prices, points = None, None, None, []
    found_before = None if known is None else plan_of(problem, known)
    for most in sorted(set(counts)):
        whole, costs = _at_most(free, most), _at_most(free_blocks, most)
        nothing = _beginning(whole, costs, block) if nothing is None else nothing
        if nothing is None:
            continue
        plan = nothing if plan is None else plan
        bound = best_prices(costs, prices, meter.clock_expired, () if prices is None else TEMPERATURES)
        prices = bound.prices
        single = extended(costs, plan, most=1) if most == 1 and _free(problem) else None
        if is_limited(problem):
            plan, bound = _within_limits(costs, plan, bound, meter, Limits(whole, block, nothing))
        else:
            plan = _with_more_moves(costs, plan, bound, meter)
        if others_may_join(problem, block):
            bound = best_prices(whole, prices, meter.clock_expired)
        proved = bound.value if single is None else max(bound.value, costs.total(single))  # all were tried
        points.append(_point(whole, _better(whole, plan[block], found_before), proved, most, meter))
    return _handed_on(points)


def _at_most(costs: Costs, moves: int) -> Costs:
    return replace(costs, problem=replace(costs.problem, max_moves=moves))


def _beginning(whole: Costs, costs: Costs, block: Ints) -> Ints | None:
    """The plan of blocks that does nothing but place the orphans, if there is one with so few moves."""
    try:
        plan = baseline(costs)
    except ProblemError:
        return None
    fits = not is_limited(whole.problem) or (Limits(whole, block, plan).hold(plan) and keeps_today(whole, plan[block]))
    return plan if fits else None


def _with_more_moves(costs: Costs, plan: Ints, bound: Bound, meter: Meter) -> Ints:
    """The best plan found within the limit, from one with fewer moves."""
    starts = [extended(costs, plan)]
    starts += [other for other in (plan, bound.plan) if keeps_rules(costs, other, plan)]
    return improve(costs, bound, starts, meter, hurdle=0.0, coolings=QUICK)


def _within_limits(costs: Costs, plan: Ints, bound: Bound, meter: Meter, limits: Limits) -> tuple[Ints, Bound]:
    """The same where families and budgets bind, and the bound that knows the budget."""
    starts = [extended(costs, plan, holds=limits.hold), plan]
    return best_within(costs, bound, meter, limits, starts, QUICK, QUICK)


def _better(costs: Costs, plan: Ints, known: Ints | None) -> Ints:
    """The cheaper one, if the other has no more moves than there may be."""
    if known is None or costs.terms(known).accounts_changed > (costs.problem.max_moves or 0):
        return plan
    return min(plan, known, key=costs.total)


def _point(costs: Costs, plan: Ints, bound: float, most: int, meter: Meter) -> FrontierPoint:
    terms, uneven = costs.terms(plan), spread(costs, plan)
    return FrontierPoint(
        moves=most,
        plan_eur=terms.total_eur,
        bound_eur=bound,
        gap=0.0,
        balance_eur=terms.balance_eur,
        overtime_eur=terms.overtime_eur,
        max_deviation_percent=uneven.max_deviation_percent,
        std_percent=uneven.std_percent,
        stopped_by=meter.verdict,
        changes=_changes(costs.problem, plan),
    )


def _changes(problem: Problem, plan: Ints) -> tuple[tuple[str, str], ...]:
    moved = np.flatnonzero(plan != problem.current)
    return tuple((problem.account_ids[i], problem.rep_ids[plan[i]]) for i in moved)


def _handed_on(points: list[FrontierPoint]) -> tuple[FrontierPoint, ...]:
    """Bounds made to fall with the number of moves, and the gaps."""
    told: list[FrontierPoint] = []
    least = -np.inf
    for point in reversed(points):
        least = max(least, point.bound_eur)
        gap = max(0.0, point.plan_eur - least) / max(least, 1.0)
        told.append(replace(point, bound_eur=float(least), gap=gap))
    return tuple(reversed(told))


def _free(problem: Problem) -> bool:
    """Whether every single move there is can be tried one by one."""
    return not problem.orphan.any() and problem.contiguity == "off" and problem.apart is None
