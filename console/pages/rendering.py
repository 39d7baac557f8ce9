"""Templates become pages: words, numbers and links of the reader's language are at hand in each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.access.entry import Visit
from console.access.rights import Right
from console.words import LANGUAGES, Words

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"
MENU: Final = (
    ("today", "/", Right.SEE_TODAY),
    ("alerts", "/alerts", Right.SEE_ALERTS),
    ("suggestions", "/suggestions", Right.SEE_SUGGESTIONS),
    ("what_if", "/what-if", Right.ASK_WHAT_IF),
    ("territories", "/territories", Right.SEE_TERRITORIES),
    ("quality", "/quality", Right.SEE_QUALITY),
    ("audit", "/audit", Right.SEE_AUDIT),
    ("crm", "/crm", Right.SEE_CRM),
    ("mine", "/mine", Right.SEE_MINE),
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["query"] = _query
    return environment


def page(request: Request, visit: Visit, template: str, here: str, **content: Any) -> HTMLResponse:
    """A page for somebody who has signed in; `here` is its entry of the menu."""
    menu = [(name, path) for name, path, right in MENU if visit.person.may(right)]
    return _rendered(
        request,
        template,
        visit.language,
        here=here,
        menu=menu,
        visit=visit,
        may=visit.person.may,
        Right=Right,
        **content,
    )


def open_page(request: Request, template: str, language: str, **content: Any) -> HTMLResponse:
    """A page for anybody: sign-in and errors."""
    return _rendered(
        request,
        template,
        language,
        here="",
        menu=[],
        visit=None,
        may=lambda _: False,
        Right=Right,
        has_openid=request.app.state.openid is not None,
        **content,
    )


def _rendered(request: Request, template: str, language: str, **content: Any) -> HTMLResponse:
    state = request.app.state
    words = Words(language, state.currency())
    others = [each for each in LANGUAGES if each != language]
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    text = _environment().get_template(template).render(
        t=words, language=language, others=others, address=address, now=state.clock(), **content
    )  # fmt: skip
    return HTMLResponse(text)


def _query(base: dict[str, Any], **changes: Any) -> str:
    """The query of a URL with some values changed; empty ones are left out."""
    kept = {key: value for key, value in {**base, **changes}.items() if value not in ("", None)}
    return "?" + urlencode(kept) if kept else "?"
