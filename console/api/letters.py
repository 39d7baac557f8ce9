"""Dead letters by program: read, checked, and sent again."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from console.access.entry import Allowed, Visit
from console.access.rights import Right
from console.deciding.mending import checked
from console.pages.letters import desk_of, one_letter, sent
from console.reading.answers.answer import Answer
from console.reading.answers.letters import SeenLetter
from console.reading.asking import LetterQuery
from schemas.mending import Fate, Mend

router = APIRouter(prefix="/dead-letters", tags=["dead letters"])
Mending = Annotated[Visit, Depends(Allowed(Right.MEND_LETTERS))]
Key = Annotated[str, Query(max_length=64)]
FieldName = Annotated[str, Field(min_length=1, max_length=64)]


class LetterMend(BaseModel):
    """The whole `message`, or fields to set (`values`, as text) and to take out (`dropped`). Nothing: as it was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"values": {"amount": "12.50"}, "dropped": ["colour"]}, {"message": '{"event_id": "e1"}'}]})  # fmt: skip

    message: Annotated[str, Field(max_length=1_000_000)] | None = None
    values: Annotated[dict[FieldName, Annotated[str, Field(max_length=10_000)]], Field(max_length=60)] = {}
    dropped: Annotated[tuple[FieldName, ...], Field(max_length=60)] = ()

    def mend(self) -> Mend:
        content = None if self.message is None else self.message.encode(errors="replace")
        return Mend(content, tuple(self.values.items()), (), self.dropped)


class LetterFate(BaseModel):
    """would pass: of a check. not sent: `detail` says why. sent: Kafka has it; accepted, repetition, refused: what became of it."""

    dead_letter_id: str
    outcome: str
    detail: str

    @classmethod
    def of(cls, fate: Fate) -> Self:
        return cls(dead_letter_id=fate.dead_letter_id, outcome=fate.outcome, detail=fate.detail)


class Attempt(Answer):
    """One time that the letter was sent again."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    started_at: AwareDatetime
    replayed_by: str
    mended: bool
    outcome: str
    detail: str


class LetterFacts(BaseModel):
    """A letter, its message as text, and what was done about it."""

    letter: SeenLetter
    message: str
    attempts: list[Attempt]


@router.get("")
def letters(
    request: Request, visit: Mending, topic: Key = "", reason: Key = "",
    state: Literal["open", "replayed", "all"] = "open", limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[SeenLetter]:  # fmt: skip
    """Letters known to be of regions in sight, the newest first, without their payloads."""
    found: list[SeenLetter] = request.app.state.reader.letters(
        visit.sight, LetterQuery(topic, reason, state, limit=limit)
    )
    return found


@router.get("/{letter_id}")
def letter(request: Request, visit: Mending, letter_id: str) -> LetterFacts:
    """One letter with its message."""
    found = one_letter(request.app.state.reader, visit, letter_id)
    attempts = [Attempt.model_validate(each) for each in desk_of(request).attempts(letter_id)]
    return LetterFacts(letter=found, message=found.kept.decode(errors="replace"), attempts=attempts)


@router.post("/{letter_id}/check")
def check(request: Request, visit: Mending, letter_id: str, body: LetterMend) -> LetterFate:
    """Whether it would be taken now, as mended; nothing is sent."""
    one_letter(request.app.state.reader, visit, letter_id)
    return LetterFate.of(checked(desk_of(request), letter_id, body.mend())[0])


@router.post("/{letter_id}/replays", status_code=202)
def replay(request: Request, visit: Mending, letter_id: str, body: LetterMend) -> LetterFate:
    """Send it again, once: a letter that was sent before, or would be refused again, is not sent."""
    found = one_letter(request.app.state.reader, visit, letter_id)
    return LetterFate.of(sent(request, visit, found, body.mend()))
