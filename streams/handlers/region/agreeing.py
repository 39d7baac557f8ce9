"""What others have to say about a suggestion: the reps whose accounts it moves, and the second person a large one needs."""

from __future__ import annotations

from schemas.errors import RefusedError
from schemas.region_log import Decided
from schemas.rows import ApprovalRow, ChallengeRow, SuggestionRow
from schemas.settings import Settings
from streams.handlers.region.state import FirstApproval, MoveState, RegionState, SuggestionState

OPEN_TO_CHALLENGE = ("proposed", "approved", "modified")


def challenged(suggestion: SuggestionState, decision: Decided) -> tuple[ChallengeRow, ...]:
    """The challenges with this one among them; the newest of one person on one account holds. Raises RefusedError."""
    if suggestion.status not in OPEN_TO_CHALLENGE:
        raise RefusedError("stale_decision", f"the suggestion is {suggestion.status}", "suggestion_id")
    row = SuggestionRow.model_validate_json(suggestion.row)
    account_id = decision.account_id or ""
    if account_id not in {move.account_id for move in row.moves} | {move.account_id for move in suggestion.applied}:
        raise RefusedError("unknown_move", f"{account_id!r} is not moved by this suggestion", "account_id")
    kept = [one for one in row.challenges if (one.account_id, one.challenged_by) != (account_id, decision.decided_by)]
    new = ChallengeRow(
        account_id=account_id,
        reason=decision.reason,
        challenged_by=decision.decided_by,
        challenged_at=decision.occurred_at,
        decision_id=decision.decision_id,
    )
    return (*kept, new)


def approved(suggestion: SuggestionState, decision: Decided, wanted: list[tuple[str, str]]) -> tuple[ApprovalRow, ...]:
    """The approvals of these very moves, with this one."""
    first = suggestion.first_approval
    new = ApprovalRow(decided_by=decision.decided_by, decided_at=decision.occurred_at, decision_id=decision.decision_id)
    if first is None or first.moves != sorted(wanted) or first.decision_id == decision.decision_id:
        return (new,)
    old = ApprovalRow(decided_by=first.decided_by, decided_at=first.decided_at, decision_id=first.decision_id)
    return (old, new)


def waits_for_second(
    state: RegionState,
    suggestion: SuggestionState,
    decision: Decided,
    wanted: list[tuple[str, str]],
    moves: list[MoveState],
    settings: Settings,
) -> bool:
    """Whether this is the first of the two approvals that so large a change needs; it is remembered then.

    Two persons must want the very same moves: whoever wants others begins anew. Raises RefusedError when the first
    person comes again.
    """
    if not is_large(state, moves, settings):
        return False
    first = suggestion.first_approval
    if first is None or first.moves != sorted(wanted):
        suggestion.first_approval = FirstApproval(
            decision.decision_id, decision.decided_by, decision.occurred_at, sorted(wanted), decision.effective_from
        )
        return True
    if first.decided_by == decision.decided_by:
        who = first.decided_by or "somebody without a name"
        raise RefusedError("second_person_needed", f"{who} has approved already: a second person must", "decided_by")
    return False


def is_large(state: RegionState, moves: list[MoveState], settings: Settings) -> bool:
    """Whether one person alone may not decide on so many moves, or so much potential."""
    most_moves, most_eur = settings.change.second_approval_moves, settings.change.second_approval_eur
    potential = sum(state.accounts[move.account_id].potential_eur for move in moves)
    return bool((most_moves and len(moves) > most_moves) or (most_eur and potential > most_eur))
