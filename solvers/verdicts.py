"""What stands in the way of any good plan: a solvable problem whose answer people would not understand without being told.

A senseless problem is refused with its findings (`ProblemError`); these are the sentences for one that makes sense but leaves
little or nothing to decide. Each names who or what it is about, and the nearest change that would open a way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from schemas.verdict_sentences import say
from solvers.describe import blocked_by
from solvers.figures import by_ids
from solvers.objective import costs_of
from solvers.problem import Problem
from solvers.search import cheapest_insertion
from solvers.verdict import Verdict, some
from solvers.verdicts_graph import disconnected
from solvers.verdicts_held import held_families, overloaded_by_held, wrongly_held
from solvers.verdicts_limits import no_budget, no_moves, no_rep_budget


def verdicts(problem: Problem) -> tuple[Verdict, ...]:
    """What was noticed when the problem was posed, and everything that limits all its plans; nothing of the kind: empty."""
    p = by_ids(problem)[0]
    found = ((rule, look(p)) for rule, look in LIMITS.items())
    return (*p.noticed, *(Verdict(rule, *told) for rule, told in found if told is not None))


def _one_rep(p: Problem) -> tuple[str, str] | None:
    if p.reps > 1:
        return None
    return say("one_rep", rep=p.rep_ids[0]), say("way.second_rep")


def _nobody_may_move(p: Problem) -> tuple[str, str] | None:
    allowed = p.allowed()
    choices = allowed.sum(axis=1)
    if p.reps == 1 or (choices > 1).any():
        return None
    held = int(p.held.sum())
    reasons = Counter(
        why.split(" ")[0].rstrip(":,") for why, stays in zip(p.held_because, p.held, strict=True) if stays
    )
    if not held:
        return say("nobody_else_eligible", all=p.accounts), _best_release(p)
    told = ", ".join(say("each.held_word", count=count, held_word=why) for why, count in sorted(reasons.items()))
    return say("nobody_may_move", held=held, all=p.accounts, held_words=told), _best_release(p)


def _best_release(p: Problem) -> str:
    costs = costs_of(p)
    blocked = blocked_by(costs, cheapest_insertion(costs, p.current))
    if not blocked:
        return say("way.nothing_earned")
    best = blocked[0]
    return say("way.release", account=best.account_id, rep=best.to_rep, worth_eur=best.worth_eur, rule=best.why)


def _capacity(p: Problem) -> tuple[str, str] | None:
    work, capacity = float(p.hours.sum()), float(p.capacity.sum())
    if work <= capacity * (1 + 1e-9):
        return None
    missing = work - capacity
    detail = say("capacity", work=work, capacity=capacity, missing=missing, times=p.weights.hours_slack)
    return detail, say("way.capacity", reps=missing / float(p.capacity.mean()), share=missing / work)


def _worthless(p: Problem) -> tuple[str, str] | None:
    if p.potential.any():
        return None
    return say("no_potential"), say("way.work_counts")


def _placeless(p: Problem) -> tuple[str, str] | None:
    lost = np.isnan(p.distance_km).all(axis=1)
    if not lost.any():
        return None
    names = some([p.account_ids[i] for i in np.flatnonzero(lost)])
    return say("no_place", accounts=names), say("way.give_places")


LIMITS: Final[Mapping[str, Callable[[Problem], tuple[str, str] | None]]] = {
    "one rep": _one_rep,
    "nobody may move": _nobody_may_move,
    "max_moves": no_moves,
    "move_budget": no_budget,
    "rep_move_budget": no_rep_budget,
    "held": wrongly_held,
    "family": held_families,
    "held hours": overloaded_by_held,
    "capacity": _capacity,
    "no potential": _worthless,
    "no place": _placeless,
    "disconnected": disconnected,
}
"""What may limit all plans of a problem: detail and nearest relaxation, None where it does not."""
