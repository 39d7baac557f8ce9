"""The rep's own view: own accounts, and those that come and go, with the reason of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/mine")
def mine(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_MINE))]) -> Response:
    """Own accounts only; what changed and why."""
    reader = request.app.state.reader
    changes = reader.changes(visit.sight)
    own = visit.sight.rep_id
    return page(
        request, visit, "mine.html", "mine", accounts=reader.accounts(visit.sight, rep_id=own, limit=1_000),
        coming=[c for c in changes if c.coming], done=[c for c in changes if not c.coming], own=own,
    )  # fmt: skip
