"""The rep's own view: own accounts, and those that come and go, with the reason of each and a way to challenge it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.choices import CHALLENGES, on_move
from console.deciding.sending import send
from console.pages.alerts import outcome
from console.pages.forms import Sent, after, reason, text
from console.pages.rendering import page
from schemas.events import Decision

router = APIRouter(include_in_schema=False)


@router.get("/mine")
def mine(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_MINE))], said: str = "") -> Response:
    """Own accounts only; what may change, what will, what has, and why."""
    reader = request.app.state.reader
    changes = reader.changes(visit.sight)
    own = visit.sight.rep_id
    challenges = {(c.suggestion_id, c.account_id): c for c in reversed(reader.challenges(visit.sight))}
    return page(
        request, visit, "mine.html", "mine", accounts=reader.accounts(visit.sight, rep_id=own, limit=1_000),
        proposed=reader.proposed_moves(visit.sight), coming=[c for c in changes if c.coming],
        done=[c for c in changes if not c.coming], own=own, challenges=challenges, reasons=CHALLENGES,
        outcome=outcome(reader, visit, said),
    )  # fmt: skip


@router.post("/mine/challenge")
def challenge(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.CHALLENGE))], form: Sent) -> Response:
    """Something is wrong with a move: the manager hears of it."""
    state = request.app.state
    decision = challenge_of(request, visit, text(form, "suggestion_id"), text(form, "account_id", 64), reason(form))
    return after("/mine", decision.decision_id, send(decision, state.publisher, state.reader, visit.sight))


def challenge_of(request: Request, visit: Visit, suggestion_id: str, account_id: str, why: str) -> Decision:
    """The event, if the move is one that the asker sees; else 404."""
    state = request.app.state
    moves: list[Any] = [*state.reader.proposed_moves(visit.sight), *state.reader.changes(visit.sight)]
    wanted = (suggestion_id, account_id)
    found = next((move for move in moves if suggestion_id and (move.suggestion_id, move.account_id) == wanted), None)
    if found is None:
        raise HTTPException(404, "no such move of yours")
    return on_move(suggestion_id, account_id, found.region_id, why, visit.person.name, state.clock())
