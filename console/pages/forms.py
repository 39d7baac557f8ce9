"""What a form sends, read with care: the field is named when a value makes no sense."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, ImmutableMultiDict

from console.reading.answers.decisions import DecisionState
from schemas.errors import RefusedError


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]
Fields = ImmutableMultiDict[Any, Any]  # of a form, or of the query of a URL


def text(form: Fields, name: str, longest: int = 500) -> str:
    """A text field, without blanks around it; "" where it is missing. Raises RefusedError."""
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise RefusedError("not_a_text", f"not a text of at most {longest} characters", name)
    return value.strip()


def day(form: Fields, name: str) -> date | None:
    """A date field; None where it is empty. Raises RefusedError."""
    value = text(form, name, 10)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise RefusedError("not_a_day", f"{value!r} is no day", name) from None


def reason(form: FormData) -> str:
    """The reason of the list, with the note beside it."""
    chosen, note = text(form, "reason", 100), text(form, "note", 300)
    return ": ".join(part for part in (chosen, note) if part)


def after(path: str, decision_id: str, state: DecisionState) -> RedirectResponse:
    """Back to the page, which says what has become of the decision."""
    return RedirectResponse(f"{path}?{urlencode({'said': decision_id, 'was': state.outcome})}", 303)
