"""The rules that bind the accounts of a territory to each other, from the settings to the problem of a region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import h3
import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountSet
from schemas.settings import Barrier, Rules
from solvers.neighbours import neighbour_edges
from solvers.places import Places
from solvers.problem import Problem, ProblemError

MOST_PAIRS = 500_000
"""Pairs of accounts that the barriers of one region may keep apart: more would make a solve slow."""
NAMED = 5


def with_rules(problem: Problem, accounts: Sequence[AccountSet], places: Places, rules: Rules) -> Problem:
    """The problem under the rules; the same where none is set. Raises ProblemError for rules that cannot be kept."""
    if rules == Rules():
        return problem
    return replace(
        problem,
        contiguity=rules.contiguity,
        edges=None if rules.contiguity == "off" else neighbour_edges(places.on_plane().accounts),
        apart=_apart(accounts, rules.barriers),
        least_accounts=rules.least_accounts,
        most_accounts=rules.most_accounts,
    )


def _apart(accounts: Sequence[AccountSet], barriers: Sequence[Barrier]) -> NDArray[np.int64] | None:
    """(m, 2) accounts on two sides of a barrier; None where no barrier passes through the region."""
    sides = [
        (barrier, _within(accounts, barrier.one_side), _within(accounts, barrier.other_side)) for barrier in barriers
    ]
    if sum(int(one.sum()) * int(other.sum()) for _, one, other in sides) > MOST_PAIRS:
        counts = ", ".join(f"{barrier.name!r} {one.sum()} by {other.sum()}" for barrier, one, other in sides)
        raise ProblemError(
            [
                f"rules.barriers keep more than {MOST_PAIRS:,} pairs of accounts apart ({counts}): name smaller areas along the line"
            ]
        )
    pairs = []
    for barrier, one, other in sides:
        if (both := one & other).any():
            names = [accounts[i].account_id for i in np.flatnonzero(both)[:NAMED]]
            raise ProblemError([f"rules.barriers: {barrier.name!r} has on both sides {', '.join(names)}"])
        a, b = np.meshgrid(np.flatnonzero(one), np.flatnonzero(other), indexing="ij")
        pairs.append(np.stack([a.ravel(), b.ravel()], axis=1))
    found = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    return found if len(found) else None


def _within(accounts: Sequence[AccountSet], areas: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether an account lies in one of the areas. Raises ProblemError."""
    for kind, _, name in (area.partition(" ") for area in areas):
        if kind == "cell" and not h3.is_valid_cell(name):
            raise ProblemError([f"rules.barriers: {name} is no cell of H3"])
    return np.array([any(_lies_in(account, area) for area in areas) for account in accounts], dtype=np.bool_)


def _lies_in(account: AccountSet, area: str) -> bool:
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
