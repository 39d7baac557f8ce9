"""Signing in by password, by a link or by an OpenID provider, and signing out."""

from __future__ import annotations

import hmac
import logging
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from console.access.entry import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    SESSION_FOR,
    Allowed,
    Visit,
    language_of,
    new_session,
    person_of,
)
from console.access.openid import Departure, NotRecognisedError, OpenId
from console.access.rights import Person, Right
from console.pages.rendering import open_page
from console.words import LANGUAGES

OPENID_COOKIE: Final = "terradrift_openid"
OPENID_FOR: Final = timedelta(minutes=10)
router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)


@router.get("/sign-in")
def ask(request: Request, to: str = "/") -> Response:
    """The form."""
    if person_of(request) is not None:
        return RedirectResponse(_inside(to), 303)
    return open_page(request, "sign_in.html", language_of(request), to=_inside(to), failed="")


@router.post("/sign-in")
def enter(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form(max_length=2_000)] = "/",
) -> Response:
    """Let somebody in who knows the password; slow down who guesses."""
    person, wait = attempt(request, name, password)
    if person is None:
        failed = "sign_in.wait" if wait else "sign_in.wrong"
        page = open_page(
            request, "sign_in.html", language_of(request), to=_inside(to), failed=failed, wait=-(-wait // 60)
        )
        page.status_code = 429 if wait else 401
        return page
    return _entered(request, person, _inside(to))


@router.get("/sign-in/link")
def enter_by_link(request: Request, token: str = "") -> Response:
    """Let somebody in by a link that `terradrift` printed; it works once."""
    state = request.app.state
    now: datetime = state.clock()
    content = state.seal.opened("link", token, now)
    person = state.users().person(content["user"]) if content else None
    if content is None or person is None or not state.used_links.use(content["id"]):
        page = open_page(request, "sign_in.html", language_of(request), to="/", failed="sign_in.link_over")
        page.status_code = 401
        return page
    return _entered(request, person, "/")


@router.get("/sign-in/openid")
def depart(request: Request, to: str = "/") -> Response:
    """On to the OpenID provider."""
    state = request.app.state
    provider: OpenId | None = state.openid
    if provider is None:
        raise HTTPException(404, "no OpenID provider is configured")
    url, leaving = provider.depart(_back(request))
    answer = RedirectResponse(url, 303)
    kept = {"state": leaving.state, "nonce": leaving.nonce, "verifier": leaving.verifier, "to": _inside(to)}
    answer.set_cookie(
        OPENID_COOKIE, state.seal.sealed("openid", kept, state.clock() + OPENID_FOR), max_age=int(OPENID_FOR.total_seconds()),
        httponly=True, samesite="lax", secure=_is_safe(request), path="/sign-in",
    )  # fmt: skip
    return answer


@router.get("/sign-in/openid/back")
def arrive(request: Request, code: str = "", state: str = "") -> Response:
    """Back from the OpenID provider, with a code for who it is."""
    console = request.app.state
    provider: OpenId | None = console.openid
    if provider is None:
        raise HTTPException(404, "no OpenID provider is configured")
    kept = console.seal.opened("openid", request.cookies.get(OPENID_COOKIE, ""), console.clock())
    try:
        if kept is None or not code or not hmac.compare_digest(kept["state"].encode(), state.encode()):
            raise NotRecognisedError("nobody left from here")
        leaving = Departure(kept["state"], kept["nonce"], kept["verifier"])
        person, of_provider = provider.person(provider.arrive(_back(request), code, leaving), console.users())
    except NotRecognisedError as why:
        log.warning("a sign-in by OpenID was refused: %s", why)
        page = open_page(request, "sign_in.html", language_of(request), to="/", failed="sign_in.openid_refused")
        page.status_code = 401
        return page
    answer = _entered(request, person, _inside(kept["to"]), of_provider)
    answer.delete_cookie(OPENID_COOKIE, path="/sign-in")
    return answer


@router.post("/sign-out")
def leave(_visit: Annotated[Visit, Depends(Allowed(Right.SEE_TODAY))]) -> Response:
    """Forget the session in this browser."""
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@router.get("/language/{language}")
def speak(language: str, to: str = "/") -> Response:
    """Remember the language in this browser."""
    answer = RedirectResponse(_inside(to), 303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86_400, samesite="lax", httponly=True)
    return answer


def attempt(request: Request, name: str, password: str) -> tuple[Person | None, int]:
    """The person, or None with the seconds to wait before the next try (0: the password was wrong)."""
    state = request.app.state
    now: datetime = state.clock()
    keys = (f"name {name[:100]}", f"address {request.client.host if request.client else ''}")
    if wait := state.throttle.wait_seconds(keys, now):
        return None, wait
    person: Person | None = state.users().entering(name, password)
    if person is None:
        state.throttle.failed(keys, now)
        return None, 0
    state.throttle.succeeded(keys[0])
    return person, 0


def _back(request: Request) -> str:
    """Where the provider sends people back to."""
    base: str = request.app.state.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base.rstrip('/')}/sign-in/openid/back"


def _is_safe(request: Request) -> bool:
    return request.url.scheme == "https" or str(request.app.state.public_url).startswith("https:")


def _entered(request: Request, person: Person, to: str, rights_of_provider: bool = False) -> Response:
    state = request.app.state
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        SESSION_COOKIE, new_session(state.seal, person, state.clock(), rights_of_provider),
        max_age=int(SESSION_FOR.total_seconds()), httponly=True, samesite="lax", secure=_is_safe(request), path="/",
    )  # fmt: skip
    return answer


def _inside(to: str) -> str:
    """A place of this console; anything else becomes the front page."""
    parts = urlsplit(to)
    safe = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and to.isprintable()
    return to if safe else "/"
