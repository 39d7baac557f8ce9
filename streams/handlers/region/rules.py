"""The rules that bind the accounts of a territory to each other, from the settings to the problem of a region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import h3
import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountSet
from schemas.settings import Barrier, Rules
from schemas.verdict_sentences import say
from solvers.neighbours import neighbour_edges
from solvers.numbers import Numbers, relaxed_numbers
from solvers.places import Places
from solvers.problem import Problem, ProblemError
from solvers.verdict import Verdict, some

MOST_PAIRS = 500_000
"""Pairs of accounts that the barriers of one region may keep apart: more would make a solve slow."""


def with_rules(problem: Problem, accounts: Sequence[AccountSet], places: Places, rules: Rules) -> Problem:
    """The problem under the rules; the same where none is set. Numbers that no plan can keep are relaxed to the nearest that
    one can, and the problem says so. Raises ProblemError for too many pairs of accounts to be kept apart."""
    if rules == Rules():
        return problem
    asked = Numbers(rules.least_accounts, rules.most_accounts)
    numbers, relaxed = relaxed_numbers(asked, problem.accounts, problem.reps)
    apart, noticed = _apart(accounts, rules.barriers)
    return replace(
        problem,
        contiguity=rules.contiguity,
        edges=None if rules.contiguity == "off" else neighbour_edges(places.on_plane().accounts),
        apart=apart,
        least_accounts=numbers.least,
        most_accounts=numbers.most,
        noticed=(*problem.noticed, *relaxed, *noticed),
    )


def _apart(
    accounts: Sequence[AccountSet], barriers: Sequence[Barrier]
) -> tuple[NDArray[np.int64] | None, list[Verdict]]:
    """(m, 2) accounts on two sides of a barrier, None where no barrier passes through the region; and what is wrong with the sides."""
    sides, noticed = [], []
    for barrier in barriers:
        one, other = _within(accounts, barrier.one_side), _within(accounts, barrier.other_side)
        both = one & other
        noticed += _on_both(barrier, [accounts[i].account_id for i in np.flatnonzero(both).tolist()])
        noticed += _one_sided(barrier, bool(one.any()), bool(other.any()))
        sides.append((barrier, one & ~both, other & ~both))
    if sum(int(one.sum()) * int(other.sum()) for _, one, other in sides) > MOST_PAIRS:
        counts = ", ".join(f"{barrier.name!r} {one.sum()} by {other.sum()}" for barrier, one, other in sides)
        raise ProblemError([say("refused.too_many_pairs", pairs_allowed=MOST_PAIRS, counts=counts)])
    pairs = []
    for _, one, other in sides:
        a, b = np.meshgrid(np.flatnonzero(one), np.flatnonzero(other), indexing="ij")
        pairs.append(np.stack([a.ravel(), b.ravel()], axis=1))
    found = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    return found if len(found) else None, noticed


def _on_both(barrier: Barrier, names: list[str]) -> list[Verdict]:
    """Accounts on both sides of a line: it cannot be meant for them."""
    if not names:
        return []
    detail = say("both_sides", barrier=barrier.name, accounts=some(names))
    return [Verdict("apart", detail, say("way.neither_side"))]


def _one_sided(barrier: Barrier, one: bool, other: bool) -> list[Verdict]:
    """A line with accounts of the region on one side alone keeps nobody apart; with none at all it passes elsewhere."""
    if one == other:
        return []
    side, areas = ("one_side", barrier.one_side) if other else ("other_side", barrier.other_side)
    detail = say("one_sided", barrier=barrier.name, side=side, areas=some(list(areas)))
    return [Verdict("apart", detail, say("way.mend_barrier"))]


def _within(accounts: Sequence[AccountSet], areas: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether an account lies in one of the areas. Raises ProblemError."""
    for kind, _, name in (area.partition(" ") for area in areas):
        if kind == "cell" and not h3.is_valid_cell(name):
            raise ProblemError([say("refused.no_cell", cell=name)])
    return np.array([any(lies_in(account, area) for area in areas) for account in accounts], dtype=np.bool_)


def lies_in(account: AccountSet, area: str) -> bool:
    """Whether the account lies in an area as the settings name it."""
    kind, _, name = area.partition(" ")
    match kind:
        case "postal":
            return account.postal_code.startswith(name)
        case "city":
            return account.city.casefold() == name.casefold()
        case "account":
            return account.account_id == name
    if account.lat is None or account.lon is None:
        return False
    here: str = h3.latlng_to_cell(account.lat, account.lon, h3.get_resolution(name))
    return here == name
