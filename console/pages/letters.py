"""Dead letters: the list, and one with its message, the reason, and the way to mend it and send it again."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.mending import checked, mend_of, refuse_foreign, typed_fields
from console.pages.forms import Sent, text
from console.pages.rendering import page
from console.reading.answers.letters import SeenLetter
from console.reading.asking import LetterQuery
from schemas.errors import RefusedError, UnavailableError
from schemas.mending import Fate, LetterDesk, Mend

router = APIRouter(include_in_schema=False)
LONGEST: Final = 1_000_000
Mending = Annotated[Visit, Depends(Allowed(Right.MEND_LETTERS))]


@router.get("/quality/letters")
def letters(request: Request, visit: Mending, topic: str = "", reason: str = "", state: str = "open") -> Response:
    """The list; its filters are the query of the URL."""
    reader = request.app.state.reader
    wanted = LetterQuery(topic, reason, state)
    groups = reader.refused(visit.sight)
    return page(
        request, visit, "letters.html", "quality", letters=reader.letters(visit.sight, wanted), most=wanted.limit,
        chosen={"topic": topic, "reason": reason, "state": state},
        topics=sorted({g.topic for g in groups} | {topic} - {""}),
        reasons=sorted({g.reason for g in groups} | {reason} - {""}),
    )  # fmt: skip


@router.get("/quality/letters/{letter_id}")
def letter(request: Request, visit: Mending, letter_id: str) -> Response:
    """One letter: what came, why it was refused and where, what was done about it, and the form that mends it."""
    return _shown(request, visit, one_letter(request.app.state.reader, visit, letter_id))


@router.post("/quality/letters/{letter_id}")
def mend(request: Request, visit: Mending, letter_id: str, form: Sent) -> Response:
    """Check what was changed, or send it again."""
    state = request.app.state
    found = one_letter(state.reader, visit, letter_id)
    mended = _mend(form, found)
    try:
        if text(form, "act", 10) == "send":
            fate = sent(request, visit, found, mended)
            if fate.outcome != "not sent" or one_letter(state.reader, visit, letter_id).replays:
                return RedirectResponse(f"/quality/letters/{letter_id}", 303)
            message = mended.content or desk_of(request).message(letter_id, mended)
        else:
            fate, message = checked(desk_of(request), letter_id, mended)
    except RefusedError as refused:
        fate, message = Fate(letter_id, found.topic, "not sent", refused.detail), mended.content or found.kept
    return _shown(request, visit, found, fate, message)


def one_letter(reader: Any, visit: Visit, letter_id: str) -> SeenLetter:
    """The letter, if there is one in sight; else 404, whether or not it exists."""
    found: list[SeenLetter] = reader.letters(visit.sight, LetterQuery(state="all", letter_id=letter_id, limit=1))
    if not found:
        raise HTTPException(404, "no such letter in your regions")
    return found[0]


def sent(request: Request, visit: Visit, letter: SeenLetter, mended: Mend) -> Fate:
    """Send it again in the name of whoever asks. Raises RefusedError, UnavailableError."""
    desk = desk_of(request)
    _, message = checked(desk, letter.dead_letter_id, mended)
    refuse_foreign(message, request.app.state.reader, visit.sight)
    return desk.send(letter.dead_letter_id, mended, visit.person.name)


def desk_of(request: Request) -> LetterDesk:
    """Raises UnavailableError where the console was started without one."""
    desk: LetterDesk | None = request.app.state.desk
    if desk is None:
        raise UnavailableError("this console cannot send messages again")
    return desk


def _mend(form: FormData, letter: SeenLetter) -> Mend:
    """The whole message where that was sent, else the fields that differ."""
    if "message" in form:
        return Mend(content=text(form, "message", LONGEST).encode())
    was = typed_fields(letter.kept) or {}
    typed = {name: text(form, f"field.{name}", LONGEST) for name in was if f"field.{name}" in form}
    dropped = [value for value in form.getlist("drop") if isinstance(value, str)]
    return mend_of(was, typed, dropped, (text(form, "new_name", 64), text(form, "new_value", LONGEST)))


def _shown(
    request: Request, visit: Visit, letter: SeenLetter, fate: Fate | None = None, message: bytes | None = None
) -> Response:
    now = letter.kept if message is None else message
    return page(
        request, visit, "letter.html", "quality", letter=letter, fate=fate, shown=now.decode(errors="replace"),
        fields=typed_fields(now) if letter.is_whole else None, attempts=desk_of(request).attempts(letter.dead_letter_id),
    )  # fmt: skip
