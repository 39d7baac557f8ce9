"""A region as it is, and as it would be after changes that a person only thinks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from pydantic import ValidationError

from schemas.settings import Weights
from schemas.verdict_sentences import say
from schemas.what_if import (
    AccountCloses,
    AccountsMove,
    Change,
    MarketShift,
    OtherCorridor,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfRefusedError,
)
from solvers.explanation import money
from solvers.giving import given, objections
from solvers.places import Places
from solvers.problem import Bools, Floats, Problem, ProblemError
from solvers.taking import take
from solvers.travel import haversine_km


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """A problem, and what changes of it need to know: places, the skills accounts ask for, the corridor, weeks of work a
    year, and where it comes from. `given` are the accounts that a question took from a rep, with that rep."""

    region_id: str
    problem: Problem
    tolerance: float  # of the corridor, a share
    field_weeks: float = 44.0
    places: Places | None = None
    required: tuple[tuple[str, ...], ...] = ()  # (n,) skills each account asks for; (): none asks
    as_of: date | None = None
    config_version: str = ""
    currency: str = "EUR"
    given: Mapping[str, str] = field(default_factory=dict)


def changed(situation: Situation, changes: Sequence[Change]) -> tuple[Situation, tuple[str, ...]]:
    """The situation after the changes, in their order, and a sentence for each. Raises WhatIfRefusedError."""
    told = []
    for number, change in enumerate(changes, 1):
        try:
            situation, sentence = _APPLIED[type(change)](situation, change)
        except ProblemError as error:
            raise _refused(number, change, *error.findings) from None
        except WhatIfRefusedError as error:
            raise _refused(number, change, *error.findings) from None
        told.append(sentence)
    return situation, tuple(told)


def _refused(number: int, change: Change, *findings: str) -> WhatIfRefusedError:
    return WhatIfRefusedError(
        tuple(say("refused.change", number=number, kind=change.kind, refusal=finding) for finding in findings)
    )


def _rep_leaves(s: Situation, change: RepLeaves) -> tuple[Situation, str]:
    p = s.problem
    leaving = _rep(p, change.rep_id)
    if p.reps == 1:
        raise WhatIfRefusedError((say("refused.only_rep", rep=change.rep_id),))
    reps = np.delete(np.arange(p.reps), leaving)
    accounts = np.arange(p.accounts)
    problem = take(p, accounts, reps)
    own = p.current == leaving
    sentence = f"{change.rep_id} leaves: {int(own.sum())} accounts with {money(float(p.potential[own].sum()), s.currency)} need another rep"
    places = None if s.places is None else s.places.reordered(accounts, reps)
    return replace(s, problem=problem, places=places), sentence


def _rep_joins(s: Situation, change: RepJoins) -> tuple[Situation, str]:
    p = s.problem
    if change.rep_id in p.rep_ids:
        raise WhatIfRefusedError((say("refused.known_rep", rep=change.rep_id),))
    if s.places is None or not s.places.geographic:
        raise WhatIfRefusedError((say("refused.no_geography"),))
    home = np.array([[change.home_lat, change.home_lon]])
    eligible = p.eligible
    if any(s.required):
        has = set(change.skills)
        able = np.array([set(skills) <= has for skills in s.required], dtype=np.bool_)
        everyone = np.ones((p.accounts, p.reps), np.bool_) if eligible is None else eligible
        eligible = np.column_stack([everyone, able])
    elif eligible is not None:
        eligible = np.column_stack([eligible, np.ones(p.accounts, np.bool_)])
    problem = replace(
        p,
        rep_ids=(*p.rep_ids, change.rep_id),
        distance_km=np.column_stack([p.distance_km, haversine_km(s.places.accounts, home)]),
        capacity=np.append(p.capacity, change.weekly_hours * s.field_weeks),
        seniority=_with_one_more(p, change.seniority),
        eligible=eligible,
        rep_move_budget=None if p.rep_move_budget is None else np.append(p.rep_move_budget, np.inf),
        detour_km=None if p.detour_km is None else np.column_stack([p.detour_km, np.full(p.accounts, np.nan)]),
    )
    places = replace(s.places, homes=np.vstack([s.places.homes, home]))
    return replace(
        s, problem=problem, places=places
    ), f"{change.rep_id} joins with {change.weekly_hours:g} hours a week"


def _account_closes(s: Situation, change: AccountCloses) -> tuple[Situation, str]:
    p = s.problem
    closing = _account(p, change.account_id)
    accounts, reps = np.delete(np.arange(p.accounts), closing), np.arange(p.reps)
    problem = take(p, accounts, reps)
    places = None if s.places is None else s.places.reordered(accounts, reps)
    required = tuple(s.required[i] for i in accounts) if s.required else ()
    worth = money(float(p.potential[closing]), s.currency)
    return replace(s, problem=problem, places=places, required=required), f"{change.account_id} closes, {worth} a year"


def _accounts_move(s: Situation, change: AccountsMove) -> tuple[Situation, str]:
    p = s.problem
    rep = _rep(p, change.rep_id)
    named = dict.fromkeys(_account(p, account) for account in change.account_ids)
    accounts = np.array(list(named), dtype=np.int64)
    against = objections(p, accounts, rep, s.required)
    if against:
        raise WhatIfRefusedError(tuple(against))
    coming = accounts[p.current[accounts] != rep]
    taken = {p.account_ids[i]: p.rep_ids[p.current[i]] for i in coming if not p.orphan[i]}
    names = f"{p.account_ids[coming[0]]} goes" if len(coming) == 1 else f"{len(coming)} accounts go"
    sentence = f"{names} to {change.rep_id}, with {money(float(p.potential[coming].sum()), s.currency)}"
    return replace(s, problem=given(p, accounts, rep), given={**s.given, **taken}), sentence


def _market_shift(s: Situation, change: MarketShift) -> tuple[Situation, str]:
    p = s.problem
    hit, where = _hit(s, change)
    potential = np.asarray(np.round(np.where(hit, p.potential * (1 + change.effect), p.potential), 2), np.float64)
    lost = money(abs(float(potential.sum() - p.potential.sum())), s.currency)
    sentence = f"{change.effect:+.0%} of potential {where}: {int(hit.sum())} accounts, {lost} a year"
    return replace(s, problem=replace(p, potential=potential)), sentence


def _hit(s: Situation, change: MarketShift) -> tuple[Bools, str]:
    """(n,) the accounts a shift is about, and where they are."""
    p = s.problem
    if change.account_ids:
        hit = np.zeros(p.accounts, np.bool_)
        hit[[_account(p, account) for account in change.account_ids]] = True
        return hit, "of the named accounts"
    if change.lat is None and change.lon is None and change.radius_km is None:
        return np.ones(p.accounts, np.bool_), "in the whole region"
    if change.lat is None or change.lon is None or change.radius_km is None:
        raise WhatIfRefusedError((say("refused.half_a_place"),))
    if s.places is None or not s.places.geographic:
        raise WhatIfRefusedError((say("refused.no_geography_to_shift"),))
    away = haversine_km(s.places.accounts, np.array([[change.lat, change.lon]]))[:, 0]
    hit = np.asarray(away <= change.radius_km)
    if not hit.any():
        place = f"{change.lat:g}, {change.lon:g}"
        raise WhatIfRefusedError((say("refused.nobody_near", km=f"{change.radius_km:g}", place=place),))
    return hit, f"within {change.radius_km:g} km of {change.lat:g}, {change.lon:g}"


def _other_weights(s: Situation, change: OtherWeights) -> tuple[Situation, str]:
    try:
        weights = Weights.model_validate({**s.problem.weights.model_dump(), **change.weights})
    except ValidationError as error:
        findings = tuple(f"weights.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise WhatIfRefusedError(findings) from None
    sentence = "other weights: " + ", ".join(f"{name} = {value}" for name, value in sorted(change.weights.items()))
    return replace(s, problem=replace(s.problem, weights=weights)), sentence


def _other_corridor(s: Situation, change: OtherCorridor) -> tuple[Situation, str]:
    w = s.problem.weights
    knees = tuple(max(knee, change.tolerance) for knee in w.balance_knees)
    weights = w.model_copy(update={"balance_free": change.tolerance, "balance_knees": knees})
    sentence = f"a corridor of ± {change.tolerance:.0%}, inside which unbalance costs nothing"
    return replace(s, problem=replace(s.problem, weights=weights), tolerance=change.tolerance), sentence


def _other_limit(s: Situation, change: OtherLimit) -> tuple[Situation, str]:
    sentence = "any number of moves" if change.max_moves is None else f"at most {change.max_moves} moves"
    return replace(s, problem=replace(s.problem, max_moves=change.max_moves)), sentence


def _with_one_more(p: Problem, seniority: float) -> Floats | None:
    """(k + 1,) the seniorities with the new rep's; None while all are alike and ready for a whole territory."""
    if p.seniority is None and seniority == 1:
        return None
    return np.append(np.ones(p.reps) if p.seniority is None else p.seniority, seniority)


def _rep(p: Problem, wanted: str) -> int:
    return _index(p.rep_ids, wanted, "refused.no_such_rep")


def _account(p: Problem, wanted: str) -> int:
    return _index(p.account_ids, wanted, "refused.no_such_account")


def _index(ids: tuple[str, ...], wanted: str, refusal: str) -> int:
    try:
        return ids.index(wanted)
    except ValueError:
        known = ", ".join(sorted(ids)[:5])
        raise WhatIfRefusedError((say(refusal, wanted=wanted, count=len(ids), known=known),)) from None


_APPLIED: dict[type, Callable[..., tuple[Situation, str]]] = {
    RepLeaves: _rep_leaves,
    RepJoins: _rep_joins,
    AccountCloses: _account_closes,
    AccountsMove: _accounts_move,
    MarketShift: _market_shift,
    OtherWeights: _other_weights,
    OtherCorridor: _other_corridor,
    OtherLimit: _other_limit,
}
