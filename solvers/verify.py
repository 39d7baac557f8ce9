"""The judge: checks a plan with plain arithmetic of its own, sharing no code with search or objective.

Here the rules; what a plan costs is in `verify_ledger`, whether a solution says the truth about it in `verify_claims`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solvers.problem import Problem

CENT = 0.01


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str  # machine word
    detail: str


def verify(problem: Problem, assignment: Sequence[str]) -> list[Violation]:
    """What is wrong with a plan given as the rep id of each account, in the problem's order; nothing wrong: empty."""
    p = problem
    if len(assignment) != p.accounts:
        return [Violation("complete", f"{len(assignment)} assignments for {p.accounts} accounts")]
    index = {rep: j for j, rep in enumerate(p.rep_ids)}
    found, moves = [], 0
    for i, (account, rep) in enumerate(zip(p.account_ids, assignment, strict=True)):
        now = int(p.current[i])
        if rep not in index:
            found.append(Violation("live reps", f"{account} is given to {rep!r}, who is no live rep"))
            continue
        if index[rep] == now:
            continue
        moves += now >= 0
        if now >= 0 and not p.movable[i]:
            found.append(Violation("held", f"{account} is held ({p.held_because[i]}) yet moves to {rep}"))
        if p.eligible is not None and not p.eligible[i, index[rep]]:
            found.append(Violation("eligible", f"{rep} may not serve {account}"))
    if p.max_moves is not None and moves > p.max_moves:
        found.append(Violation("max_moves", f"{moves} moves, {p.max_moves} allowed"))
    found += _budgets(p, [index.get(rep, -1) for rep in assignment])
    return found or _together(p, [index[rep] for rep in assignment])


def _budgets(p: Problem, plan: list[int]) -> list[Violation]:
    """The potential that may change hands, in all and at each rep. Orphans have to go somewhere and do not count."""
    found, of_rep = [], [0.0] * p.reps
    for i, rep in enumerate(plan):
        now = int(p.current[i])
        if now >= 0 and rep not in (-1, now):
            of_rep[now] += float(p.potential[i])
            of_rep[rep] += float(p.potential[i])
    moved = math.fsum(of_rep) / 2
    if p.move_budget is not None and moved > p.move_budget + CENT:
        found.append(Violation("move_budget", f"{moved:.2f} EUR change rep, {p.move_budget:.2f} allowed"))
    for j, rep_id in enumerate(p.rep_ids) if p.rep_move_budget is not None else ():
        if of_rep[j] > float(p.rep_move_budget[j]) + CENT:  # type: ignore[index]
            allowed = float(p.rep_move_budget[j])  # type: ignore[index]
            found.append(
                Violation("rep_move_budget", f"{of_rep[j]:.2f} EUR come or go at {rep_id}, {allowed:.2f} allowed")
            )
    return found


def _families(p: Problem, plan: list[int], today: list[int]) -> list[Violation]:
    """Members who share a rep today share one tomorrow; those without one join the family, where a rep of it may serve them."""
    found = []
    families: dict[int, list[int]] = {}
    for i, family in enumerate([] if p.family is None else p.family.tolist()):
        if family >= 0:
            families.setdefault(family, []).append(i)
    for members in families.values():
        shares: dict[int, set[int]] = {}
        for i in members:
            shares.setdefault(today[i], set()).add(plan[i])
        served = {rep for rep in shares if rep >= 0}
        parts = [rep for rep in served if len(shares[rep]) > 1]
        found += [_divided(p, [i for i in members if today[i] == rep]) for rep in parts]
        if not served and len(members) > 1 and len(shares[-1]) > 1 and _one_may_serve(p, members):
            found.append(_divided(p, members))
        kin = {plan[i] for i in members if today[i] >= 0}
        strays = [i for i in members if today[i] < 0 and served and plan[i] not in kin]
        found += [_divided(p, [i]) for i in strays if any(p.eligible is None or p.eligible[i, j] for j in served)]
    return found


def _one_may_serve(p: Problem, members: list[int]) -> bool:
    """Whether there is a rep who may serve all of them."""
    return p.eligible is None or any(all(p.eligible[i, j] for i in members) for j in range(p.reps))


def _divided(p: Problem, members: list[int]) -> Violation:
    names = ", ".join(p.account_ids[i] for i in members[:5])
    return Violation("family", f"the family of {names} is divided")


def _together(p: Problem, plan: list[int]) -> list[Violation]:
    """The rules that bind accounts to each other: numbers of accounts, barriers, territories in one piece."""
    found = []
    today = [int(j) for j in p.current]
    for j, rep in enumerate(p.rep_ids):
        count, before = plan.count(j), today.count(j)
        if p.most_accounts is not None and count > max(p.most_accounts, before):
            found.append(Violation("most_accounts", f"{rep} gets {count} accounts, {p.most_accounts} allowed"))
        if count < min(p.least_accounts, before):
            found.append(Violation("least_accounts", f"{rep} keeps {count} accounts, needs {p.least_accounts}"))
    for a, b in [] if p.apart is None else p.apart.tolist():
        if plan[a] == plan[b] and not today[a] == today[b] >= 0:
            names = f"{p.account_ids[a]} and {p.account_ids[b]}"
            found.append(Violation("apart", f"{names} come to share {p.rep_ids[plan[a]]} across a barrier"))
    found += _families(p, plan, today)
    if p.contiguity == "hard" and breaks(p, plan) > breaks(p, today) + p.more_pieces:
        allowed = f", {p.more_pieces} more allowed" if p.more_pieces else ""
        pieces = f"territories fall into {breaks(p, plan)} more pieces, today {breaks(p, today)}{allowed}"
        found.append(Violation("contiguity", pieces))
    return found


def breaks(p: Problem, plan: Sequence[int]) -> int:
    """Pieces of all territories on the neighbour graph beyond one each; accounts of nobody (-1) do not count."""
    if p.edges is None or p.contiguity == "off":
        return 0
    near: list[list[int]] = [[] for _ in plan]
    for a, b in p.edges.tolist():
        if plan[a] == plan[b] >= 0:
            near[a].append(b)
            near[b].append(a)
    seen, pieces = [False] * len(plan), 0
    for origin, rep in enumerate(plan):
        if rep < 0 or seen[origin]:
            continue
        pieces, waiting = pieces + 1, [origin]
        seen[origin] = True
        while waiting:
            for other in near[waiting.pop()]:
                if not seen[other]:
                    seen[other] = True
                    waiting.append(other)
    return pieces - len({rep for rep in plan if rep >= 0})
