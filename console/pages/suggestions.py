"""Suggestions: the inbox of a manager, one suggestion with everything it takes to decide, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.choices import REASONS, Choice, on_account, on_suggestion
from console.deciding.comparing import Comparison, compared
from console.deciding.frontier import others, steps
from console.deciding.sending import send
from console.deciding.simulation import simulated
from console.drawing.intervals import corridor_bars
from console.drawing.maps import colours
from console.drawing.region_map import region_map
from console.pages.alerts import outcome
from console.pages.forms import Sent, after, day, reason, text
from console.pages.rendering import page
from console.pages.what_if import answer_to
from console.reading.answers.suggestions import Suggestion
from schemas.errors import RefusedError, UnavailableError
from schemas.rows import TerritoryEffect
from schemas.what_if import WhatIfRefusedError

router = APIRouter(include_in_schema=False)
COVER = "rep_absent"
"""The cause of a suggestion that moves nobody for good: no territory changes, so there is no plan to price."""
CORRIDOR = 0.15
"""Of a company whose settings have not been written yet."""
STATUSES = ("proposed", "approved", "modified", "rejected", "snoozed", "expired", "rolled_back")
Seeing = Annotated[Visit, Depends(Allowed(Right.SEE_SUGGESTIONS))]
Deciding = Annotated[Visit, Depends(Allowed(Right.DECIDE))]


@router.get("/suggestions")
def suggestions(request: Request, visit: Seeing, status: str = "", region: str = "") -> Response:
    """The inbox: what waits, the most worth for the least disruption first; then what is over."""
    reader = request.app.state.reader
    found = reader.suggestions(visit.sight, (status,) if status else (), region)
    return page(
        request, visit, "suggestions.html", "suggestions", suggestions=found, statuses=STATUSES,
        chosen={"status": status, "region": region}, regions=reader.regions(visit.sight),
    )  # fmt: skip


@router.get("/suggestions/{suggestion_id}")
def suggestion(
    request: Request, visit: Seeing, suggestion_id: str, said: str = "", step: Annotated[int, Query(ge=0, le=99)] = 99
) -> Response:
    """One suggestion: why, before and after, each move, and the decision. `step` is the stop of the slider."""
    found = one_suggestion(request.app.state.reader, visit, suggestion_id)
    return _shown(request, visit, found, step, said)


@router.post("/suggestions/{suggestion_id}/simulate")
def simulate(
    request: Request, visit: Deciding, suggestion_id: str, form: Sent, sums_only: bool = False
) -> Response:  # fmt: skip
    """The same page with the effect of what is ticked; nothing is decided. `sums_only`: at once, without the solver."""
    state = request.app.state
    found = one_suggestion(state.reader, visit, suggestion_id)
    chosen = ticked(form, found)
    effects = simulated(found, chosen, state.reader.territories(visit.sight, found.region_id))
    if sums_only or found.cause == COVER:
        return _shown(request, visit, found, 99, "", chosen, effects)
    trouble, status, comparison = [], 200, None
    try:
        comparison = compared(found, chosen, lambda asked: answer_to(state, asked))
    except RefusedError as refused:
        trouble, status = [str(refused)], 422
    except WhatIfRefusedError as senseless:
        trouble, status = list(senseless.findings), 422
    except UnavailableError as away:
        trouble, status = [str(away)], 503
    shown = _shown(request, visit, found, 99, "", chosen, effects, comparison, trouble)
    shown.status_code = status
    return shown


def _shown(
    request: Request, visit: Visit, found: Suggestion, step: int, said: str, chosen: dict[str, str] | None = None,
    effects: tuple[TerritoryEffect, ...] | None = None, comparison: Comparison | None = None, trouble: Sequence[str] = (),
) -> Response:  # fmt: skip
    reader = request.app.state.reader
    standing = reader.standing()
    today, tolerance = standing.as_of.date(), standing.tolerance or CORRIDOR
    stops = steps(found)
    step = min(step, len(stops) - 1)
    other = others(found, stops)
    moving = [*(move.account_id for move in found.moves), *other]
    accounts = {a.account_id: a for a in reader.accounts(visit.sight, moving, limit=1_000)} if moving else {}
    reps = reader.reps(visit.sight, found.region_id)
    involved = {e.rep_id for e in found.effects} | {m.to_rep for m in found.moves} | {m.from_rep for m in found.moves}
    grey = {rep.rep_id: "c-rest" for rep in reps if rep.rep_id not in involved}
    places = reader.places(visit.sight, found.region_id, today)
    shown = region_map(
        places, reps, found.moves, colour_of={**colours(involved), **grey}, under=request.app.state.tiles
    )
    shown_effects = found.effects if effects is None else effects
    return page(
        request, visit, "suggestion.html", "suggestions", s=found, map=shown, accounts=accounts,
        colour=colours(involved), reps=[rep for rep in reps if rep.active], names={rep.rep_id: rep.name for rep in reps},
        reasons=REASONS, today=today, tomorrow=today + timedelta(days=1), month=today + timedelta(days=28),
        outcome=outcome(reader, visit, said), trail=reader.past_decisions(visit.sight, found.suggestion_id),
        changes=reader.changes(visit.sight, found.suggestion_id), ledger=reader.outcomes(visit.sight, found.suggestion_id),
        stops=stops, step=step, unproposed=other,
        chosen=stops[step].chosen if chosen is None else chosen, effects=shown_effects,
        bars=corridor_bars(shown_effects, found.intervals, tolerance, after_known=effects is None), tolerance=tolerance,
        is_simulated=effects is not None, comparison=comparison, trouble=trouble,
    )  # fmt: skip


@router.post("/suggestions/{suggestion_id}/decide")
def decide(request: Request, visit: Deciding, suggestion_id: str, form: Sent) -> Response:
    """Accept all or some, with other reps, reject, snooze or undo."""
    state = request.app.state
    found = one_suggestion(state.reader, visit, suggestion_id)
    decision = on_suggestion(choice(form, found), found, visit.person.name, state.clock())
    outcome = send(decision, state.publisher, state.reader, visit.sight)
    return after(f"/suggestions/{suggestion_id}", decision.decision_id, outcome)


@router.post("/suggestions/{suggestion_id}/pin/{account_id}")
def pin(request: Request, visit: Deciding, suggestion_id: str, account_id: str, form: Sent) -> Response:
    """Keep an account where it is, whatever is suggested."""
    state = request.app.state
    found = one_suggestion(state.reader, visit, suggestion_id)
    if account_id not in {move.account_id for move in found.moves}:
        raise HTTPException(404, "no such account in this suggestion")
    wanted = Choice("pin", reason=reason(form), until=day(form, "until"))
    decision = on_account(wanted, account_id, found.region_id, visit.person.name, state.clock())
    outcome = send(decision, state.publisher, state.reader, visit.sight)
    return after(f"/suggestions/{suggestion_id}", decision.decision_id, outcome)


def one_suggestion(reader: Any, visit: Visit, suggestion_id: str) -> Suggestion:
    """The suggestion, if there is one in sight; else 404, whether or not it exists."""
    found: list[Suggestion] = reader.suggestions(visit.sight, suggestion_id=suggestion_id, limit=1)
    if not found:
        raise HTTPException(404, "no such suggestion in your regions")
    return found[0]


def choice(form: FormData, suggestion: Suggestion) -> Choice:
    """What the form of a suggestion says. Buttons: all, some (the ticked moves), first (those of the slider's stop),
    reject, snooze, undo."""
    kind = text(form, "kind")
    moves = None
    if kind == "some":
        moves = ticked(form, suggestion)
    elif kind == "first":
        stops = steps(suggestion)
        number = text(form, "step", 3)
        if not number.isascii() or not number.isdigit() or int(number) >= len(stops):
            raise RefusedError("no_step", f"{number!r} is no stop of the slider", "step")
        moves = dict(stops[int(number)].chosen)
    effective: date | None = day(form, "effective_from")
    return Choice(
        kind="accept" if kind in ("all", "some", "first") else kind, moves=moves, reason=reason(form),
        effective_from=effective, until=day(form, "until"),
    )  # fmt: skip


def ticked(form: FormData, suggestion: Suggestion) -> dict[str, str]:
    """Account -> rep of the moves that are ticked."""
    accounts = [value for value in form.getlist("move") if isinstance(value, str)]
    proposed = {move.account_id: move.to_rep for move in suggestion.moves}
    return {account: text(form, f"to-{account}", 64) or proposed.get(account, "") for account in accounts}
