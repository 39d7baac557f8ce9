"""When a region asks for a plan, and the problem it asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas.region_log import RepSet
from schemas.settings import Settings
from schemas.verdict_sentences import say
from solvers.local_travel import with_local_travel
from solvers.places import Places
from solvers.problem import Problem
from solvers.verdict import Verdict, some
from streams.handlers.region import budget
from streams.handlers.region.roster import active_accounts, live_reps
from streams.handlers.region.rules import with_rules
from streams.handlers.region.state import AccountState, RegionState, is_absent, is_waiting


class SolveJob(msgspec.Struct, frozen=True):
    """What leaves the region: a problem and its limits. `refused` are moves (account, rep: indices of the problem) that were refused lately, and the EUR a year they must be worth to come back;
    `places` of the accounts and `homes` of the reps in degrees, NaN where unknown. `covers`: who stands in is asked; fewer moves, or other
    priorities, are then no question. `market_swing`: standard deviation, in logarithms, of what all potentials do together."""

    problem: bytes
    low_eur: list[float]
    high_eur: list[float]
    evaluations: int
    seconds: float
    random_state: int
    currency: str
    refused: list[tuple[int, int, float]] = []
    places: list[tuple[float, float]] = []
    homes: list[tuple[float, float]] = []
    covers: bool = False
    market_swing: float = 0.0


encode_job = msgspec.msgpack.Encoder().encode
decode_job = msgspec.msgpack.Decoder(SolveJob).decode


@dataclass(frozen=True, slots=True)
class Standing:
    """Territories of the live reps today: potential and its deviation from the fair share."""

    potential_eur: dict[str, float]
    deviation: dict[str, float]

    @property
    def worst(self) -> float:
        return max((abs(value) for value in self.deviation.values()), default=0.0)


def standing(state: RegionState, day: date) -> Standing:
    """Every live rep counts, with an empty territory too."""
    reps = live_reps(state, day)
    held = {rep.rep_id: 0.0 for rep in reps}
    for account in active_accounts(state, day):
        if account.rep_id in held:
            held[account.rep_id] += account.potential_eur
    fair = budget.fair_potential(reps, sum(held.values()))
    deviation = {rep_id: held[rep_id] / fair[rep_id] - 1 if fair[rep_id] > 0 else 0.0 for rep_id in held}
    return Standing(held, deviation)


def has_territories(state: RegionState, day: date, least_reps: int = 2) -> bool:
    """Whether the region has that many live reps and any assignment."""
    reps = live_reps(state, day)
    return len(reps) >= least_reps and any(account.rep_id in state.reps for account in state.accounts.values())


def may_ask(state: RegionState, day: date, orphaned: bool, settings: Settings) -> bool:
    """Not while a solve or an open suggestion waits, inside the rest after the last one, or on young potentials."""
    return (
        state.pending is None
        and not any(is_waiting(s) and s.cause != "rep_absent" for s in state.suggestions.values())
        and (state.rest_until is None or day > state.rest_until)
        and state.weeks_closed >= settings.change.warm_up_weeks
        and has_territories(state, day, least_reps=1 if orphaned else 2)
    )


def _seniority(reps: list[RepSet]) -> NDArray[np.float64] | None:
    """(k,) share of a full territory each rep is ready for; None when all are ready for a whole one."""
    return None if all(rep.seniority == 1 for rep in reps) else np.array([rep.seniority for rep in reps])


def _families(accounts: list[AccountState]) -> NDArray[np.int64] | None:
    """(n,) a number for each family, -1 for none; None when no account has one."""
    names = sorted({account.now.family_id for account in accounts if account.now.family_id})
    number = {name: i for i, name in enumerate(names)}
    return np.array([number.get(account.now.family_id, -1) for account in accounts]) if names else None


def problem_of(state: RegionState, day: date, settings: Settings) -> tuple[Problem, list[AccountState]]:
    """The rebalancing problem of the day and its accounts, in order: the active ones, and orphans of a rep, except those whom
    no rep may serve."""
    reps = live_reps(state, day)
    index = {rep.rep_id: j for j, rep in enumerate(reps)}
    assigned = [account for account in active_accounts(state, day) if account.rep_id is not None]
    accounts, left_out = servable(assigned, [account.rep_id in index for account in assigned], reps, day)
    current = np.array([index.get(account.rep_id or "", -1) for account in accounts], dtype=np.int64)
    held = [held_because(account, day, settings) for account in accounts]
    total_eur = budget.total_potential(state, day)
    posed = replace(pose(state, day, settings, reps, accounts, current, held), noticed=left_out)
    problem = replace(
        with_rules(posed, [account.now for account in accounts], _places_of(accounts, reps), settings.rules),
        max_moves=settings.change.max_moves,
        family=_families(accounts) if settings.change.families_together else None,
        move_budget=budget.left(state, day, total_eur, settings),
        rep_move_budget=budget.left_by_rep(state, reps, day, total_eur, settings),
    )
    return problem, accounts


def pose(state: RegionState, day: date, settings: Settings, reps: list[RepSet], accounts: list[AccountState],
         current: NDArray[np.int64], held: list[str]) -> Problem:  # fmt: skip
    """The problem of these reps and accounts without limits of change and rules of territories; `held` says why an account may not move, "" if it may."""
    visits = np.array([yearly_visits(account, settings) for account in accounts])
    minutes = np.array([visit_minutes(account, settings) for account in accounts])
    places = _places_of(accounts, reps)
    problem = Problem(
        account_ids=tuple(account.now.account_id for account in accounts),
        rep_ids=tuple(rep.rep_id for rep in reps),
        # To the cent and the second: two runs that add up in another order must pose the very same problem, because the
        # search makes another plan of the smallest difference.
        potential=np.round([account.potential_eur for account in accounts], 2),
        hours=np.round(visits * (minutes + state.travel_minutes_per_visit) / 60, 4),
        visits=visits,
        distance_km=places.distance_km(),
        current=current,
        capacity=np.array([yearly_hours(rep, settings) for rep in reps]),
        seniority=_seniority(reps),
        movable=np.array([not why for why in held], dtype=np.bool_),
        held_because=tuple(held),
        eligible=_eligible(accounts, reps, current, day),
        weights=settings.weights,
        min_move_worth=settings.change.min_move_worth,
    )
    return with_local_travel(problem, places) if settings.travel.local else problem


def servable(
    accounts: list[AccountState], served: list[bool], reps: list[RepSet], day: date
) -> tuple[list[AccountState], tuple[Verdict, ...]]:
    """Accounts that are served or that a rep may serve, and a word on the others: no plan has to wait for them. Where nobody
    would be left, everybody is, and the problem says why it makes no sense."""
    may = {skills: _may_serve(skills, reps, day) for skills in {tuple(account.now.skills) for account in accounts}}
    lost = [not (has or may[tuple(account.now.skills)]) for account, has in zip(accounts, served, strict=True)]
    if not any(lost) or all(lost):
        return accounts, ()
    without = [account for account, is_lost in zip(accounts, lost, strict=True) if is_lost]
    ways = {_nearest_way(tuple(account.now.skills), reps, day): None for account in without}
    names = some([account.now.account_id for account in without])
    way = say("way.could_serve", servants=some(list(ways)))
    verdict = Verdict("eligible", say("not_servable", accounts=names), way)
    return [account for account, is_lost in zip(accounts, lost, strict=True) if not is_lost], (verdict,)


def _may_serve(skills: tuple[str, ...], reps: list[RepSet], day: date) -> bool:
    return any(set(skills) <= set(rep.skills) and not is_absent(rep, day) for rep in reps)


def _nearest_way(skills: tuple[str, ...], reps: list[RepSet], day: date) -> str:
    """The rep who lacks least to serve accounts that ask for these skills; of two, who is there."""
    lacking = [(sorted(set(skills) - set(rep.skills)), is_absent(rep, day), rep) for rep in reps]
    lacks, away, rep = min(lacking, key=lambda one: (len(one[0]), one[1], one[2].rep_id))
    key = "each.servant" + ("_skilled" if lacks else "") + ("_back" if away else "")
    return say(key, rep=rep.rep_id, skills=", ".join(lacks), day=rep.absent_to)


def places_of(state: RegionState, problem: Problem, accounts: list[AccountState]) -> Places:
    """Where the accounts and reps of a problem are, in its order."""
    return _places_of(accounts, [state.reps[rep_id] for rep_id in problem.rep_ids])


def _places_of(accounts: list[AccountState], reps: list[RepSet]) -> Places:
    return Places(
        _places([(a.now.lat, a.now.lon) for a in accounts]), _places([(r.home_lat, r.home_lon) for r in reps])
    )


def held_because(account: AccountState, day: date, settings: Settings) -> str:
    """Why the account may not move today; "" if it may."""
    if is_pinned(account, day):
        because = "held.pinned_because" if account.pin_reason else "held.pinned"
        return say(because, day=account.pinned_until, note=account.pin_reason)
    if account.moved_on is not None:
        rests_until = account.moved_on + timedelta(days=settings.change.cooldown_days)
        if rests_until >= day:
            return say("held.moved", day=account.moved_on, until=rests_until)
    since = day - timedelta(days=settings.change.open_deal_days)
    deals = [(opened, deal) for deal, opened in account.open_deals.items() if opened > since]
    if deals:
        opened, deal = max(deals)
        return say("held.deal", deal=deal, day=opened)
    return ""


def refused_moves(state: RegionState, problem: Problem, day: date, settings: Settings) -> list[tuple[int, int, float]]:
    """Moves refused lately, as `SolveJob.refused`; older ones are forgotten."""
    since = day - timedelta(days=settings.change.refused_rest_days)
    state.refused = [move for move in state.refused if move.refused_on > since]
    account = {account_id: i for i, account_id in enumerate(problem.account_ids)}
    rep = {rep_id: j for j, rep_id in enumerate(problem.rep_ids)}
    return [
        (account[move.account_id], rep[move.to_rep], move.worth_eur * settings.change.refused_growth)
        for move in state.refused
        if move.account_id in account and move.to_rep in rep
    ]


def is_pinned(account: AccountState, day: date) -> bool:
    """Whether a manager has fixed the account where it is, up to that day or later."""
    return account.pinned_until is not None and account.pinned_until >= day


def yearly_visits(account: AccountState, settings: Settings) -> float:
    if account.now.visits_per_year is not None:
        return account.now.visits_per_year
    return settings.segments.visits_per_year.get(account.segment or "C", 0.0)  # type: ignore[call-overload,no-any-return]


def visit_minutes(account: AccountState, settings: Settings) -> float:
    if account.now.visit_minutes is not None:
        return account.now.visit_minutes
    return settings.segments.visit_minutes.get(account.segment or "C", 0.0)  # type: ignore[call-overload,no-any-return]


def yearly_hours(rep: RepSet, settings: Settings) -> float:
    return rep.weekly_hours * settings.calendar.field_weeks_per_year


def _places(places: list[tuple[float | None, float | None]]) -> NDArray[np.float64]:
    return np.array([[np.nan if v is None else v for v in place] for place in places], dtype=np.float64).reshape(-1, 2)


def _eligible(
    accounts: list[AccountState], reps: list[RepSet], current: NDArray[np.int64], day: date
) -> NDArray[np.bool_] | None:
    """A rep needs every skill the account asks for, and gets nothing while absent; None when nobody is excluded."""
    away = np.array([is_absent(rep, day) for rep in reps], dtype=np.bool_)
    if not away.any() and not any(account.now.skills for account in accounts):
        return None
    skills = [set(rep.skills) for rep in reps]
    able = np.array([[set(account.now.skills) <= has for has in skills] for account in accounts], dtype=np.bool_)
    here = current[:, None] == np.arange(len(reps))
    return np.asarray(able.reshape(len(accounts), len(reps)) & (~away | here))
