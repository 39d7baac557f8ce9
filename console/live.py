"""Liveness: a page hears that something has changed, and fetches itself again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from schemas.errors import TerradriftError

EVERY_SECONDS: Final = 3.0
LONGEST_SECONDS: Final = 1800.0
router = APIRouter(include_in_schema=False)


@router.get("/live")
async def stream(request: Request, _visit: Annotated[Visit, Depends(Allowed(Right.SEE_TODAY))]) -> StreamingResponse:
    """Server-sent events: `standing` with a mark that differs whenever there is something new to show."""
    return StreamingResponse(_marks(request.app.state), media_type="text/event-stream")


async def _marks(state: Any) -> AsyncIterator[str]:
    """A mark at the start and at each change; a comment in between keeps the connection open."""
    last = ""
    yield "retry: 5000\n\n"
    for _ in range(int(LONGEST_SECONDS / EVERY_SECONDS)):
        try:
            mark = await run_in_threadpool(standing_mark, state)
        except TerradriftError:
            mark = "away"
        yield f"event: standing\ndata: {mark}\n\n" if mark != last else ": still here\n\n"
        last = mark
        await asyncio.sleep(EVERY_SECONDS)


def standing_mark(state: Any) -> str:
    """A short mark of how far everything has come; the same for all who watch, read at most every few seconds."""
    standing = state.memory.get("standing", state.reader.standing, EVERY_SECONDS)
    return blake2b(standing.model_dump_json().encode(), digest_size=6).hexdigest()
