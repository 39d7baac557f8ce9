"""The audit trail: one list of what was decided, changed and sent again; its filters are the query of the URL."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.forms import day, text
from console.pages.rendering import page
from console.reading.asking import SUBJECTS, TrailQuery

router = APIRouter(include_in_schema=False)


@router.get("/audit")
def audit(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_AUDIT))]) -> Response:
    """Who, what, when, from whom to whom, why, and which version had spoken."""
    asked, reader = request.query_params, request.app.state.reader
    wanted = TrailQuery(
        text(asked, "subject", 20), text(asked, "who", 64), text(asked, "region", 64), text(asked, "account", 64),
        day(asked, "since"), day(asked, "until"),
    )  # fmt: skip
    return page(
        request, visit, "audit.html", "audit", entries=reader.trail(visit.sight, wanted), wanted=wanted, subjects=SUBJECTS,
        regions=reader.regions(visit.sight),
    )  # fmt: skip
