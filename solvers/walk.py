"""A cooling random walk over the plans of a problem, from plain arrays to plain arrays; deterministic by its seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.objective import Costs
from solvers.problem import Bools, Floats, Ints

if TYPE_CHECKING:
    from solvers.walk_kernel import Ground, Place

NOBODY = np.zeros(1, np.int64)


class Walk:
    """A plan under change. `candidates` (n, k) are the pairs the walk may use; today's pairs are always among them.

    `hurdle` EUR are asked of every changed account on top of its cost.
    """

    def __init__(self, costs: Costs, plan: Ints, candidates: Bools, seed: int, hurdle: float = 0.0) -> None:
        self.costs, self.steps = costs, 0
        self.ground = _ground(costs, plan, candidates, hurdle)
        self.place = _place(costs, plan, self.ground, seed)

    @property
    def plan(self) -> Ints:
        return self.place.plan.copy()

    @property
    def free(self) -> int:
        return len(self.ground.free)

    def elsewhere(self) -> tuple[Ints, Floats]:
        """(n,) the best other rep of each account, and the EUR the total would change if it alone went there."""
        from solvers.walk_kernel import elsewhere

        target, change = np.empty(len(self.place.plan), np.int64), np.empty(len(self.place.plan))
        elsewhere(self.ground, self.place, target, change)
        return target, change

    def put(self, account: int, rep: int) -> None:
        """Give the account to `rep`, whatever the rules."""
        from solvers.walk_kernel import reassign

        reassign(self.ground, self.place, account, rep)

    def go(self, hot: float, cold: float, steps: int, borders: bool = False) -> None:
        """Propose so many changes while the temperature falls from `hot` to `cold` EUR; `borders`: shifts of borders alone."""
        if self.free and steps > 0:
            if borders and len(self.ground.near_start) > 1:  # nobody has a neighbour: no borders
                from solvers.shift_kernel import shift

                shift(self.ground, self.place, hot, cold, steps)
            else:
                from solvers.walk_kernel import walk

                walk(self.ground, self.place, hot, cold, steps)
            self.steps += steps
            self.place.load[...], self.place.hours[...] = self.costs.loads(self.place.plan)  # rounding errors end here


def _ground(costs: Costs, plan: Ints, candidates: Bools, hurdle: float) -> Ground:
    """One type whatever the settings say: whole numbers among them would have the loops compiled anew, for 18 s."""
    from solvers.walk_kernel import Ground

    p, balance, overtime = costs.problem, costs.balance, costs.overtime
    rows = np.arange(p.accounts)
    keep = candidates & costs.allowed
    keep[rows, plan] = True
    served = ~p.orphan
    keep[rows[served], p.current[served]] = True
    changes = costs.changes.astype(np.float64)
    count = np.bincount(plan, minlength=p.reps)
    near_start, near = lists(p.accounts, p.edges if p.contiguity != "off" else None)
    apart_start, apart = lists(p.accounts, p.apart)
    return Ground(
        fixed=costs.fixed + hurdle * changes if hurdle else costs.fixed,
        changes=changes,
        potential=p.potential,
        hours=p.hours,
        balance_kinks=balance.kinks,
        balance_signs=np.array(balance.signs, float),
        balance_slopes=np.array(balance.slopes, float),
        overtime_kinks=overtime.kinks,
        overtime_signs=np.array(overtime.signs, float),
        overtime_slopes=np.array(overtime.slopes, float),
        free=np.flatnonzero(keep.sum(1) > 1),
        start=np.concatenate([[0], np.cumsum(keep.sum(1))]),
        rep=np.ascontiguousarray(np.nonzero(keep)[1]),  # one layout, compiled once
        most_changes=-1 if p.max_moves is None else p.max_moves,
        least_accounts=np.minimum(p.least_accounts, count),
        most_accounts=np.maximum(p.accounts if p.most_accounts is None else p.most_accounts, count),
        near_start=near_start,
        near=near,
        break_price=np.inf if p.contiguity == "hard" else float(p.weights.territory_piece),
        apart_start=apart_start,
        apart=apart,
    )


def _place(costs: Costs, plan: Ints, ground: Ground, seed: int) -> Place:
    from solvers.walk_kernel import Place

    n, k = costs.fixed.shape
    plan = plan.copy()
    load, hours = costs.loads(plan)
    free = ground.free
    members, slot = np.zeros((k, len(free) + 1), np.int64), np.zeros(n, np.int64)
    size = np.bincount(plan[free], minlength=k)
    order = free[np.argsort(plan[free], kind="stable")]
    slot[order] = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    members[plan[order], slot[order]] = order
    moved = ground.changes[np.arange(n), plan] > 0
    first = free[moved[free]]
    changed, changed_slot = np.zeros(len(free) + 4, np.int64), np.zeros(n, np.int64)
    changed[: len(first)], changed_slot[first] = first, np.arange(len(first))
    random = np.array([np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] | 1], np.uint64)
    return Place(
        plan=plan,
        load=load,
        hours=hours,
        accounts=np.bincount(plan, minlength=k),
        members=members,
        size=size,
        slot=slot,
        changed=changed,
        changed_slot=changed_slot,
        tally=np.array([len(first), int(moved.sum())]),
        random=random,
        seen=np.zeros(n + 1, np.int64),
        queue=np.zeros(n, np.int64),
    )


def lists(accounts: int, pairs: Ints | None) -> tuple[Ints, Ints]:
    """Partners of each account as (n + 1,) starts and a flat list; two single zeros when there are no pairs."""
    if pairs is None or not len(pairs):
        return NOBODY, NOBODY
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = np.unique(both[both[:, 0] != both[:, 1]], axis=0)
    start = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=accounts))])
    return start, both[:, 1].copy()
