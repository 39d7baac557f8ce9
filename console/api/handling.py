"""Decisions by program: on a suggestion, on an alert, on an account."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.api.decisions import DecisionAnswer
from console.deciding.choices import Choice, on_account, on_alert, on_suggestion
from console.deciding.sending import send
from console.pages.alerts import one_alert
from console.pages.mine import challenge_of
from console.pages.suggestions import one_suggestion
from schemas.events import DecidedMove, Decision, Text

router = APIRouter()


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Text = ""


class SuggestionDecision(_Body):
    """`moves` empty is all of them; another rep than proposed makes it a modification."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"kind": "accept", "moves": [{"account_id": "A1042", "rep_id": "R07"}], "effective_from": "2026-04-01"},
        {"kind": "reject", "reason": "deal_running: signs in May"}]})  # fmt: skip

    kind: Literal["accept", "reject", "snooze", "undo"]
    moves: Annotated[tuple[DecidedMove, ...], Field(max_length=1_000)] = ()
    effective_from: date | None = None
    until: date | None = None


class AlertDecision(_Body):
    """silence needs `until`, mark needs `verdict`; assign without `assignee` takes whoever asks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"kind": "acknowledge"}, {"kind": "mark", "verdict": "false", "reason": "a holiday"}]})  # fmt: skip

    kind: Literal["acknowledge", "assign", "silence", "mark"]
    assignee: Annotated[str, Field(max_length=64)] = ""
    until: date | None = None
    verdict: Literal["", "useful", "false", "expected"] = ""


class Pin(_Body):
    """Keep an account with its rep, or (`unpin`) no longer. `until` missing is for good."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"kind": "pin", "reason": "customer_asked_to_stay", "until": "2026-12-31"}]})  # fmt: skip

    kind: Literal["pin", "unpin"] = "pin"
    until: date | None = None


class MoveChallenge(BaseModel):
    """What a rep has against a move of a suggestion: a reason of the list, with a note after a colon."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"suggestion_id": "s1", "reason": "deal_running: signs in May"}]})  # fmt: skip

    suggestion_id: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Text


@router.post("/suggestions/{suggestion_id}/decisions", status_code=202, tags=["decisions"])
def on_one_suggestion(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.DECIDE))], suggestion_id: str, body: SuggestionDecision
) -> DecisionAnswer:  # fmt: skip
    """Decide. The answer comes once the decision is applied or refused, or after a few seconds as on its way."""
    found = one_suggestion(request.app.state.reader, visit, suggestion_id)
    moves = {move.account_id: move.rep_id for move in body.moves} if body.moves else None
    choice = Choice(body.kind, moves, body.reason, body.effective_from, body.until)
    return _sent(request, visit, on_suggestion(choice, found, visit.person.name, request.app.state.clock()))


@router.post("/alerts/{alert_id}/decisions", status_code=202, tags=["decisions"])
def on_one_alert(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.HANDLE_ALERTS))], alert_id: str, body: AlertDecision
) -> DecisionAnswer:  # fmt: skip
    """Acknowledge, assign, silence or judge an alert."""
    found = one_alert(request.app.state.reader, visit, alert_id)
    choice = Choice(
        body.kind,
        reason=body.reason,
        until=body.until,
        assignee=body.assignee or visit.person.name,
        verdict=body.verdict,
    )
    return _sent(request, visit, on_alert(choice, found, visit.person.name, request.app.state.clock()))


@router.post("/accounts/{account_id}/pins", status_code=202, tags=["decisions"])
def on_one_account(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.DECIDE))], account_id: str, body: Pin
) -> DecisionAnswer:  # fmt: skip
    """Pin an account, or free it."""
    found: list[Any] = request.app.state.reader.accounts(visit.sight, (account_id,), "", 1)
    if not found:
        raise HTTPException(404, "no such account in your regions")
    choice = Choice(body.kind, reason=body.reason, until=body.until)
    decision = on_account(choice, account_id, found[0].region_id, visit.person.name, request.app.state.clock())
    return _sent(request, visit, decision)


@router.post("/accounts/{account_id}/challenges", status_code=202, tags=["decisions"])
def on_one_move(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.CHALLENGE))], account_id: str, body: MoveChallenge
) -> DecisionAnswer:  # fmt: skip
    """Challenge the move of an account that comes to or leaves the own territory: the manager sees it beside the move."""
    return _sent(request, visit, challenge_of(request, visit, body.suggestion_id, account_id, body.reason))


def _sent(request: Request, visit: Visit, decision: Decision) -> DecisionAnswer:
    state = request.app.state
    return DecisionAnswer.of(decision.decision_id, send(decision, state.publisher, state.reader, visit.sight))
