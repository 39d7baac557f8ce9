"""Compile the inner loops before they are needed: `python -m solvers.ready`, once after installation.

The machine code is kept beside the source (or where NUMBA_CACHE_DIR says). A process that finds it there is ready in a
second; one that has to compile takes half a minute of a solve's time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.budget import Budget
from solvers.frontier import frontier
from solvers.problem import Ints, Problem
from solvers.rebalance import rebalance


def make_ready() -> None:
    """Solve a region of a dozen accounts, in every way in which the engine asks."""
    whole = Problem.from_bytes(small().to_bytes())  # arrays as they come from another process
    budget = Budget(evaluations=20_000)
    rebalance(whole, budget)
    frontier(whole, budget, counts=(1, 2))
    rebalance(replace(whole, contiguity="hard", edges=_in_a_row(whole.accounts)), budget)


def _in_a_row(accounts: int) -> Ints:
    """(m, 2) neighbours."""
    return np.stack([np.arange(accounts - 1), np.arange(1, accounts)], axis=1)


def small(accounts: int = 12, reps: int = 3) -> Problem:
    """A region of a dozen accounts."""
    rng = np.random.default_rng(0)
    return Problem(
        account_ids=tuple(f"a{i}" for i in range(accounts)),
        rep_ids=tuple(f"r{j}" for j in range(reps)),
        potential=rng.uniform(10_000, 90_000, accounts),
        hours=rng.uniform(5, 30, accounts),
        visits=rng.uniform(2, 12, accounts),
        distance_km=rng.uniform(1, 80, (accounts, reps)),
        current=np.zeros(accounts, np.int64),
        capacity=np.full(reps, 1_000.0),
        movable=np.ones(accounts, np.bool_),
        held_because=("",) * accounts,
        max_moves=6,
    )


if __name__ == "__main__":
    make_ready()
