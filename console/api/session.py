"""Signing in by program: a token for the header `Authorization: Bearer`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from console.access.entry import SESSION_FOR, Allowed, Visit, new_session
from console.access.rights import Right, Role
from console.access.signing_in import attempt

router = APIRouter(tags=["session"])


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"user": "mia", "password": "..."}]})

    user: str = Field(max_length=64)
    password: str = Field(max_length=200)


class Token(BaseModel):
    """`token` opens everything this user may see, until `expires_at`."""

    token: str
    expires_at: AwareDatetime


class Me(BaseModel):
    """Who asks. `regions` ["*"] is every region."""

    user: str
    roles: tuple[Role, ...]
    regions: tuple[str, ...]
    rep_id: str
    rights: list[str]


@router.post("/session", status_code=201)
def sign_in(request: Request, credentials: Credentials) -> Token:
    """A token for twelve hours. After five failures within five minutes a name, or an address, must wait."""
    person, wait = attempt(request, credentials.user, credentials.password)
    if wait:
        raise HTTPException(429, f"wait {wait} s", {"Retry-After": str(wait)})
    if person is None:
        raise HTTPException(401, "no such user, or another password")
    now: datetime = request.app.state.clock()
    return Token(token=new_session(request.app.state.seal, person, now), expires_at=now + SESSION_FOR)


@router.get("/session")
def who_am_i(visit: Annotated[Visit, Depends(Allowed(Right.SEE_TODAY))]) -> Me:
    """The user of this token or cookie."""
    person = visit.person
    regions = ("*",) if visit.sight.every_region else person.regions
    rights = sorted(right.name.lower() for right in Right if person.may(right))
    return Me(user=person.name, roles=person.roles, regions=regions, rep_id=person.rep_id, rights=rights)
