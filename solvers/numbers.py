"""Numbers of accounts that the territories of so many reps can have."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.verdict_sentences import say
from solvers.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Numbers:
    """Accounts of a territory at least and at most; None: any number."""

    least: int
    most: int | None


def too_strict(numbers: Numbers, accounts: int, reps: int) -> tuple[Verdict, ...]:
    """Which number no division of so many accounts among so many reps can keep, and the nearest that one can."""
    possible, found = nearest(numbers, accounts, reps), []
    if possible.least < numbers.least:
        told = say("few_accounts", reps=reps, least=numbers.least, all=accounts)
        found.append(Verdict("least_accounts", told, say("way.number", number=possible.least)))
    if possible.most != numbers.most:
        told = say("many_accounts", reps=reps, most=numbers.most, all=accounts)
        found.append(Verdict("most_accounts", told, say("way.number", number=possible.most)))
    return tuple(found)


def nearest(numbers: Numbers, accounts: int, reps: int) -> Numbers:
    """The same as far as they can be kept, else the nearest that can."""
    least = min(numbers.least, accounts // max(reps, 1))
    most = None if numbers.most is None else max(numbers.most, -(-accounts // max(reps, 1)))
    return Numbers(least, most)


def relaxed_numbers(numbers: Numbers, accounts: int, reps: int) -> tuple[Numbers, tuple[Verdict, ...]]:
    """Numbers that can be kept, and what was relaxed for it, from what to what."""
    possible = nearest(numbers, accounts, reps)
    step = {"least_accounts": (numbers.least, possible.least), "most_accounts": (numbers.most, possible.most)}
    found = []
    for one in too_strict(numbers, accounts, reps):
        asked, given = step[one.rule]
        found.append(replace(one, relaxation=say("way.relaxed", asked=asked, given=given)))
    return possible, tuple(found)
