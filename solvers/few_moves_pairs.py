"""Which pairs of account and rep the programme of few moves looks at: few enough to solve, rich enough to hold a good plan."""

from __future__ import annotations

import numpy as np

from solvers.objective import Costs, deviation
from solvers.problem import Floats

ORPHAN_WAYS = 8  # nearest reps an account of nobody may go to, besides those who lack potential
DONORS = 10  # accounts per rep that may leave it at first, those whose size fits best
STEPS = 6  # in the graph, from an account to a territory it may join
DEEP = 0.02  # of a fair share, asked of an account for each further step: a way through others costs a move each


def free_pairs(costs: Costs, tolerance: float, donors: int, below: float) -> dict[tuple[int, int], int]:
    """Without a graph: so many accounts of a fitting size from each, to whoever is so far below the fair share."""
    p, away = costs.problem, deviation(costs.loads(costs.problem.current)[0], costs.target)
    wanting = [j for j in range(p.reps) if away[j] < below]
    pairs: dict[tuple[int, int], int] = {}
    for j in range(p.reps):
        room = max(float(away[j]) + tolerance, tolerance) * float(costs.target[j])
        fit = max((float(away[j]) - tolerance) * float(costs.target[j]), 0.6 * room)
        own = np.flatnonzero((p.current == j) & p.movable & (p.potential > 0) & (p.potential <= 3 * room))
        best = own[np.argsort(np.abs(p.potential[own] - fit), kind="stable")][:donors]
        pairs |= {(int(i), q): 0 for i in best for q in wanting if q != j and costs.allowed[i, q]}
    for i in np.flatnonzero(p.orphan).tolist():
        ways = np.flatnonzero(costs.allowed[i])
        ways = ways[np.argsort(costs.fixed[i, ways], kind="stable")]
        nearest = ways[:ORPHAN_WAYS].tolist()
        pairs |= {(i, j): 0 for j in nearest + [j for j in ways.tolist() if away[j] < -tolerance]}
    return pairs


def bordering_pairs(
    costs: Costs, near: list[list[int]], wide: int = 1, deep: float = DEEP
) -> dict[tuple[int, int], int]:
    """With a graph: every pair within `wide` steps, further ones for large accounts, and the ways that lead to them."""
    p = costs.problem
    steps = _steps(costs, near)
    pairs = {
        (i, j): far
        for i, ways in enumerate(steps)
        for j, far in ways.items()
        if p.orphan[i] or far <= wide or p.potential[i] >= deep * (far - 1) * costs.target[j]
    }
    for far in range(STEPS, 1, -1):
        for i, j in [pair for pair, at in pairs.items() if at == far]:
            pairs |= {(q, j): far - 1 for q in near[i] if steps[q].get(j) == far - 1}
    return pairs


def _steps(costs: Costs, near: list[list[int]]) -> list[dict[int, int]]:
    """For each account the territories it may join and the steps to them."""
    p = costs.problem
    steps: list[dict[int, int]] = [{} for _ in range(p.accounts)]
    for j in range(p.reps):
        front = np.flatnonzero(p.current == j).tolist()
        seen = set(front)
        for far in range(1, STEPS + 1):
            front = sorted({q for i in front for q in near[i] if q not in seen and costs.allowed[q, j]})
            seen.update(front)
            for i in front:
                steps[i][j] = far
    return steps


def neighbours(costs: Costs) -> list[list[int]]:
    """Of each account in the graph; rising."""
    near: list[set[int]] = [set() for _ in range(costs.problem.accounts)]
    for a, b in [] if costs.problem.edges is None else costs.problem.edges.tolist():
        if a != b:
            near[a].add(b)
            near[b].add(a)
    return [sorted(others) for others in near]


def capacity_of(costs: Costs, limit: float) -> Floats:
    """(k,) hours a year: `limit` times the free hours, or today's where they are more."""
    return np.maximum(limit * costs.free_hours, costs.loads(costs.problem.current)[1])
