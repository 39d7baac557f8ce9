"""What goes wrong, said twice: as a page for people, as problem+json (RFC 9457) for programs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from console.access.entry import ForgedError, NotAllowedError, SignInNeededError, language_of, person_of
from console.pages.rendering import open_page
from schemas.errors import RefusedError, TerradriftError, UnavailableError
from schemas.what_if import WhatIfRefusedError

PROBLEM: Final = "application/problem+json"
TITLES: Final = {
    400: "The request makes no sense", 401: "Sign in first", 403: "Not allowed", 404: "Not found",
    405: "Not possible here", 409: "Refused", 422: "A value is not valid", 429: "Too many attempts",
    500: "A defect of ours", 503: "Not available now",
}  # fmt: skip
log = logging.getLogger(__name__)


def tell_errors(app: FastAPI) -> None:
    """Register a teller for every kind of error."""

    @app.exception_handler(SignInNeededError)
    def sign_in_needed(request: Request, _: Exception) -> Response:
        if _is_api(request):
            return problem(
                401, "Send a session cookie or `Authorization: Bearer` with a token of POST /api/v1/session."
            )
        if request.method != "GET" or request.url.path == "/live":
            return told(request, 401, "")
        to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?to={quote(to)}", 303)

    @app.exception_handler(NotAllowedError)
    def not_allowed(request: Request, _: Exception) -> Response:
        return told(request, 403, "Your role does not allow this.")

    @app.exception_handler(ForgedError)
    def forged(request: Request, _: Exception) -> Response:
        return told(request, 403, "The form or call did not carry the token of your session (header X-CSRF-Token).")

    @app.exception_handler(HTTPException)
    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        answer = told(request, error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return told(request, 422, "", _findings(error.errors()))

    @app.exception_handler(RefusedError)
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)  # noqa: S101
        return told(
            request, 422, error.detail, [{"field": error.field, "reason": error.reason, "detail": error.detail}]
        )

    @app.exception_handler(WhatIfRefusedError)
    def senseless(request: Request, error: Exception) -> Response:
        assert isinstance(error, WhatIfRefusedError)  # noqa: S101
        found = [{"field": "changes", "reason": "senseless", "detail": finding} for finding in error.findings]
        return told(request, 422, str(error), found)

    @app.exception_handler(TerradriftError)
    def unavailable(request: Request, error: Exception) -> Response:
        status = 503 if isinstance(error, UnavailableError) else 500
        log.warning("%s %s: %s", request.method, request.url.path, error)
        return told(request, status, str(error) if status == 503 else "")

    @app.exception_handler(500)
    def defect(request: Request, error: Exception) -> Response:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
        return told(request, 500, "")


def told(request: Request, status: int, detail: str, findings: Sequence[dict[str, Any]] = ()) -> Response:
    """The error in the form the asker reads."""
    if _is_api(request):
        return problem(status, detail, findings)
    key = f"error.{status}" if status in (401, 403, 404, 422, 503) else "error.500"
    note = findings[0]["detail"] if findings else (detail if status == 503 else "")
    page = open_page(
        request, "error.html", language_of(request), key=key, status=status, note=note,
        signed_in=person_of(request) is not None,
    )  # fmt: skip
    page.status_code = status
    return page


def problem(status: int, detail: str = "", findings: Sequence[dict[str, Any]] = ()) -> JSONResponse:
    """An RFC 9457 problem."""
    content: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status}
    if detail:
        content["detail"] = detail
    if findings:
        content["errors"] = list(findings)
    return JSONResponse(content, status, media_type=PROBLEM)


def _findings(errors: Sequence[Any]) -> list[dict[str, Any]]:
    """Where and what, never the value: it may be a password."""
    return [{"field": ".".join(map(str, e["loc"][1:])), "reason": e["type"], "detail": e["msg"]} for e in errors]


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
