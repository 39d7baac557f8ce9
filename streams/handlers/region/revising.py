"""A suggestion as it was last said: what it proposes, its next revision, and the moves that were not wanted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from schemas.region_log import Decided
from schemas.rows import SuggestionRow
from streams.handlers.region import covering
from streams.handlers.region.state import RefusedMove, RegionState, SuggestionState
from streams.handlers.region.voice import Voice, end_of


def revise(suggestion: SuggestionState, status: str, day: date, voice: Voice, **fields: object) -> None:
    """Say it again with another status and what else has changed."""
    row = SuggestionRow.model_validate_json(suggestion.row)
    changes = {"status": status, "revision": row.revision + 1, "as_of": end_of(day), **fields}
    row = row.model_copy(update=changes)
    suggestion.row, suggestion.status = row.model_dump_json().encode(), status
    voice.repeat(row)


UNDECIDED: Final[Mapping[str, object]] = {"decided_by": "", "decision_id": "", "decision_reason": ""}
"""What a suggestion says of the decision on it while there is none, or none any more."""


def said_by(decision: Decided) -> dict[str, object]:
    """What a suggestion says of the decision on it."""
    return {"decided_by": decision.decided_by, "decision_id": decision.decision_id, "decision_reason": decision.reason}


def proposed(suggestion: SuggestionState) -> dict[str, str]:
    """Account -> the rep it was proposed for."""
    return {move.account_id: move.to_rep for move in SuggestionRow.model_validate_json(suggestion.row).moves}


def remember_refused(state: RegionState, suggestion: SuggestionState, day: date, kept: set[tuple[str, str]]) -> None:
    """Remember the proposed moves that the manager did not want; who shall not stand in may still take over for good."""
    if suggestion.cause == covering.REP_ABSENT:
        return
    for move in SuggestionRow.model_validate_json(suggestion.row).moves:
        if (move.account_id, move.to_rep) not in kept:
            state.refused.append(RefusedMove(move.account_id, move.to_rep, day, move.worth_eur))
