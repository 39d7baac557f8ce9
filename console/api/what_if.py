"""What-if by program: what a change would mean, without touching anything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.asking.answers import SavedScenario
from console.pages.what_if import answer_to
from schemas.what_if import WhatIfAnswer, WhatIfRequest

router = APIRouter(tags=["what-if"])
Asks = Annotated[Visit, Depends(Allowed(Right.ASK_WHAT_IF))]
EXAMPLES = [
    {"region_id": "west", "changes": [{"kind": "rep_leaves", "rep_id": "R07"}]},
    {"region_id": "west", "changes": [{"kind": "accounts_move", "rep_id": "R07", "account_ids": ["A1042", "A1077"]}]},
    {
        "region_id": "west",
        "changes": [{"kind": "market_shift", "effect": -0.3, "lat": 48.4, "lon": -4.5, "radius_km": 25}],
    },
]


@router.post("/what-if")
def what_if(
    request: Request, visit: Asks, body: Annotated[WhatIfRequest, Body(examples=EXAMPLES)]
) -> WhatIfAnswer:  # fmt: skip
    """The region today, doing nothing about the changes, and the best plan found. Takes seconds."""
    if not visit.sight.sees_region(body.region_id):
        raise HTTPException(404, "no such region of yours")
    return answer_to(request.app.state, body)


@router.get("/what-if/saved")
def saved(request: Request, visit: Asks) -> list[SavedScenario]:
    """The scenarios that were kept of regions in sight, the newest first."""
    found: list[SavedScenario] = request.app.state.saved.seen(visit.sight)
    return found
