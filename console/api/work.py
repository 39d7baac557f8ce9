"""Alerts, suggestions, and what was decided, to read."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.alerts import one_alert
from console.pages.suggestions import one_suggestion
from console.reading.answers.alerts import Alert
from console.reading.answers.decisions import PastDecision
from console.reading.answers.suggestions import Challenge, Change, MoveOutcome, Suggestion
from console.reading.asking import AlertFilter

router = APIRouter()
Key = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=500)]
State = Literal["", "open", "pending", "firing", "recovering", "resolved", "normal"]
Status = Literal["", "proposed", "approved", "modified", "rejected", "snoozed", "expired", "rolled_back"]
Alerts = Annotated[Visit, Depends(Allowed(Right.SEE_ALERTS))]
Suggestions = Annotated[Visit, Depends(Allowed(Right.SEE_SUGGESTIONS))]


@router.get("/alerts", tags=["alerts"])
def alerts(
    request: Request, visit: Alerts, state: State = "open", severity: Literal["", "critical", "warning", "info"] = "",
    cause: Literal["", "demand_shift", "capacity_change", "execution_gap", "data_fault", "model_drift"] = "",
    scope: Literal["", "account", "territory", "segment", "zone", "region"] = "", region: Key = "", limit: Limit = 200,
) -> list[Alert]:  # fmt: skip
    """Alerts in sight; what is not over unless asked otherwise, the gravest first."""
    found: list[Alert] = request.app.state.reader.alerts(
        visit.sight, AlertFilter(state, severity, cause, scope, region, limit=limit)
    )
    return found


@router.get("/alerts/{alert_id}", tags=["alerts"])
def alert(request: Request, visit: Alerts, alert_id: str) -> Alert:
    """One alert as it stands."""
    return one_alert(request.app.state.reader, visit, alert_id)


@router.get("/suggestions", tags=["suggestions"])
def suggestions(
    request: Request, visit: Suggestions, status: Status = "", region: Key = "", limit: Limit = 100
) -> list[Suggestion]:
    """Suggestions in sight; what waits first, ranked by worth for each EUR of potential that changes hands."""
    statuses = (status,) if status else ()
    found: list[Suggestion] = request.app.state.reader.suggestions(visit.sight, statuses, region, limit=limit)
    return found


@router.get("/suggestions/{suggestion_id}", tags=["suggestions"])
def suggestion(request: Request, visit: Suggestions, suggestion_id: str) -> Suggestion:
    """One suggestion as it stands, with its moves and their reasons."""
    return one_suggestion(request.app.state.reader, visit, suggestion_id)


@router.get("/outcomes", tags=["suggestions"])
def outcomes(request: Request, visit: Suggestions, suggestion: Key = "", limit: Limit = 200) -> list[MoveOutcome]:
    """What became of accounts 30, 90 and 180 days after they moved, beside what was promised: of one suggestion or of all in sight."""
    found: list[MoveOutcome] = request.app.state.reader.outcomes(visit.sight, suggestion, limit)
    return found


@router.get("/decisions", tags=["decisions"])
def decisions(
    request: Request, visit: Suggestions, suggestion: Key = "", alert: Key = "", limit: Limit = 100
) -> list[PastDecision]:
    """Who decided what, when and why, the newest first."""
    found: list[PastDecision] = request.app.state.reader.past_decisions(visit.sight, suggestion, alert, limit)
    return found


@router.get("/challenges", tags=["decisions"])
def challenges(request: Request, visit: Suggestions, limit: Limit = 100) -> list[Challenge]:
    """What reps have against moves of suggestions that wait or are accepted, the newest first."""
    found: list[Challenge] = request.app.state.reader.challenges(visit.sight, limit)
    return found


@router.get("/changes", tags=["decisions"])
def changes(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_ACCOUNTS))], limit: Limit = 200
) -> list[Change]:
    """Accounts that changed their rep, or will; a rep sees those that come to or leave the own territory."""
    found: list[Change] = request.app.state.reader.changes(visit.sight, "", limit)
    return found
