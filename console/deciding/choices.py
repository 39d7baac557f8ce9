"""From what somebody chose to the event that says so. Refusals name the field, for the form and for the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import uuid4

from pydantic import ValidationError

from console.reading.answers.alerts import Alert
from console.reading.answers.suggestions import Suggestion
from schemas.errors import RefusedError
from schemas.events import Decision

SuggestionKind = Literal["accept", "modify", "reject", "snooze", "undo"]
AlertKind = Literal["acknowledge", "assign", "silence", "mark"]
AccountKind = Literal["pin", "unpin"]

# Why a suggestion is rejected: a list people can read at a glance, never more than 20.
REASONS: Final = (
    "relation_too_valuable", "deal_running", "rep_knows_better", "customer_asked_to_stay", "moved_recently",
    "rep_overloaded", "rep_absent", "travel_wrong", "skills_missing", "language", "data_wrong", "potential_wrong",
    "strategy_change", "team_change_planned", "too_many_moves", "not_worth_it", "season", "other",
)  # fmt: skip
# What a rep may have against a move: those of the reasons that a rep can know.
CHALLENGES: Final = (
    "relation_too_valuable", "deal_running", "customer_asked_to_stay", "moved_recently", "rep_overloaded", "travel_wrong",
    "skills_missing", "language", "data_wrong", "potential_wrong", "season", "other",
)  # fmt: skip
VERDICTS: Final = ("useful", "false", "expected")


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided, before it is checked against what it is about. `moves`: account -> rep, empty is all."""

    kind: str
    moves: Mapping[str, str] | None = None
    reason: str = ""
    effective_from: date | None = None
    until: date | None = None
    assignee: str = ""
    verdict: str = ""


def on_suggestion(choice: Choice, suggestion: Suggestion, by: str, now: datetime) -> Decision:
    """The event. Another rep than proposed for any account makes an acceptance a modification; accounts of a smaller plan
    of the frontier may be among the moves.

    Raises RefusedError naming the field.
    """
    if choice.kind not in ("accept", "modify", "reject", "snooze", "undo"):
        raise RefusedError("not_a_choice", f"{choice.kind!r} is nothing one does to a suggestion", "kind")
    proposed = {move.account_id: move.to_rep for move in suggestion.moves}
    kind, moves = choice.kind, dict(choice.moves or {})
    if kind in ("accept", "modify"):
        if choice.moves is not None and not moves:
            raise RefusedError("no_moves", "no move is chosen", "moves")
        smaller = {(move.account_id, move.to_rep) for move in suggestion.frontier_moves}
        if strangers := sorted(a for a, rep in moves.items() if a not in proposed and (a, rep) not in smaller):
            raise RefusedError("unknown_move", f"{strangers[0]!r} is not part of the suggestion", "moves")
        changed = any(proposed.get(account) != rep for account, rep in moves.items())
        kind = "modify" if changed else "accept"
        if kind == "accept" and len(moves) == len(proposed):
            moves = {}
    else:
        moves = {}
    if kind == "reject" and choice.reason.partition(":")[0] not in REASONS:
        raise RefusedError("no_reason", f"a rejection needs a reason, one of: {', '.join(REASONS)}", "reason")
    if kind == "snooze" and choice.until is None:
        raise RefusedError("no_day", "a snooze needs its last day", "until")
    return _event(
        now, region_id=suggestion.region_id, kind=kind, suggestion_id=suggestion.suggestion_id, decided_by=by,
        moves=[{"account_id": account, "rep_id": rep} for account, rep in moves.items()],
        reason=choice.reason, until=choice.until if kind == "snooze" else None,
        effective_from=choice.effective_from if kind in ("accept", "modify", "undo") else None,
    )  # fmt: skip


def on_account(choice: Choice, account_id: str, region_id: str, by: str, now: datetime) -> Decision:
    """A pin, or its end. Raises RefusedError."""
    if choice.kind not in ("pin", "unpin"):
        raise RefusedError("not_a_choice", f"{choice.kind!r} is nothing one does to an account", "kind")
    if choice.kind == "pin" and not choice.reason:
        raise RefusedError("no_reason", "a pin needs a reason", "reason")
    return _event(
        now, region_id=region_id, kind=choice.kind, account_id=account_id, decided_by=by, reason=choice.reason,
        until=choice.until if choice.kind == "pin" else None,
    )  # fmt: skip


def on_move(suggestion_id: str, account_id: str, region_id: str, reason: str, by: str, now: datetime) -> Decision:
    """A rep's challenge of one move. Raises RefusedError."""
    if reason.partition(":")[0] not in CHALLENGES:
        raise RefusedError("no_reason", f"one of: {', '.join(CHALLENGES)} (a note may follow after a colon)", "reason")
    return _event(
        now, region_id=region_id, kind="challenge", suggestion_id=suggestion_id, account_id=account_id, decided_by=by,
        reason=reason,
    )  # fmt: skip


def on_alert(choice: Choice, alert: Alert, by: str, now: datetime) -> Decision:
    """What an operator does with an alert. Raises RefusedError naming the field."""
    if choice.kind not in ("acknowledge", "assign", "silence", "mark"):
        raise RefusedError("not_a_choice", f"{choice.kind!r} is nothing one does to an alert", "kind")
    if choice.kind == "mark" and choice.verdict not in VERDICTS:
        raise RefusedError("no_verdict", "useful, false or expected", "verdict")
    if choice.kind == "assign" and not choice.assignee:
        raise RefusedError("no_assignee", "nobody is named", "assignee")
    if choice.kind == "silence" and choice.until is None:
        raise RefusedError("no_day", "a silence needs its last day", "until")
    own: dict[str, dict[str, object]] = {
        "assign": {"assignee": choice.assignee},
        "silence": {"until": choice.until},
        "mark": {"verdict": choice.verdict},
    }
    return _event(
        now, region_id=alert.region_id, kind=choice.kind, alert_id=alert.alert_id, decided_by=by, reason=choice.reason,
        **own.get(choice.kind, {}),
    )  # fmt: skip


def _event(now: datetime, **fields: object) -> Decision:
    number = uuid4().hex
    try:
        return Decision.model_validate(
            {"event_id": f"decision-{number}", "decision_id": number, "occurred_at": now, **fields}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise RefusedError("not_valid", first["msg"], ".".join(map(str, first["loc"]))) from None
