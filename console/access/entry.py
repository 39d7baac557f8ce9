"""The one door of every page and every route: who asks, may they, and did they mean it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Request

from console.access.rights import Person, Right, Sight
from console.access.seals import Seal
from console.access.users import Users
from console.words import chosen_language

SESSION_COOKIE: Final = "terradrift_session"
LANGUAGE_COOKIE: Final = "terradrift_language"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
SESSION_FOR: Final = timedelta(hours=12)
LINK_FOR: Final = timedelta(hours=1)
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInNeededError(Exception):
    """Nobody has signed in, or the session is over."""


class NotAllowedError(Exception):
    """The person may not do this."""


class ForgedError(Exception):
    """A form or call that changes something came without the token of the session."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on a page: the person, what they see, and what proves that a form is theirs."""

    person: Person
    sight: Sight
    language: str
    csrf: str
    right: Right


def new_session(seal: Seal, person: Person, now: datetime, rights_of_provider: bool = False) -> str:
    """The value of a session cookie, or of a bearer token. Rights that an OpenID provider gave are kept in it."""
    content: dict[str, Any] = {"user": person.name, "id": secrets.token_hex(16)}
    if rights_of_provider:
        content["given"] = {"roles": person.roles, "regions": person.regions, "rep_id": person.rep_id}
    return seal.sealed("session", content, now + SESSION_FOR)


def sign_in_link_token(seal: Seal, name: str, now: datetime) -> str:
    """A token that lets this user in once, within the hour."""
    return seal.sealed("link", {"user": name, "id": secrets.token_hex(16)}, now + LINK_FOR)


class Allowed:
    """A dependency of every route that is not open to all: `Depends(Allowed(Right.SEE_ALERTS))` gives the Visit.

    Raises SignInNeededError, NotAllowedError, or ForgedError for a change by cookie without the session's token.
    """

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, request: Request) -> Visit:
        session, by_cookie = _session(request)
        person = _person(request, session)
        if session is None or person is None:
            raise SignInNeededError
        csrf = _seal(request).mark("csrf", session["id"])
        if by_cookie and request.method not in SAFE_METHODS:
            await _check_meant(request, csrf)
        if not person.may(self.right):
            raise NotAllowedError
        return Visit(person, person.sight(self.right), language_of(request), csrf, self.right)


def language_of(request: Request) -> str:
    """The language somebody chose, else that of the browser."""
    wanted = request.cookies.get(LANGUAGE_COOKIE)
    return chosen_language(wanted, request.headers.get("accept-language", ""))


def person_of(request: Request) -> Person | None:
    """Who has signed in, if anybody."""
    session, _ = _session(request)
    return _person(request, session)


def _person(request: Request, session: dict[str, Any] | None) -> Person | None:
    """Whose session it is: with the rights of the file, or with those that an OpenID provider gave."""
    if session is None:
        return None
    given = session.get("given")
    if given is None:
        return _users(request).person(session["user"])
    return Person(session["user"], tuple(given["roles"]), tuple(given["regions"]), given["rep_id"])


def _session(request: Request) -> tuple[dict[str, Any] | None, bool]:
    """The open session and whether a browser sent it by itself (a cookie) or a program on purpose (a bearer token)."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    by_cookie = kind.lower() != "bearer"
    text = request.cookies.get(SESSION_COOKIE, "") if by_cookie else token.strip()
    return _seal(request).opened("session", text, request.app.state.clock()), by_cookie


async def _check_meant(request: Request, csrf: str) -> None:
    given: object = request.headers.get(CSRF_HEADER)
    if given is None and "form" in request.headers.get("content-type", ""):
        given = (await request.form()).get(CSRF_FIELD)
    if not isinstance(given, str) or not given.isascii() or not hmac.compare_digest(given, csrf):
        raise ForgedError


def _seal(request: Request) -> Seal:
    seal: Seal = request.app.state.seal
    return seal


def _users(request: Request) -> Users:
    users: Users = request.app.state.users()
    return users
