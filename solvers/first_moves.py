"""A first few moves, the best single one each time: what can be had at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from solvers.objective import Costs
from solvers.problem import Floats, Ints
from solvers.walk import Walk

GREEDY_MOVES = 12
TRIED = 30  # of the best single moves, where limits forbid some


def extended(
    costs: Costs, plan: Ints, most: int = GREEDY_MOVES, holds: Callable[[Ints], bool] = lambda _: True
) -> Ints:
    """`plan` with up to `most` further moves, the best single one each time, while they gain and the limits allow."""
    plan = plan.copy()
    if costs.problem.contiguity != "off" or costs.problem.apart is not None:
        return plan  # here the walk alone knows the ways
    nothing = np.zeros(costs.fixed.shape, np.bool_)
    walk = Walk(costs, plan, nothing, seed=0)
    rows = np.arange(len(plan))
    for _ in range(most):
        limit = costs.problem.max_moves
        if limit is not None and int(costs.changes[rows, plan].sum()) >= limit:
            break
        target, change = walk.elsewhere()
        account = _best_single(plan, target, change, holds)
        if account is None:
            break
        walk.put(account, int(target[account]))
        plan = walk.plan
    return plan


def _best_single(plan: Ints, target: Ints, change: Floats, holds: Callable[[Ints], bool]) -> int | None:
    """The account whose way to its `target` (n,) changes the total most to the good, by `change` (n,) EUR, and may be gone."""
    for account in np.argsort(change, kind="stable")[:TRIED].tolist():
        if not change[account] < 0:
            break
        after = plan.copy()
        after[account] = target[account]
        if holds(after):
            return int(account)
    return None
