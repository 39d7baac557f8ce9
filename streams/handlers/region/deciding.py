"""What a manager decides: on a suggestion, and on the pins of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from schemas.errors import RefusedError
from schemas.events import ALERT_DECISIONS
from schemas.region_log import Decided
from schemas.settings import Settings
from streams.handlers.region import agreeing, covering
from streams.handlers.region.accepting import accept
from streams.handlers.region.expiring import snooze
from streams.handlers.region.revising import remember_refused, revise, said_by
from streams.handlers.region.state import RegionState, SuggestionState
from streams.handlers.region.undoing import undo
from streams.handlers.region.voice import Voice


def decide(state: RegionState, decision: Decided, day: date, settings: Settings, voice: Voice) -> None:
    """Apply a manager's decision. Raises RefusedError when it fits nothing that is open; the first decision wins.

    What people do with an alert is kept as a fact and changes nothing here; a verdict on it goes to the learner.
    """
    if decision.kind in ALERT_DECISIONS:
        return
    if decision.kind in ("pin", "unpin"):
        _pin(state, decision)
        return
    suggestion = state.suggestions.get(decision.suggestion_id)
    if suggestion is None:
        raise RefusedError("unknown_suggestion", f"no suggestion {decision.suggestion_id!r} here", "suggestion_id")
    if decision.kind == "challenge":
        revise(suggestion, suggestion.status, day, voice, challenges=agreeing.challenged(suggestion, decision))
        return
    _check_open(suggestion, decision)
    rest, rests_from = settings.change.suggestion_cooldown_days, day
    if decision.kind == "reject":
        remember_refused(state, suggestion, day, kept=set())
        revise(suggestion, "rejected", day, voice, **said_by(decision))
    elif decision.kind == "snooze":
        rest = max((decision.until - day).days, 1) if decision.until else rest
        snooze(suggestion, decision, day + timedelta(days=rest), settings, day, voice)
    elif decision.kind == "undo":
        rests_from = max(day, undo(state, suggestion, decision, day, voice))
    else:
        effective = accept(state, suggestion, decision, day, settings, voice)
        if effective is None:
            return
        rests_from = max(day, effective)
    suggestion.decided_on = day
    if suggestion.cause != covering.REP_ABSENT:
        state.rest_until = rests_from + timedelta(days=rest)


OPEN_TO: Final[Mapping[str, tuple[str, ...]]] = {"undo": ("approved", "modified"), "snooze": ("proposed",)}
"""Statuses in which a suggestion may be decided on like that; anything else fits one that waits, snoozed or not."""


def _check_open(suggestion: SuggestionState, decision: Decided) -> None:
    """Raises RefusedError when the suggestion is not in a state to be decided on like that."""
    expected = OPEN_TO.get(decision.kind, ("proposed", "snoozed"))
    if suggestion.status not in expected:
        why = f"the suggestion is {suggestion.status}, not {' or '.join(expected)}"
        raise RefusedError("stale_decision", why, "suggestion_id")


def _pin(state: RegionState, decision: Decided) -> None:
    account = state.accounts.get(decision.account_id or "")
    if account is None:
        raise RefusedError("unknown_account", f"no account {decision.account_id!r} in this region", "account_id")
    account.pinned_until = (decision.until or date.max) if decision.kind == "pin" else None
    account.pin_reason = decision.reason if decision.kind == "pin" else ""
