"""Verdicts on accounts that are held: where a pin contradicts another rule, or takes a rep more hours than there are."""

from __future__ import annotations

import numpy as np

from schemas.verdict_sentences import say
from solvers.problem import Ints, Problem
from solvers.verdict import some


def wrongly_held(p: Problem) -> tuple[str, str] | None:
    """Accounts held with a rep who may not serve them, while another one may."""
    if p.eligible is None:
        return None
    own = p.eligible[np.arange(p.accounts), p.current]
    wrong = np.flatnonzero(p.held & ~own & p.eligible.any(axis=1))
    if not len(wrong):
        return None
    held = [
        say("each.held", account=p.account_ids[i], rep=p.rep_ids[p.current[i]], held_because=p.held_because[i])
        for i in wrong
    ]
    ways = [say("each.way", account=p.account_ids[i], rep=p.rep_ids[int(p.eligible[i].argmax())]) for i in wrong]
    return say("wrongly_held", held_accounts=some(held)), say("way.released", ways=some(ways))


def held_families(p: Problem) -> tuple[str, str] | None:
    """Accounts that could move, were not one held with whom they have to stay together."""
    if p.family is None:
        return None
    kept, keepers = [], []
    for family in np.unique(p.family[p.family >= 0]).tolist():
        for rep in np.unique(p.current[(p.family == family) & ~p.orphan]).tolist():
            members = np.flatnonzero((p.family == family) & (p.current == rep))
            held = members[p.held[members]]
            if 0 < len(held) < len(members):
                kept += [p.account_ids[i] for i in members if not p.held[i]]
                keepers += [say("each.keeper", account=p.account_ids[i], held_because=p.held_because[i]) for i in held]
    if not kept:
        return None
    return say("held_family", accounts=some(kept)), say("way.free_family", keepers=some(keepers))


def overloaded_by_held(p: Problem) -> tuple[str, str] | None:
    """Reps whose held accounts alone ask for more hours than the rep has, whatever the plan."""
    told, ways = [], []
    for j, rep_id in enumerate(p.rep_ids):
        held = np.flatnonzero(p.held & (p.current == j))
        hours, capacity = float(p.hours[held].sum()), float(p.capacity[j])
        if hours > capacity * (1 + 1e-9):
            told.append(say("each.load", rep=rep_id, hours=hours, capacity=capacity))
            ways += [p.account_ids[i] for i in _fewest(p, held, hours - capacity)]
    if not told:
        return None
    return say("held_hours", loads=some(told)), say("way.release_these", accounts=some(ways))


def _fewest(p: Problem, held: Ints, hours: float) -> Ints:
    """The fewest of these accounts that take so many hours."""
    largest = held[np.argsort(-p.hours[held], kind="stable")]
    return np.asarray(largest[: int(np.searchsorted(np.cumsum(p.hours[largest]), hours - 1e-9)) + 1])
