"""Rebalancing under what binds accounts or moves to each other beyond the search: families, and budgets of potential that
may change hands, in all and at each rep.

Families are solved as one account each. A plan beyond a budget is thinned to its most valuable moves that fit; then moved
potential gets a price, the lowest at which a plan fits, and the best of the plans so found is taken; the same
prices prove a bound that knows the budget of the region (that of each rep is not in it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solvers.bound import Bound
from solvers.budget import Budget, Meter
from solvers.dual import best_prices
from solvers.families import blocks_of, merged
from solvers.figures import by_ids
from solvers.first_moves import extended
from solvers.objective import Costs, costs_of
from solvers.orphans import baseline
from solvers.problem import Ints, Problem
from solvers.rebalance import described, lower_bound, rebalance
from solvers.search import Cooling, improve, keeps_rules, worthwhile
from solvers.solution import Solution

DEAREST = 0.8  # EUR a year for each EUR of moved potential: twice the steepest usual slope, so that hardly a move pays
HALVINGS = 6  # of the range of that price
BRIEF = (Cooling(0.05, 0.005, 0.0001, 0.2),)


def rebalance_within(problem: Problem, budget: Budget | None = None, currency: str = "EUR") -> Solution:
    """As `rebalance`, keeping families together and within the budgets of the problem."""
    if not is_limited(problem):
        return rebalance(problem, budget, currency=currency)
    meter = Meter(budget or Budget())
    found = plan_within(costs_of(by_ids(problem)[0]), meter, lower_bound)
    told = described(problem, found.costs, found.plan, found.nothing, found.bound, meter, currency)
    return _naming_families(told, found.costs.problem, found.block)


def is_limited(problem: Problem) -> bool:
    """Whether there is what the search alone does not keep: families or budgets of potential."""
    return problem.family is not None or problem.move_budget is not None or problem.rep_move_budget is not None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    costs: Costs
    plan: Ints  # (n,) rep index
    nothing: Ints  # (n,) doing nothing but giving each orphan to the cheapest rep
    bound: Bound
    block: Ints  # (n,) which accounts move as one


def plan_within(costs: Costs, meter: Meter, prove: Callable[[Costs, Meter], Bound]) -> Found:
    """The best plan found that keeps families together and the budgets, with the bound that `prove` gives."""
    block = blocks_of(costs.problem)
    small = in_blocks(costs, block)
    nothing = baseline(small)
    proved = prove(small, meter)
    plan, bound = best_within(small, proved, meter, Limits(costs, block, nothing))
    if others_may_join(costs.problem, block):
        bound = prove(costs, meter)
    return Found(costs, plan[block], nothing[block], bound, block)


def in_blocks(costs: Costs, block: Ints) -> Costs:
    """The costs of blocks that move as one."""
    return merged(costs, block) if int(block.max()) + 1 < len(block) else costs


def others_may_join(problem: Problem, block: Ints) -> bool:
    """Whether who has no rep may join another part of the family: such plans are not in the blocks, and a bound on blocks
    says nothing about them."""
    return bool((problem.orphan & (np.bincount(block)[block] > 1)).any())


def best_within(
    small: Costs,
    bound: Bound,
    meter: Meter,
    limits: Limits,
    starts: Sequence[Ints] = (),
    coolings: tuple[Cooling, ...] = (),
    brief: tuple[Cooling, ...] = BRIEF,
) -> tuple[Ints, Bound]:
    """A plan of blocks that keeps every limit, and the best bound: no plan within the budget of potential costs less than one
    that pays for it, less the price of the whole budget.

    `starts` are plans that keep every limit; the result is none worse than they. `coolings` and `brief` are the walks of the
    search, and of each price that is tried.
    """
    hurdle, nothing = small.problem.min_move_worth, limits.nothing
    begin = [nothing, *starts, *([bound.plan] if keeps_rules(small, bound.plan, nothing) else [])]
    if meter.clock_expired():  # no walk will follow: better a few good moves, late, than none
        begin.append(extended(small, nothing, holds=limits.hold))
    plan = worthwhile(small, improve(small, bound, begin, meter, hurdle, coolings), otherwise=nothing)
    if limits.hold(plan):
        return plan, bound
    found = [limits.fitted(small, plan), *starts]
    low, high = 0.0, DEAREST
    for _ in range(HALVINGS):
        price = (low + high) / 2
        dear, step = _with_price(small, price), Meter(meter.budget)
        priced = best_prices(dear, bound.prices, meter.clock_expired)
        other = worthwhile(dear, improve(dear, priced, begin, step, hurdle, brief), otherwise=nothing)
        found.append(limits.fitted(small, other))
        bound = max(bound, replace(bound, value=priced.value - price * limits.most_eur), key=lambda one: one.value)
        low, high = (low, price) if limits.hold(other) else (price, high)
        if step.stopped_by == "clock" or meter.clock_expired():
            meter.stopped_by = "clock"
            break
    return min(found, key=small.total), bound


def _with_price(costs: Costs, price: float) -> Costs:
    """The same with a price on each EUR of potential that changes rep."""
    more = price * costs.problem.potential
    fixed = costs.fixed + np.where(costs.changes, more[:, None], 0.0)
    return replace(costs, fixed=fixed, change=costs.change + more)


class Limits:
    """What a plan of blocks must keep: numbers of accounts and moves, and the budgets."""

    def __init__(self, costs: Costs, block: Ints, nothing: Ints) -> None:
        self.costs, self.block, self.nothing = costs, block, nothing
        p = costs.problem
        self.most_eur = np.inf if p.move_budget is None else p.move_budget
        self.most_of_rep = np.full(p.reps, np.inf) if p.rep_move_budget is None else p.rep_move_budget
        self.most_moves = np.inf if p.max_moves is None else p.max_moves

    def hold(self, plan: Ints) -> bool:
        """Whether a plan of blocks keeps every limit."""
        p, whole = self.costs.problem, plan[self.block]
        moved = np.flatnonzero(self.costs.changes[np.arange(p.accounts), whole])
        eur = p.potential[moved]
        of_rep = np.bincount(whole[moved], eur, p.reps) + np.bincount(p.current[moved], eur, p.reps)
        return (
            len(moved) <= self.most_moves
            and float(eur.sum()) <= self.most_eur
            and bool((of_rep <= self.most_of_rep).all())
            and keeps_rules(self.costs, whole, self.nothing[self.block])
        )

    def fitted(self, small: Costs, plan: Ints) -> Ints:
        """The most valuable moves of the plan that together keep every limit."""
        if self.hold(plan):
            return plan
        moved = np.flatnonzero(small.changes[np.arange(len(plan)), plan])
        kept = plan.copy()
        kept[moved] = small.problem.current[moved]
        if not self.hold(kept):
            return self.nothing
        waiting = moved
        while len(waiting):
            gains = np.array([small.total(kept) - small.total(_with(kept, i, int(plan[i]))) for i in waiting.tolist()])
            order = np.argsort(-gains / np.maximum(small.problem.potential[waiting], 1.0), kind="stable")
            best = next(
                (n for n in order if gains[n] > 0 and self.hold(_with(kept, int(waiting[n]), int(plan[waiting[n]])))),
                None,
            )
            if best is None:
                break
            kept = _with(kept, int(waiting[best]), int(plan[waiting[best]]))
            waiting = np.delete(waiting, int(best))
        thinned = worthwhile(small, kept, otherwise=self.nothing)
        return thinned if self.hold(thinned) else self.nothing


def _with(plan: Ints, account: int, rep: int) -> Ints:
    other = plan.copy()
    other[account] = rep
    return other


def _naming_families(solution: Solution, ordered: Problem, block: Ints) -> Solution:
    """A move that is made because the family moves says so."""
    sizes = np.bincount(block)[block]
    kin = {account for account, size in zip(ordered.account_ids, sizes.tolist(), strict=True) if size > 1}
    moves = tuple(replace(m, binding=m.binding or "family") if m.account_id in kin else m for m in solution.moves)
    return replace(solution, moves=moves)
