"""The solver's front door: a problem in, an explained and certified solution out."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from solvers.bound import Bound, certificate, warm_prices, zero_prices
from solvers.budget import Budget, Meter
from solvers.describe import balances, blocked_by, moves_of, original_order, spread
from solvers.linear import sharpen
from solvers.objective import Costs, costs_of
from solvers.problem import Problem, reorder
from solvers.search import cheapest_insertion, improve, worthwhile
from solvers.solution import Solution

LINEAR_PAIRS = 500_000  # pairs of account and rep up to which the linear programme is solved: about a second
OPTIMAL_GAP = 1e-6


def rebalance(
    problem: Problem,
    budget: Budget | None = None,
    *,
    linear_pairs: int = LINEAR_PAIRS,
    currency: str = "EUR",
    clock: Callable[[], float] = time.monotonic,
) -> Solution:
    """The best plan the budget finds, never worse than doing nothing (orphans: than giving each to the cheapest rep).

    Accounts and reps are put in the order of their ids first, so their order in the problem changes nothing.
    """
    meter = Meter(budget or Budget(), clock)
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    costs = costs_of(reorder(problem, accounts, reps))
    baseline = cheapest_insertion(costs, costs.problem.current)
    bound = lower_bound(costs, meter, linear_pairs)
    found = improve(costs, [baseline, bound.plan], meter, hurdle=problem.min_move_worth)
    plan = worthwhile(costs, found, otherwise=baseline)
    after = costs.terms(plan)
    gap = max(0.0, after.total_eur - bound.value) / max(bound.value, 1.0)
    by_rep = balances(costs, plan)
    names = [costs.problem.rep_ids[j] for j in plan]
    return Solution(
        account_ids=problem.account_ids,
        assignment=original_order(problem, costs.problem.account_ids, names),
        moves=moves_of(costs, plan, currency),
        blocked=blocked_by(costs, plan),
        before=costs.terms(baseline),
        after=after,
        reps=tuple(by_rep[rep] for rep in problem.rep_ids),
        spread_before=spread(costs, costs.problem.current),
        spread_after=spread(costs, plan),
        bound_eur=bound.value,
        gap=gap,
        status="optimal" if gap <= OPTIMAL_GAP else "feasible",
        stopped_by=meter.stopped_by,
        evaluations=meter.evaluations,
        random_state=meter.budget.random_state,
    )


def lower_bound(costs: Costs, meter: Meter, linear_pairs: int = LINEAR_PAIRS) -> Bound:
    """The certified bound: prices by L-BFGS, sharpened by the linear programme where that is quick."""
    prices = warm_prices(costs, zero_prices(costs.problem.reps), meter.clock_expired)
    bound = certificate(costs, prices)
    return sharpen(costs, bound, meter.clock_expired) if costs.fixed.size <= linear_pairs else bound


def solve_bytes(problem: bytes, budget: Budget, currency: str = "EUR") -> bytes:
    """`rebalance` between processes: a problem's bytes in, a solution's bytes out."""
    return rebalance(Problem.from_bytes(problem), budget, currency=currency).to_bytes()
