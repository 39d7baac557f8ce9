"""What every answer tells the browser: nothing from elsewhere (but map tiles, if the company names a server), no frames, no
guessing, no script but our files."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PICTURES: Final = "img-src 'self' data:"
POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; {PICTURES}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Adds the headers; pages and answers are not kept by anybody, files of our own for an hour. `pictures_from` is the
    one origin beside our own that pictures may come from: the tile server of the maps, where there is one."""

    def __init__(self, app: ASGIApp, pictures_from: str = "") -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if pictures_from:
            self._headers["content-security-policy"] = POLICY.replace(PICTURES, f"{PICTURES} {pictures_from}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept = "public, max-age=3600" if scope["path"].startswith("/static/") else "no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers["cache-control"] = kept
            await send(message)

        await self._app(scope, receive, send_with_headers)
