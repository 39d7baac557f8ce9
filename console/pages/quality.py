"""Data quality: what was refused, what looks double, what has no place, and which feeds are late."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/quality")
def quality(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_QUALITY))]) -> Response:
    """Everything that makes figures less trustworthy, and the command that mends it."""
    state = request.app.state
    return page(
        request, visit, "quality.html", "quality",
        refused=state.memory.get(("refused", visit.sight), lambda: state.reader.refused(visit.sight)),
        twins=state.memory.get(("twins", visit.sight), lambda: state.reader.twins(visit.sight)),
        placeless=state.memory.get(("placeless", visit.sight), lambda: state.reader.placeless(visit.sight)),
        feeds=state.memory.get("feeds", state.reader.feeds),
    )  # fmt: skip
