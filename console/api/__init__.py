"""The HTTP API, version 1: what the pages show and do, for programs."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter

from console.api import crm, decisions, figures, handling, letters, session, what_if, work
from console.errors import PROBLEM

_PROBLEM: Final[dict[str, Any]] = {
    "content": {PROBLEM: {"schema": {"type": "object", "required": ["type", "title", "status"], "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}}}},
        "example": {"type": "about:blank", "title": "Not found", "status": 404, "detail": "no such alert in your regions"}}},
}  # fmt: skip
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": text, **_PROBLEM}
    for status, text in ((400, "Nonsense"), (401, "Nobody has signed in"), (403, "The role does not allow it"), (404, "Nothing of this id in sight"),
                         (422, "A value is not valid"), (429, "Too many attempts"), (503, "ClickHouse or Kafka is away"))
}  # fmt: skip

router = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
for module in (session, figures, work, handling, decisions, what_if, letters, crm):
    router.include_router(module.router)
