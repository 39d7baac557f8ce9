"""Moves that are decided: told to the CRM, and sent as assignments that come back through the log."""

from __future__ import annotations

from datetime import date

from schemas.events import Assignment
from schemas.region_log import Decided
from schemas.rows import AssignmentChangeRow
from schemas.topics import ASSIGNMENTS
from streams.handlers.region.roster import owner
from streams.handlers.region.state import AccountState, MoveState, RegionState
from streams.handlers.region.voice import Voice
from streams.ports import Emit


def move_accounts(state: RegionState, decision: Decided, moves: list[MoveState], effective: date, kind: str, day: date,
                  voice: Voice) -> None:  # fmt: skip
    """Write the outbox rows and the assignments that come back through the log."""
    for move in moves:
        account = state.accounts[move.account_id]
        voice.say(
            AssignmentChangeRow,
            day,
            change_id=voice.derive("change", decision.decision_id, move.account_id),
            account_id=move.account_id,
            from_rep=move.from_rep,
            to_rep=move.to_rep,
            valid_from=effective,
            suggestion_id=decision.suggestion_id,
            decision_id=decision.decision_id,
            kind=kind,
        )
        voice.output.emits.append(_assignment(account, move, decision, effective, voice))
        state.moved_eur.append((effective, account.potential_eur))
        if owner(state, account, day):  # whom a rep has left behind has to go somewhere
            state.moved_by_rep += [
                (effective, rep, account.potential_eur) for rep in (move.from_rep, move.to_rep) if rep
            ]


def _assignment(account: AccountState, move: MoveState, decision: Decided, effective: date, voice: Voice) -> Emit:
    event = Assignment(
        event_id=voice.derive("assignment", decision.decision_id, move.account_id),
        occurred_at=decision.occurred_at,
        account_id=move.account_id,
        rep_id=move.to_rep or None,
        valid_from=effective,
        source="decision",
        suggestion_id=decision.suggestion_id,
    )
    value = event.model_dump_json().encode()
    return Emit(ASSIGNMENTS.name, account.now.source_partition, move.account_id.encode(), value)
