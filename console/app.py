"""The application: its parts put together, from what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import infra
from console import api, live
from console.access import signing_in
from console.access.links import UsedLinks
from console.access.openid import OpenId
from console.access.seals import Seal
from console.access.throttle import Throttle
from console.access.users import Users
from console.asking.answers import Asking, Saved
from console.deciding.sending import Publisher
from console.drawing.tiles import TileServer
from console.errors import tell_errors
from console.headers import SecurityHeaders
from console.pages import alerts, audit, crm, letters, mine, quality, suggestions, territories, today
from console.pages import what_if as what_if_page
from console.reading.memory import Memory
from console.reading.reader import Reader
from schemas.mending import LetterDesk
from schemas.what_if import WhatIf

STATIC: Final = Path(__file__).parent / "static"
PAGES: Final = (today, alerts, suggestions, what_if_page, territories, quality, letters, audit, crm, mine)


def create_app(
    reader: Reader, publisher: Publisher, users: Callable[[], Users], clock: Callable[[], datetime], key: bytes,
    what_if: WhatIf | None = None, scenarios: Path | None = None, openid: OpenId | None = None, public_url: str = "",
    desk: LetterDesk | None = None, tiles: TileServer | None = None,
) -> FastAPI:  # fmt: skip
    """The console over a reader and a publisher. `users` gives everybody who may sign in now; `key` seals sessions;
    `what_if` answers questions, `scenarios` is the file of the answers that are kept. `openid` is a provider by whom people may sign in,
    `public_url` the address under which people reach the console, where a proxy stands before it. `desk` mends dead letters.
    `tiles` is where the maps have their streets and towns from; without one they are drawn alone, and nothing is asked of anybody."""
    memory = Memory()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for name in ("standing", "flash", "trends"):  # the first visitor shall not wait for them
            memory.begin(name, getattr(reader, name))
        yield
        memory.close()

    app = FastAPI(
        title="Terradrift", version=infra.VERSION, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json",
        description="Alerts, suggestions, decisions, what-ifs, KPIs, territories and health of a Terradrift system. Money is in the "
        "company's currency. Who asks sees what their role and regions allow.", lifespan=lifespan,
    )  # fmt: skip
    app.state.reader, app.state.publisher, app.state.users, app.state.clock = reader, publisher, users, clock
    app.state.seal, app.state.throttle, app.state.used_links = Seal(key), Throttle(), UsedLinks()
    app.state.memory = memory
    app.state.openid, app.state.public_url = openid, public_url
    app.state.desk, app.state.tiles = desk, tiles
    app.state.asking, app.state.saved = Asking(what_if), Saved(scenarios)
    app.state.currency = lambda: memory.get("standing", reader.standing, live.EVERY_SECONDS).currency or "EUR"
    for module in PAGES:
        app.include_router(module.router)
    app.include_router(signing_in.router)
    app.include_router(live.router)
    app.include_router(api.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SecurityHeaders, pictures_from=tiles.origin if tiles else "")
    tell_errors(app)
    return app
