"""Territories: the map of a region and each territory against the corridor, today or on another day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.choices import Choice, on_account
from console.deciding.sending import send
from console.drawing.maps import colours
from console.drawing.region_map import region_map
from console.pages.alerts import outcome
from console.pages.forms import after
from console.pages.rendering import page
from console.reading.answers.territories import Place, RepFacts, Territory

router = APIRouter(include_in_schema=False)
SHOWING: Final = ("territory", "potential", "work", "drift")
STEPS: Final = (-0.15, -0.05, 0.05, 0.15)
Seeing = Annotated[Visit, Depends(Allowed(Right.SEE_TERRITORIES))]


@router.get("/territories")
def territories(
    request: Request, visit: Seeing, region: str = "", show: str = "territory", on: date | None = None, said: str = ""
) -> Response:
    """A region on a day; `show` colours its territories by themselves, by potential, work or drift."""
    state = request.app.state
    regions = [each.region_id for each in state.reader.regions(visit.sight)]
    if region and region not in regions:
        raise HTTPException(404, "no such region of yours")
    region = region or (regions[0] if regions else "")
    show = show if show in SHOWING else "territory"
    today = state.memory.get("standing", state.reader.standing).as_of.date()
    on = on or today
    rows = _rows(request, visit, region, None if on == today else on)
    reps = state.reader.reps(visit.sight, region)
    places = state.reader.places(visit.sight, region, on) if region else []
    shown = region_map(places, reps, colour_of=shades(rows, show), under=state.tiles)
    return page(
        request, visit, "territories.html", "territories", region=region, regions=regions, show=show, showing=SHOWING,
        on=on, today=today, rows=rows, map=shown, colour=colours(r.rep_id for r in reps),
        names={rep.rep_id: rep.name for rep in reps}, standing=state.reader.standing(),
        nobody=sum(layer.accounts for layer in shown.layers if not layer.rep_id),
        left=left_behind(places, reps) if on == today else [],
        pins=state.reader.pins(visit.sight, region) if region else [], outcome=outcome(state.reader, visit, said),
    )  # fmt: skip


@router.post("/territories/pins/{account_id}/free")
def free(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.DECIDE))], account_id: str) -> Response:
    """A pinned account may move again."""
    state = request.app.state
    found = [pin for pin in state.reader.pins(visit.sight) if pin.account_id == account_id]
    if not found:
        raise HTTPException(404, "no such pinned account in your regions")
    decision = on_account(Choice("unpin"), account_id, found[0].region_id, visit.person.name, state.clock())
    return after("/territories", decision.decision_id, send(decision, state.publisher, state.reader, visit.sight))


def _rows(request: Request, visit: Visit, region: str, day: date | None) -> list[Territory]:
    state = request.app.state
    found: list[Territory] = state.memory.get(
        ("territories", visit.sight, region, day), lambda: state.reader.territories(visit.sight, region, day)
    )
    return found


@dataclass(frozen=True, slots=True)
class Left:
    """What a rep who has left was serving."""

    rep_id: str
    accounts: int
    potential_eur: float


def left_behind(places: Sequence[Place], reps: Sequence[RepFacts]) -> list[Left]:
    """By rep: accounts that are still those of somebody who has left."""
    found = []
    for rep in reps:
        eur = [place.potential_eur for place in places if place.rep_id == rep.rep_id and not rep.active]
        if eur:
            found.append(Left(rep.rep_id, len(eur), sum(eur)))
    return found


def shades(rows: Sequence[Territory], show: str) -> dict[str, str]:
    """Rep -> class of a five-step scale from far below to far above; {} to keep each territory's own colour."""
    if show == "territory":
        return {}
    mean = sum(row.load_ratio or 0 for row in rows) / max(len(rows), 1)
    values = {
        row.rep_id: row.deviation if show == "potential" else row.drift if show == "drift"
        else (row.load_ratio / mean - 1 if row.load_ratio is not None and mean else None)
        for row in rows
    }  # fmt: skip
    return {
        rep: "c-none" if value is None else f"s{sum(value > step for step in STEPS)}" for rep, value in values.items()
    }
