"""Verdicts on limits of change: so little may change that no account can."""

from __future__ import annotations

import numpy as np

from schemas.verdict_sentences import say
from solvers.problem import Floats, Problem


def no_moves(p: Problem) -> tuple[str, str] | None:
    if p.max_moves != 0 or not _potentials(p).size:
        return None
    return say("no_moves"), say("way.one_move")


def no_budget(p: Problem) -> tuple[str, str] | None:
    potentials = _potentials(p)
    if p.move_budget is None or not potentials.size or potentials.min() <= p.move_budget + 0.01:
        return None
    least = float(potentials.min())
    return say("no_budget", left_eur=p.move_budget), say("way.budget", least_eur=least, account=_named(p, least))


def no_rep_budget(p: Problem) -> tuple[str, str] | None:
    """Every way out of a territory, or into another one, is above what its rep's budget has left."""
    if p.rep_move_budget is None or not _potentials(p).size:
        return None
    moving, to = np.nonzero(p.allowed() & ~p.orphan[:, None] & (p.current[:, None] != np.arange(p.reps)))
    left = np.minimum(p.rep_move_budget[p.current[moving]], p.rep_move_budget[to])
    short = p.potential[moving] - left
    best = int(short.argmin())
    if short[best] <= 0.01:
        return None
    account, way = int(moving[best]), (int(p.current[moving[best]]), int(to[best]))
    scarce = min(way, key=lambda j: float(p.rep_move_budget[j]))  # type: ignore[index]
    return say("no_rep_budget"), say(
        "way.rep_budget", potential_eur=p.potential[account], rep=p.rep_ids[scarce], left_eur=left[best],
        account=p.account_ids[account], source=p.rep_ids[way[0]], target=p.rep_ids[way[1]],
    )  # fmt: skip


def _potentials(p: Problem) -> Floats:
    """Of the accounts that are served and have a choice."""
    return np.asarray(p.potential[(p.allowed().sum(axis=1) > 1) & ~p.orphan])


def _named(p: Problem, potential: float) -> str:
    free = (p.allowed().sum(axis=1) > 1) & ~p.orphan
    return p.account_ids[int(np.flatnonzero(free & (p.potential == potential))[0])]
