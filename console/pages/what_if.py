"""What-if: a question about a region, its answer beside today and doing nothing, and the scenarios that were kept."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.asking.answers import Asking
from console.asking.questions import FIELDS, PRICES, question
from console.drawing.maps import colours
from console.live import standing_mark
from console.pages.forms import Sent, text
from console.pages.rendering import page
from console.words import Words
from schemas.errors import RefusedError, UnavailableError
from schemas.what_if import WhatIfAnswer, WhatIfRefusedError, WhatIfRequest

router = APIRouter(include_in_schema=False)
Asks = Annotated[Visit, Depends(Allowed(Right.ASK_WHAT_IF))]
OFFERED_ACCOUNTS = 300


@router.get("/what-if")
def what_if(request: Request, visit: Asks, region: str = "") -> Response:
    """The question stands in the address, so it can be bookmarked and sent; asking changes nothing."""
    state = request.app.state
    regions = [each.region_id for each in state.reader.regions(visit.sight)]
    if region and region not in regions:
        raise HTTPException(404, "no such region of yours")
    region = region or (regions[0] if regions else "")
    fields = request.query_params
    answer, asked, trouble, status = None, None, [], 200
    try:
        asked = question(region, fields) if region else None
        answer = answer_to(state, asked) if asked else None
    except RefusedError as refused:
        trouble, status = [_misasked(Words(visit.language), refused, fields)], 422
    except WhatIfRefusedError as refused:
        trouble, status = list(refused.findings), 422
    except UnavailableError as away:
        trouble, status = [str(away)], 503
    reps = [rep for rep in state.reader.reps(visit.sight, region) if rep.active and rep.region_id == region]
    shown = page(
        request, visit, "what_if.html", "what_if", region=region, regions=regions, fields=fields, answer=answer, asked=asked,
        trouble=trouble, reps=reps, prices=PRICES, colour=colours(rep.rep_id for rep in reps), query_fields=asked_pairs(fields),
        accounts=state.reader.accounts(visit.sight, limit=OFFERED_ACCOUNTS) if region else [],
        names={rep.rep_id: rep.name for rep in reps}, saved=state.saved.seen(visit.sight, region),
    )  # fmt: skip
    shown.status_code = status
    return shown


@router.post("/what-if/saved")
def save(request: Request, visit: Asks, form: Sent) -> Response:
    """Keep the answer under a name."""
    state = request.app.state
    region = text(form, "region", 64)
    if not visit.sight.sees_region(region):
        raise HTTPException(404, "no such region of yours")
    fields = QueryParams([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
    asked = question(region, fields)
    if asked is None:
        raise RefusedError("no_question", "nothing is asked", "name")
    state.saved.add(text(form, "name", 80), visit.person.name, state.clock(), asked, answer_to(state, asked))
    return RedirectResponse(f"/what-if?{urlencode([('region', region), *asked_pairs(fields)])}#saved", 303)


@router.post("/what-if/saved/{scenario_id}/remove")
def remove(request: Request, visit: Asks, scenario_id: str) -> Response:
    """Forget one of the own scenarios."""
    if not request.app.state.saved.remove(scenario_id, visit.person.name):
        raise HTTPException(404, "no such scenario of yours")
    return RedirectResponse("/what-if#saved", 303)


def _misasked(words: Words, refused: RefusedError, fields: QueryParams) -> str:
    """What is wrong with the fields, in words."""
    key = f"whatif.not.{refused.reason}"
    if not words.has(key):
        return refused.detail
    said = words(key, field=refused.field, value=fields.get(refused.field, ""))
    return f"{said} {refused.detail}" if refused.reason == "not_valid" else said


def answer_to(state: Any, asked: WhatIfRequest) -> WhatIfAnswer:
    """The answer as of what is known now. Raises WhatIfRefusedError, UnavailableError."""
    asking: Asking = state.asking
    return asking.ask(asked, standing_mark(state))


def asked_pairs(fields: QueryParams) -> list[tuple[str, str]]:
    """The fields of the question, as they stand in the address."""
    return [(name, value) for name, value in fields.multi_items() if name in FIELDS and value]
