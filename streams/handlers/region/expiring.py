"""Suggestions that close without a decision: their time is over, their reason is gone, or the world has overtaken them. And
those that come back, because somebody wanted to be asked again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from schemas.region_log import Decided
from schemas.rows import SuggestionRow
from schemas.settings import Settings
from streams.handlers.region import covering
from streams.handlers.region.planning import standing
from streams.handlers.region.revising import UNDECIDED, revise, said_by
from streams.handlers.region.roster import has_orphans
from streams.handlers.region.state import RegionState, SuggestionState, is_waiting
from streams.handlers.region.voice import Voice

ROOM_MAKERS = ("corridor", "alert", "override", "account_closed", "rep_joined")
"""Causes of suggestions that may wait for another plan; who has left, or is absent, cannot."""


def expire(state: RegionState, day: date, settings: Settings, voice: Voice, open_alerts: Collection[str]) -> None:
    """Close waiting suggestions whose time is over or whose reason is gone, and wake those whose snooze is over."""
    for suggestion in state.suggestions.values():
        if not is_waiting(suggestion):
            continue
        if suggestion.expires_on < day:
            revise(suggestion, "expired", day, voice, decision_reason="nobody decided in time")
        elif suggestion.cause == "corridor" and state.weeks_broken == 0:
            revise(suggestion, "expired", day, voice, decision_reason="the corridor holds again")
        elif suggestion.cause == "alert" and state.weeks_broken == 0 and not _alerts(suggestion) & set(open_alerts):
            revise(suggestion, "expired", day, voice, decision_reason="its alerts are over and the corridor holds")
        elif (
            suggestion.cause in ("override", "rep_joined", "account_closed")
            and standing(state, day).worst <= settings.corridor.tolerance
        ):
            revise(suggestion, "expired", day, voice, decision_reason="the corridor holds again")
        elif suggestion.cause == "rep_left" and not has_orphans(state, day):
            revise(suggestion, "expired", day, voice, decision_reason="every account has a rep again")
        elif suggestion.cause == covering.REP_ABSENT and covering.is_over(state, suggestion, day):
            revise(suggestion, "expired", day, voice, decision_reason="nobody is absent any more")
        else:
            if suggestion.snoozed_until is not None and suggestion.snoozed_until < day:
                wake(suggestion, day, voice)
            continue
        if suggestion.cause != covering.REP_ABSENT and not has_orphans(state, day):  # these cannot wait
            rest = day + timedelta(days=settings.change.suggestion_cooldown_days)
            state.rest_until = max(state.rest_until or rest, rest)  # a snooze may have asked for more


def snooze(
    suggestion: SuggestionState, decision: Decided, until: date, settings: Settings, day: date, voice: Voice
) -> None:
    """Nothing is asked up to that day; from then on there is as much time as for a new one."""
    again = until + timedelta(days=settings.change.suggestion_expires_days)
    suggestion.snoozed_until, suggestion.expires_on = until, max(suggestion.expires_on, again)
    revise(suggestion, "snoozed", day, voice, expires_on=suggestion.expires_on, **said_by(decision))


def wake(suggestion: SuggestionState, day: date, voice: Voice) -> None:
    """The snooze is over: the same question is asked again, and nobody has answered it."""
    suggestion.snoozed_until = None
    revise(suggestion, "proposed", day, voice, **UNDECIDED)


def give_way(state: RegionState, day: date, voice: Voice) -> None:
    """A rep has left accounts behind: they wait neither for a plan that did not know it nor for the end of a rest."""
    for suggestion in state.suggestions.values():
        if is_waiting(suggestion):
            revise(suggestion, "expired", day, voice, decision_reason="a rep has left: another plan is needed")
    state.covers_asked.clear()
    state.rest_until = None


def make_room(state: RegionState, day: date, voice: Voice) -> None:
    """A rep has joined: a plan that waits for a decision did not know of it. The rest after a decision stays."""
    for suggestion in state.suggestions.values():
        if is_waiting(suggestion) and suggestion.cause in ROOM_MAKERS:
            revise(suggestion, "expired", day, voice, decision_reason="a rep has joined: another plan is needed")


def renew_covers(state: RegionState, day: date, voice: Voice) -> None:
    """One more rep is absent, or may not stand in: an open suggestion of cover gives way to one for all of them."""
    for suggestion in state.suggestions.values():
        if is_waiting(suggestion) and suggestion.cause == covering.REP_ABSENT:
            revise(suggestion, "expired", day, voice, decision_reason="one more rep is absent: another plan is needed")


def let_go(state: RegionState, suggestion: SuggestionState, day: date, voice: Voice, why: str) -> None:
    """A suggestion that the world has overtaken: it closes, and the region may ask anew at once."""
    revise(suggestion, "expired", day, voice, decision_reason=why)
    state.rest_until = None


def _alerts(suggestion: SuggestionState) -> set[str]:
    return set(SuggestionRow.model_validate_json(suggestion.row).alert_ids)
