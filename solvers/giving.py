"""Accounts given to a rep by a question: part of the situation, no longer of the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from schemas.verdict_sentences import say
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
        because[i] = say("held.given", rep=p.rep_ids[rep])
    return replace(p, current=current, movable=movable, distance_km=distance, held_because=tuple(because))


def objections(problem: Problem, accounts: Ints, rep: int, required: Sequence[tuple[str, ...]]) -> list[str]:
    """Why the rep may not have these accounts, naming them; nothing stands against it: empty."""
    p, to = problem, problem.rep_ids[rep]
    coming = [int(i) for i in accounts if p.current[i] != rep]
    if not coming:
        return [say("refused.nothing_changes", accounts=some([p.account_ids[i] for i in accounts]), rep=to)]
    held = [i for i in coming if p.held[i]]
    barred = [] if p.eligible is None else [i for i in coming if not p.eligible[i, rep]]
    left = _left_behind(p, coming)
    found = []
    if held:
        found.append(
            say(
                "refused.may_not_move",
                held_ones=some(
                    [say("each.keeper", account=p.account_ids[i], held_because=p.held_because[i]) for i in held]
                ),
            )
        )
    if barred:
        askers = [_asker(p.account_ids[i], required[i] if required else ()) for i in barred]
        found.append(say("refused.not_for", rep=to, askers=some(askers)))
    if left:
        kin = [say("each.kin", account=p.account_ids[i], rep=p.rep_ids[p.current[i]]) for i in left]
        found.append(say("refused.parted_family", kin=some(kin)))
    return found


def _asker(account: str, skills: Sequence[str]) -> str:
    if not skills:
        return say("each.bare", bare_account=account)
    return say("each.asker", account=account, skills=", ".join(skills))


def _left_behind(p: Problem, coming: list[int]) -> list[int]:
    """Members of a family that share a rep with one who goes, and do not go."""
    if p.family is None:
        return []
    going = {(int(p.family[i]), int(p.current[i])) for i in coming if p.family[i] >= 0 and not p.orphan[i]}
    kin = [i for i in range(p.accounts) if (int(p.family[i]), int(p.current[i])) in going]
    return sorted(set(kin) - set(coming))
