"""KPIs, health, and territories."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.pages.today import FIGURES_FRESH_SECONDS
from console.reading.answers.accounts import AccountFacts
from console.reading.answers.quality import RefusedGroup
from console.reading.answers.territories import PinnedAccount, Place, Territory
from console.reading.answers.today import FeedState, Figure, Standing

router = APIRouter()
EARLIEST, LATEST = date(1970, 1, 1), date(2299, 12, 31)
Key = Annotated[str, Query(max_length=64)]


class Health(BaseModel):
    """ok: ClickHouse answers. How well the engine keeps up is in `/feeds` and in Prometheus."""

    status: Literal["ok"]


class Feeds(BaseModel):
    """Every input against the watermark, those that are late by the clock on the wall, and what was refused of them."""

    standing: Standing
    feeds: list[FeedState]
    late: list[str]
    refused: list[RefusedGroup]


@router.get("/health", tags=["health"])
def health(request: Request) -> Health:
    """Open to everybody, for load balancers: 200 while the reports can be read, else 503."""
    request.app.state.reader.standing()
    return Health(status="ok")


@router.get("/feeds", tags=["health"])
def feeds(request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_QUALITY))]) -> Feeds:
    """Watermark, inputs, and refused messages: those of other regions are left out, and those of which nobody knows have no example."""
    reader = request.app.state.reader
    found: list[FeedState] = reader.feeds()
    now = request.app.state.clock()
    late = [feed.topic for feed in found if feed.is_late(now)]
    return Feeds(standing=reader.standing(), feeds=found, late=late, refused=reader.refused(visit.sight))


@router.get("/kpis", tags=["kpis"])
def kpis(request: Request, _visit: Annotated[Visit, Depends(Allowed(Right.SEE_TODAY))]) -> list[Figure]:
    """The flash page, at most eight figures, at most half a minute old. All other KPIs: the views kpi_* of ClickHouse."""
    state = request.app.state
    found: list[Figure] = state.memory.get("flash", state.reader.flash, FIGURES_FRESH_SECONDS)
    return found


@router.get("/territories", tags=["territories"])
def territories(
    request: Request,
    visit: Annotated[Visit, Depends(Allowed(Right.SEE_TERRITORIES))],
    region: Key = "",
    on: date | None = None,
) -> list[Territory]:
    """Each territory in sight against the corridor, by the owners of a day (without one: now)."""
    _refuse_far(on)
    found: list[Territory] = request.app.state.reader.territories(visit.sight, region, on)
    return found


@router.get("/territories/{region_id}/places", tags=["territories"])
def places(
    request: Request,
    visit: Annotated[Visit, Depends(Allowed(Right.SEE_TERRITORIES))],
    region_id: str,
    on: date | None = None,
) -> list[Place]:
    """Where the accounts of a region are, and whose they were on a day (without one: now)."""
    reader = request.app.state.reader
    if not visit.sight.sees_region(region_id):
        raise HTTPException(404, "no such region of yours")
    _refuse_far(on)
    found: list[Place] = reader.places(visit.sight, region_id, on or reader.standing().as_of.date())
    return found


@router.get("/pins", tags=["territories"])
def pins(
    request: Request, visit: Annotated[Visit, Depends(Allowed(Right.SEE_TERRITORIES))], region: Key = ""
) -> list[PinnedAccount]:
    """Accounts in sight that must stay with their rep: who fixed them, why, until when."""
    found: list[PinnedAccount] = request.app.state.reader.pins(visit.sight, region)
    return found


@router.get("/accounts", tags=["territories"])
def accounts(
    request: Request,
    visit: Annotated[Visit, Depends(Allowed(Right.SEE_ACCOUNTS))],
    rep: Key = "",
    limit: Annotated[int, Query(ge=1, le=2_000)] = 200,
) -> list[AccountFacts]:
    """Accounts in sight, the largest potential first; a rep sees the own ones only, whatever is asked."""
    found: list[AccountFacts] = request.app.state.reader.accounts(visit.sight, (), rep, limit)
    return found


def _refuse_far(on: date | None) -> None:
    """A day that the assignments cannot be asked for."""
    if on is not None and not EARLIEST <= on <= LATEST:
        raise HTTPException(422, f"a day from {EARLIEST} to {LATEST}")
