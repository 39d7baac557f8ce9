"""A dead letter is mended and sent again: the words of `terradrift dead-letters` and of the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from schemas.rows import DeadLetterReplayRow


@dataclass(frozen=True, slots=True)
class Mend:
    """What a person changes: the whole message (`content`), or fields set and taken out. Nothing given: sent as it was.

    A value is text as it is typed; `as_json` values are JSON (null, a list).
    """

    content: bytes | None = None
    values: tuple[tuple[str, str], ...] = ()
    as_json: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()

    def changes(self) -> bool:
        return self.content is not None or bool(self.values or self.as_json or self.dropped)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one letter. `outcome` is that of the recorded attempt, or "not sent", or "would pass" of a dry run."""

    dead_letter_id: str
    topic: str
    outcome: str
    detail: str = ""
    partition: int | None = None
    offset: int | None = None


class LetterDesk(Protocol):
    """Mends one letter at a time, for whoever may see it. Raises UnavailableError."""

    def message(self, dead_letter_id: str, mend: Mend, /) -> bytes:
        """What would be sent. Raises TerradriftError where the change cannot be made."""

    def check(self, dead_letter_id: str, mend: Mend, /) -> Fate:
        """Whether the stages would take it now; nothing is sent or recorded."""

    def send(self, dead_letter_id: str, mend: Mend, by: str, /) -> Fate:
        """Send it, unless it was sent before or would be refused again."""

    def attempts(self, dead_letter_id: str, /) -> list[DeadLetterReplayRow]:
        """Every attempt, oldest first, each as it stands now."""
