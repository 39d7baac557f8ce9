"""Numbers of accounts that the territories of so many reps can have."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        told = f"{reps} reps with {numbers.least} each need more than {accounts} accounts"
        found.append(Verdict("least_accounts", told, f"{possible.least} would do"))
    if possible.most != numbers.most:
        told = f"{reps} reps with {numbers.most} each hold fewer than {accounts} accounts"
        found.append(Verdict("most_accounts", told, f"{possible.most} would do"))
    return tuple(found)


def nearest(numbers: Numbers, accounts: int, reps: int) -> Numbers:
    """The same as far as they can be kept, else the nearest that can."""
    least = min(numbers.least, accounts // max(reps, 1))
    most = None if numbers.most is None else max(numbers.most, -(-accounts // max(reps, 1)))
    return Numbers(least, most)


def relaxed_numbers(numbers: Numbers, accounts: int, reps: int) -> tuple[Numbers, tuple[Verdict, ...]]:
    """Numbers that can be kept, and what was relaxed for it, from what to what."""
    possible = nearest(numbers, accounts, reps)
    step = {
        "least_accounts": f"relaxed from {numbers.least} to {possible.least}",
        "most_accounts": f"relaxed from {numbers.most} to {possible.most}",
    }
    return possible, tuple(replace(one, relaxation=step[one.rule]) for one in too_strict(numbers, accounts, reps))
