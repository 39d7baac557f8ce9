"""By how little rules have to give for accounts that nobody serves to get a rep at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from schemas.verdict_sentences import say
from solvers.contiguity import pieces
from solvers.families import blocks_of
from solvers.limited import in_blocks
from solvers.objective import Costs, costs_of
from solvers.orphans import baseline, nearest
from solvers.problem import Ints, Problem, ProblemError
from solvers.search import keeps_today
from solvers.verdict import Verdict, some


@dataclass(frozen=True, slots=True)
class Relief:
    """What rules give: none of it, and they hold as they are. `crossing` are pairs of accounts, by index, that a barrier no
    longer keeps apart."""

    most_accounts: int | None = None
    more_pieces: int = 0
    crossing: tuple[tuple[int, int], ...] = ()


def relief_of(problem: Problem) -> Relief:
    """The least that lets every account have a rep; nothing where the rules can be kept. Raises ProblemError where no way was found."""
    costs = costs_of(problem)
    if not problem.orphan.any():
        return Relief()
    block = blocks_of(problem)
    try:
        plan = baseline(in_blocks(costs, block))[block]
    except ProblemError:
        found = nearest(costs)
        if found is None:
            raise
        return _given(costs, found)
    return Relief() if keeps_today(costs, plan) else _given(costs, plan)


def relieved(problem: Problem, relief: Relief) -> Problem:
    """The problem whose rules give so much, which says so. They give for accounts that nobody serves alone."""
    if relief == Relief() or not problem.orphan.any():
        return problem
    p, crossing = problem, set(relief.crossing)
    apart = p.apart
    if apart is not None:
        apart = apart[[pair not in crossing for pair in map(tuple, apart.tolist())]]
    return replace(
        p,
        most_accounts=p.most_accounts if relief.most_accounts is None else relief.most_accounts,
        more_pieces=p.more_pieces + relief.more_pieces,
        apart=apart,
        noticed=(*p.noticed, *_told(p, relief)),
    )


def _given(costs: Costs, plan: Ints) -> Relief:
    """What a plan that only places the orphans asks of the rules."""
    p, served = costs.problem, ~costs.problem.orphan
    before, count = np.bincount(p.current[served], minlength=p.reps), np.bincount(plan, minlength=p.reps)
    fullest = int(count[count > before].max(initial=0))
    most = None if p.most_accounts is None or fullest <= p.most_accounts else fullest
    torn = pieces(p, plan) - pieces(p, p.current, served) - p.more_pieces if p.contiguity == "hard" else 0
    return Relief(most, max(torn, 0), _crossing(p, plan))


def _crossing(p: Problem, plan: Ints) -> tuple[tuple[int, int], ...]:
    if p.apart is None or not len(p.apart):
        return ()
    a, b = p.apart.T
    shared = (p.current[a] == p.current[b]) & (p.current[a] >= 0)
    return tuple((int(i), int(j)) for i, j in p.apart[(plan[a] == plan[b]) & ~shared])


def _told(p: Problem, relief: Relief) -> list[Verdict]:
    orphans = some([p.account_ids[i] for i in np.flatnonzero(p.orphan)])
    told = []
    if relief.most_accounts is not None:
        given = say("way.relaxed_for_them", asked=p.most_accounts, given=relief.most_accounts)
        told.append(Verdict("most_accounts", say("full_territories", most=p.most_accounts, accounts=orphans), given))
    if relief.more_pieces:
        given = say("way.pieces", pieces=relief.more_pieces + p.more_pieces)
        told.append(Verdict("contiguity", say("torn_territory", accounts=orphans), given))
    if relief.crossing:
        pairs = [say("each.pair", account=p.account_ids[i], other=p.account_ids[j]) for i, j in relief.crossing]
        told.append(Verdict("apart", say("barred", accounts=orphans), say("way.crossing", pairs=some(pairs))))
    return told
