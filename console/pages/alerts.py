"""Alerts: the list of operations, and one alert with its evidence and what can be done about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.choices import VERDICTS, Choice, on_alert
from console.deciding.marking import feedback
from console.deciding.sending import send
from console.drawing.charts import against_expected
from console.drawing.region_map import region_map
from console.pages.forms import Sent, after, day, text
from console.pages.rendering import page
from console.reading import asking
from console.reading.answers.alerts import Alert
from console.reading.answers.decisions import DecisionState
from console.reading.asking import AlertFilter
from console.reading.nearness import affected, near

router = APIRouter(include_in_schema=False)
HISTORY: Final = timedelta(weeks=40)
NEWS_AROUND: Final = timedelta(days=90)
MOST_NEWS: Final = 20
Seeing = Annotated[Visit, Depends(Allowed(Right.SEE_ALERTS))]
Handling = Annotated[Visit, Depends(Allowed(Right.HANDLE_ALERTS))]


@router.get("/alerts")
def alerts(
    request: Request, visit: Seeing, state: str = "open", severity: str = "", cause: str = "", scope: str = "",
    region: str = "",
) -> Response:  # fmt: skip
    """The list; its filters are the query of the URL."""
    reader = request.app.state.reader
    wanted = AlertFilter("" if state == "all" else state, severity, cause, scope, region)
    chosen = {"state": state, "severity": severity, "cause": cause, "scope": scope, "region": region}
    return page(
        request, visit, "alerts.html", "alerts", alerts=reader.alerts(visit.sight, wanted), chosen=chosen,
        states=("open", *asking.STATES, "all"), severities=asking.SEVERITIES, causes=asking.CAUSES,
        scopes=asking.SCOPES, regions=reader.regions(visit.sight), most=wanted.limit,
    )  # fmt: skip


@router.get("/alerts/{alert_id}")
def alert(request: Request, visit: Seeing, alert_id: str, said: str = "") -> Response:
    """One alert: what was seen against what was expected, why, whom it concerns, what can be done."""
    reader = request.app.state.reader
    found = one_alert(reader, visit, alert_id)
    weeks = reader.scope_weeks(visit.sight, found, found.started_on - HISTORY, found.today)
    news = reader.market_events(visit.sight, found.region_id, found.started_on - NEWS_AROUND, found.today)
    related = [n for n in news if n.market_event_id in found.related_market_events]
    places = reader.places(visit.sight, found.region_id, found.today)
    concerned = affected(found, places)
    ids = frozenset([*found.accounts, *(place.account_id for place in concerned)])
    around = (related + [n for n in near(news, ids, concerned) if n not in related])[:MOST_NEWS]
    reps = reader.reps(visit.sight, found.region_id)
    accounts = reader.accounts(visit.sight, found.accounts, limit=100) if found.accounts else []
    # Who handles alerts hears what came of one, headline and state; only who may see suggestions can open it.
    suggestions = reader.suggestions(visit.sight, alert_id=alert_id, limit=50)
    return page(
        request, visit, "alert.html", "alerts", alert=found, chart=chart(weeks, found, around), news=around,
        map=region_map(places, reps, news=around, about=ids, under=request.app.state.tiles) if concerned else None, concerned=len(concerned),
        related={n.market_event_id for n in related}, accounts=accounts, suggestions=suggestions,
        changes=reader.alert_changes(visit.sight, alert_id), evidence=evidence(found), verdicts=VERDICTS,
        outcome=outcome(reader, visit, said), trail=reader.past_decisions(visit.sight, alert_id=alert_id),
        feedback=feedback(alert_id, reader.alert_verdicts(visit.sight, found)),
    )  # fmt: skip


@router.post("/alerts/{alert_id}/decide")
def decide(request: Request, visit: Handling, alert_id: str, form: Sent) -> Response:
    """Acknowledge, assign, silence or judge."""
    state = request.app.state
    found = one_alert(state.reader, visit, alert_id)
    choice = Choice(
        kind=text(form, "kind"), reason=text(form, "reason"), until=day(form, "until"),
        assignee=text(form, "assignee", 64) or visit.person.name, verdict=text(form, "verdict"),
    )  # fmt: skip
    decision = on_alert(choice, found, visit.person.name, state.clock())
    outcome = send(decision, state.publisher, state.reader, visit.sight)
    return after(f"/alerts/{alert_id}", decision.decision_id, outcome)


def one_alert(reader: Any, visit: Visit, alert_id: str) -> Alert:
    """The alert, if there is one in sight; else 404, whether or not it exists."""
    found: list[Alert] = reader.alerts(visit.sight, AlertFilter("", alert_id=alert_id, limit=1))
    if not found:
        raise HTTPException(404, "no such alert in your regions")
    return found[0]


def evidence(alert: Alert) -> dict[str, Any]:
    """Ranked causes, and facts by name."""
    said = alert.told
    causes = [cause for cause in said.pop("causes", []) if isinstance(cause, dict)]
    return {"causes": sorted(causes, key=lambda cause: -float(cause.get("score", 0))), "facts": said}


def chart(weeks: Any, alert: Alert, news: Any) -> Any:
    days: list[date] = [each.day for each in news]
    return against_expected(weeks, alert.started_on, alert.detected_on, days)


def outcome(reader: Any, visit: Visit, decision_id: str) -> DecisionState | None:
    """What has become of the decision somebody comes from; None for nobody's."""
    if not decision_id or len(decision_id) > 64:
        return None
    state: DecisionState = reader.decision(visit.sight, decision_id)
    return state
