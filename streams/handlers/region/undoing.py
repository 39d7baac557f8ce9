"""A suggestion that was accepted is taken back: its accounts return to the reps they came from."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.errors import RefusedError
from schemas.region_log import Decided
from streams.handlers.region import covering
from streams.handlers.region.moving import move_accounts
from streams.handlers.region.revising import remember_refused, revise, said_by
from streams.handlers.region.roster import is_open
from streams.handlers.region.state import MoveState, RegionState, SuggestionState
from streams.handlers.region.voice import Voice

ONE_DAY = timedelta(days=1)


def undo(state: RegionState, suggestion: SuggestionState, decision: Decided, day: date, voice: Voice) -> date:
    """Move back what has not moved on since; the day from which that counts. Raises RefusedError when nothing is left."""
    effective = _undone_from(suggestion, decision, day)
    back = _undone(state, suggestion)
    if suggestion.cause == covering.REP_ABSENT:
        covering.take_back(state, decision, back, day, voice)
    else:
        move_accounts(state, decision, back, effective, "undo", day, voice)
    remember_refused(state, suggestion, day, kept=set())
    revise(suggestion, "rolled_back", day, voice, **said_by(decision))
    return effective


def _undone(state: RegionState, suggestion: SuggestionState) -> list[MoveState]:
    """The way back of every account that has not gone elsewhere or closed since. Raises RefusedError when none is left."""
    back = [
        MoveState(move.account_id, move.to_rep, move.from_rep)
        for move in suggestion.applied
        if (state.accounts[move.account_id].rep_id or "") in (move.from_rep, move.to_rep)
        and is_open(state.accounts[move.account_id])
    ]
    if not back:
        raise RefusedError("stale_suggestion", "every account of it has moved on since", "suggestion_id")
    return back


def _undone_from(suggestion: SuggestionState, decision: Decided, day: date) -> date:
    """Never before the moves themselves, which may still lie ahead: they would come into force after their undoing."""
    first = decision.effective_from or day + ONE_DAY
    return max(first, suggestion.effective_from or first)
