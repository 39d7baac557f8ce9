"""Families as one: members who share a rep become one account for the search, priced as the sum of its members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from schemas.verdict_sentences import say
from solvers.objective import Costs
from solvers.problem import ORPHAN, Floats, Ints, Problem


def blocks_of(problem: Problem) -> Ints:
    """(n,) the number of the block each account moves with. Accounts without a family are blocks of their own; members nobody
    serves go with the largest part of their family that a rep may serve together with them."""
    p = problem
    block = np.arange(p.accounts)
    for members in _families(p):
        parts: dict[int, list[int]] = {}
        for i in members:
            parts.setdefault(int(p.current[i]), []).append(i)
        orphans = parts.pop(ORPHAN, [])
        for part in parts.values():
            block[part] = part[0]
        homes = sorted(parts.items(), key=lambda item: (-float(p.potential[item[1]].sum()), item[0]))
        if not homes:
            if p.eligible is None or p.eligible[orphans].all(axis=0).any():
                block[orphans] = orphans[0]
            continue
        for i in orphans:
            fitting = [part for rep, part in homes if p.eligible is None or p.eligible[i, rep]]
            if fitting:
                block[i] = fitting[0][0]
    return np.asarray(np.unique(block, return_inverse=True)[1])


def merged(costs: Costs, block: Ints) -> Costs:
    """The costs of the blocks (m of them): every term the exact sum over the members."""
    p, count = costs.problem, int(block.max()) + 1
    first = np.array([int(np.flatnonzero(block == b)[0]) for b in range(count)])
    served = ~p.orphan
    current = np.full(count, ORPHAN)
    current[block[served]] = p.current[served]
    allowed = np.ones((count, p.reps), np.bool_)
    may = np.ones((p.accounts, p.reps), np.bool_) if p.eligible is None else p.eligible
    np.logical_and.at(allowed, block, may)
    movable = np.ones(count, np.bool_)
    np.logical_and.at(movable, block, p.movable | p.orphan)
    problem = replace(
        p,
        account_ids=tuple(p.account_ids[i] for i in first),
        potential=_sums(p.potential, block, count),
        hours=_sums(p.hours, block, count),
        visits=_sums(p.visits, block, count),
        distance_km=np.zeros((count, p.reps)),
        detour_km=None,
        current=current,
        movable=movable,
        held_because=tuple("" if free else say("held.family") for free in movable),
        eligible=allowed,
        edges=_pairs(p.edges, block),
        apart=_pairs(p.apart, block),
        family=None,
        least_accounts=0,
        most_accounts=None,
    )
    change = _sums(np.where(served, costs.change, 0.0), block, count)
    changes = (np.arange(p.reps) != current[:, None]) & (current >= 0)[:, None]
    km, travel = _sums(costs.km, block, count), _sums(costs.travel, block, count)
    usable = problem.allowed()
    fixed = np.where(usable, travel + np.where(changes, change[:, None], 0.0), np.inf)
    return replace(
        costs, problem=problem, allowed=usable, changes=changes, km=km, travel=travel, change=change, fixed=fixed
    )


def _families(problem: Problem) -> list[list[int]]:
    """Members of each family that has several, in the order of the accounts."""
    found: dict[int, list[int]] = {}
    for i, family in enumerate(problem.family.tolist() if problem.family is not None else ()):
        if family >= 0:
            found.setdefault(family, []).append(i)
    return [members for members in found.values() if len(members) > 1]


def _sums(values: Floats, block: Ints, count: int) -> Floats:
    total = np.zeros((count, *values.shape[1:]))
    np.add.at(total, block, values)
    return total


def _pairs(pairs: Ints | None, block: Ints) -> Ints | None:
    if pairs is None:
        return None
    moved = block[pairs]
    return np.asarray(moved[moved[:, 0] != moved[:, 1]])
