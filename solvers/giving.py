"""Accounts given to a rep by a question: part of the situation, no longer of the search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from solvers.objective import travel_distance
from solvers.problem import Ints, Problem
from solvers.verdict import some


def given(problem: Problem, accounts: Ints, rep: int) -> Problem:
    """The problem in which these accounts are the rep's and stay with the rep."""
    p = problem
    current, movable, distance = p.current.copy(), p.movable.copy(), p.distance_km.copy()
    current[accounts], movable[accounts] = rep, False
    placed = accounts[~np.isnan(p.distance_km[accounts]).all(axis=1)]
    distance[placed] = travel_distance(p)[placed]  # what nobody knows would be filled from the new rep
    because = list(p.held_because)
    for i in accounts.tolist():
        because[i] = f"the question gives it to {p.rep_ids[rep]}"
    return replace(p, current=current, movable=movable, distance_km=distance, held_because=tuple(because))


def objections(problem: Problem, accounts: Ints, rep: int, required: Sequence[tuple[str, ...]]) -> list[str]:
    """Why the rep may not have these accounts, naming them; nothing stands against it: empty."""
    p, to = problem, problem.rep_ids[rep]
    coming = [int(i) for i in accounts if p.current[i] != rep]
    if not coming:
        return [f"nothing would change: {some([p.account_ids[i] for i in accounts])} belong to {to} already"]
    held = [i for i in coming if p.held[i]]
    barred = [] if p.eligible is None else [i for i in coming if not p.eligible[i, rep]]
    asks = {i: ", ".join(required[i]) if required else "" for i in barred}
    left = _left_behind(p, coming)
    return [
        *_about("may not move", p, held, lambda i: p.held_because[i]),
        *_about(
            f"not for {to}, who is absent or lacks a skill", p, barred, lambda i: asks[i] and f"asks for {asks[i]}"
        ),
        *_about("would part from their family, name them too", p, left, lambda i: f"with {p.rep_ids[p.current[i]]}"),
    ]


def _left_behind(p: Problem, coming: list[int]) -> list[int]:
    """Members of a family that share a rep with one who goes, and do not go."""
    if p.family is None:
        return []
    going = {(int(p.family[i]), int(p.current[i])) for i in coming if p.family[i] >= 0 and not p.orphan[i]}
    kin = [i for i in range(p.accounts) if (int(p.family[i]), int(p.current[i])) in going]
    return sorted(set(kin) - set(coming))


def _about(verdict: str, p: Problem, accounts: list[int], why: Callable[[int], str]) -> list[str]:
    if not accounts:
        return []
    return [f"{verdict}: {some([p.account_ids[i] + (f' ({why(i)})' if why(i) else '') for i in accounts])}"]
