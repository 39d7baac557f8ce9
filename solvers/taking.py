"""Parts of a problem: some of its accounts, some of its reps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.problem import ORPHAN, Ints, Problem


def take(problem: Problem, accounts: Ints, reps: Ints) -> Problem:
    """The problem with these accounts and reps only (indices, rising). Accounts of a rep who is left out become orphans.

    Raises ProblemError when nobody is left, or an orphan whom none of the reps may serve.
    """
    p = problem
    place = np.full(p.reps + 1, ORPHAN)
    place[reps] = np.arange(len(reps))
    seat = np.full(p.accounts, -1)
    seat[accounts] = np.arange(len(accounts))
    return replace(
        p,
        account_ids=tuple(p.account_ids[i] for i in accounts),
        rep_ids=tuple(p.rep_ids[j] for j in reps),
        potential=p.potential[accounts],
        hours=p.hours[accounts],
        visits=p.visits[accounts],
        distance_km=p.distance_km[np.ix_(accounts, reps)],
        current=place[p.current[accounts]],
        capacity=p.capacity[reps],
        seniority=None if p.seniority is None else p.seniority[reps],
        movable=p.movable[accounts],
        held_because=tuple(p.held_because[i] for i in accounts),
        eligible=None if p.eligible is None else p.eligible[np.ix_(accounts, reps)],
        edges=_pairs(p.edges, seat),
        apart=_pairs(p.apart, seat),
        family=None if p.family is None else p.family[accounts],
        rep_move_budget=None if p.rep_move_budget is None else p.rep_move_budget[reps],
        detour_km=None if p.detour_km is None else p.detour_km[np.ix_(accounts, reps)],
    )


def _pairs(pairs: Ints | None, seat: Ints) -> Ints | None:
    """Pairs of accounts by their new indices; those of an account that is gone are gone."""
    if pairs is None:
        return None
    moved = seat[pairs]
    return np.asarray(moved[(moved >= 0).all(axis=1)])
