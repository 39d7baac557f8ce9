"""Occasions to ask for a plan: a rep who leaves, joins or will be absent, moves made by hand, a lost account, a fired alert, a broken corridor."""

from __future__ import annotations

from datetime import date

from schemas.settings import Settings
from streams.handlers.region import asking, covering, expiring, news, planning, roster
from streams.handlers.region.days import SUNDAY
from streams.handlers.region.learning import Learner
from streams.handlers.region.state import RegionState
from streams.handlers.region.voice import Voice


def maybe_ask(
    state: RegionState, learner: Learner, day: date, fired: list[str], settings: Settings, voice: Voice
) -> None:
    """Ask for a plan when there is a persistent cause and nothing else is in the way. fired: ids of alerts that fired today."""
    lost = _is_broken_by_loss(state, day, settings)
    if _asked_for_cover(state, learner, day, settings, voice):
        return
    orphaned = roster.has_orphans(state, day)
    joined = _has_joined(state, day, settings)
    if joined:
        expiring.make_room(state, day, voice)
    overridden = _is_overridden(state, day, settings)
    persistent = state.weeks_broken >= settings.corridor.persistence_weeks
    out_of_corridor = state.weeks_broken > 0
    if not (
        orphaned
        or joined
        or overridden
        or lost
        or (day.weekday() == SUNDAY and (persistent or (fired and out_of_corridor)))
    ):
        return
    if not planning.may_ask(state, day, orphaned, settings):
        return
    at_once = {
        "rep_left": orphaned,
        "rep_joined": joined,
        "override": overridden,
        "account_closed": lost,
        "alert": bool(fired),
    }
    cause = next((name for name, is_so in at_once.items() if is_so), "corridor")
    state.overridden = False
    state.joined_reps = []
    asking.ask(state, day, cause, fired, settings, voice)


def _has_joined(state: RegionState, day: date, settings: Settings) -> bool:
    """Whether somebody has joined who has no fair share yet, below the corridor: what would give one is offered at once."""
    if state.joined_reps:
        away = planning.standing(state, day).deviation
        wanting = [rep_id for rep_id in state.joined_reps if away.get(rep_id, 0.0) < -settings.corridor.tolerance]
        state.joined_reps = wanting
    return bool(state.joined_reps)


def _is_broken_by_loss(state: RegionState, day: date, settings: Settings) -> bool:
    """Whether accounts have closed and the corridor, which held when the last week closed, is broken: they do not come back."""
    lost, state.lost_accounts = state.lost_accounts, False
    held = state.weeks_broken <= (day.weekday() == SUNDAY)  # on a Sunday the new week counts already
    return lost and held and planning.standing(state, day).worst > settings.corridor.tolerance


def _is_overridden(state: RegionState, day: date, settings: Settings) -> bool:
    """Whether the CRM has given accounts to other reps and the corridor is broken: what would restore it is offered at once."""
    if state.overridden:
        state.overridden = planning.standing(state, day).worst > settings.corridor.tolerance
    return state.overridden


def _asked_for_cover(state: RegionState, learner: Learner, day: date, settings: Settings, voice: Voice) -> bool:
    """Ask who stands in for reps who will be absent: at once, whatever else waits for a decision."""
    absent = covering.to_cover(state, day, settings)
    if not absent or state.pending is not None:
        return False
    for rep in absent:
        learner.note(news.rep_absent(rep, state, day))
    expiring.renew_covers(state, day, voice)
    covering.remember_asked(state, absent)
    asking.ask(state, day, covering.REP_ABSENT, [], settings, voice)
    return True
