"""The solver's front door: a problem in, an explained and certified solution out."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from solvers.bound import Bound, certificate, zero_prices
from solvers.budget import FAILURES, Budget, Meter
from solvers.connected_bound import connected_bound
from solvers.describe import balances, blocked_by, moves_of, original_order, spread
from solvers.dual import best_prices
from solvers.first_moves import extended
from solvers.linear import sharpen
from solvers.objective import Costs, costs_of
from solvers.orphans import baseline
from solvers.problem import Ints, Problem, reorder
from solvers.search import again, cheapest_insertion, improve, keeps_rules, worthwhile
from solvers.solution import RepPrice, Solution
from solvers.warm import WarmStart
from solvers.whole_bound import ROUNDS, ROUNDS_AGAIN, whole_bound

LINEAR_PAIRS = 20_000  # pairs of account and rep up to which the linear programme takes the last thousandth
OPTIMAL_GAP = 1e-6


def rebalance(
    problem: Problem,
    budget: Budget | None = None,
    *,
    warm: WarmStart | None = None,
    currency: str = "EUR",
    clock: Callable[[], float] = time.monotonic,
) -> Solution:
    """The best plan the budget finds, never worse than doing nothing (orphans: than giving each to the cheapest rep).

    Accounts and reps are put in the order of their ids first, so their order in the problem changes nothing. `warm` is
    the last solve of a like problem: sooner done, and no other kind of answer. Raises ProblemError when no plan was found
    that places the orphans and keeps contiguity, barriers and numbers of accounts. Any other failure and the clock leave
    the best plan found so far, and `stopped_by` says so.
    """
    meter = Meter(budget or Budget(), clock)
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    costs = costs_of(reorder(problem, accounts, reps))
    nothing = baseline(costs)
    bound = _knowing_the_rules(
        costs, best_known_prices(costs, meter, warm), meter, ROUNDS if warm is None else ROUNDS_AGAIN
    )
    starts = [nothing, *(plan for plan in _starts(costs, bound, warm) if keeps_rules(costs, plan, nothing))]
    if meter.clock_expired():  # no walk will follow: better a few good moves, late, than none
        starts.append(extended(costs, nothing, holds=lambda plan: keeps_rules(costs, plan, nothing)))
    found = improve(costs, bound, starts, meter, costs.problem.min_move_worth, () if warm is None else again(costs))
    plan = worthwhile(costs, found, otherwise=nothing)
    return described(problem, costs, plan, nothing, bound, meter, currency)


def described(
    problem: Problem, costs: Costs, plan: Ints, nothing: Ints, bound: Bound, meter: Meter, currency: str = "EUR"
) -> Solution:
    """A plan as people read it. `costs` are those of `problem`, in the order of the ids; `nothing` only places orphans."""
    after = costs.terms(plan)
    gap = max(0.0, after.total_eur - bound.value) / max(bound.value, 1.0)
    by_rep = balances(costs, plan)
    names = [costs.problem.rep_ids[j] for j in plan]
    prices = zip(costs.problem.rep_ids, bound.prices.potential.tolist(), bound.prices.hours.tolist(), strict=True)
    return Solution(
        account_ids=problem.account_ids,
        assignment=original_order(problem, costs.problem.account_ids, names),
        moves=moves_of(costs, plan, currency),
        blocked=blocked_by(costs, plan),
        before=costs.terms(nothing),
        after=after,
        reps=tuple(by_rep[rep] for rep in problem.rep_ids),
        spread_before=spread(costs, costs.problem.current),
        spread_after=spread(costs, plan),
        bound_eur=bound.value,
        gap=gap,
        status="optimal" if gap <= OPTIMAL_GAP else "feasible",
        stopped_by=meter.verdict,
        evaluations=meter.evaluations,
        random_state=meter.budget.random_state,
        prices=tuple(RepPrice(*price) for price in prices),
        move_price=bound.prices.move,
    )


def lower_bound(costs: Costs, meter: Meter) -> Bound:
    """The certified bound: of the best prices, and of accounts that are whole."""
    return _of_whole_accounts(costs, best_known_prices(costs, meter), meter)


def best_known_prices(costs: Costs, meter: Meter, warm: WarmStart | None = None) -> Bound:
    """The bound of prices alone, by Newton's method, on small problems sharpened by the linear programme.

    A step that fails leaves the prices before it, at worst none: they prove less, and `meter` knows.
    """
    start = None if warm is None else warm.prices_for(costs.problem)
    bound = None
    try:
        bound = best_prices(costs, start, meter.clock_expired)
        return sharpen(costs, bound, meter.clock_expired) if costs.fixed.size <= LINEAR_PAIRS else bound
    except FAILURES:
        meter.failed = True
        return bound or certificate(costs, start or zero_prices(costs.problem.reps))


def _of_whole_accounts(costs: Costs, bound: Bound, meter: Meter, rounds: int = ROUNDS) -> Bound:
    try:
        return whole_bound(costs, bound, meter.clock_expired, rounds)
    except FAILURES:
        meter.failed = True
        return bound


def _knowing_the_rules(costs: Costs, bound: Bound, meter: Meter, rounds: int) -> Bound:
    """The graph is not in `lower_bound`: families are solved as one account each, and their graph has other pieces than that of the accounts."""
    try:
        known = connected_bound(costs, bound, meter.clock_expired)
        return known if known is not bound else _of_whole_accounts(costs, bound, meter, rounds)
    except FAILURES:
        meter.failed = True
        return bound


def _starts(costs: Costs, bound: Bound, warm: WarmStart | None) -> list[Ints]:
    """Complete plans to search from: the bound's, and that of the last solve."""
    plans = [bound.plan]
    if warm is not None:
        plans.append(cheapest_insertion(costs, warm.plan_for(costs.problem)))
    return plans


def solve_bytes(problem: bytes, budget: Budget, currency: str = "EUR") -> bytes:
    """`rebalance` between processes: a problem's bytes in, a solution's bytes out."""
    return rebalance(Problem.from_bytes(problem), budget, currency=currency).to_bytes()
