"""What became of the lines of a file: counts, and each line that could not be used with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

EXCERPT_CHARACTERS = 80
KEPT_REFUSALS = 10_000


@dataclass(frozen=True, slots=True)
class Refused:
    """One line (or, at line 1, a whole file) that is left out; the rest goes on. `reason` is a short machine word."""

    file: str
    line: int
    field: str
    reason: str
    detail: str
    excerpt: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f" {self.field}" if self.field else "")
        return f"{place}: {self.detail}" + (f"  [{self.excerpt}]" if self.excerpt else "")


@dataclass(slots=True)
class Tally:
    """Counts of one file; `read` = `accepted` + `refused`, always.

    Of the accepted, `repeated` were word for word the same as an earlier line and are sent once. `skipped` lines were
    left unread on request (skip rules of the mapping, `since` and `until`).
    """

    accepted: int = 0
    refused: int = 0
    repeated: int = 0
    skipped: int = 0

    @property
    def read(self) -> int:
        return self.accepted + self.refused


@dataclass(slots=True)
class Outcome:
    """Collects what happens while a folder is read. All refusals are counted; the first 10,000 are kept."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def tally(self, file: str) -> Tally:
        return self.tallies.setdefault(file, Tally())

    def refuse(self, refusal: Refused) -> None:
        self.tally(refusal.file).refused += 1
        if len(self.refused) < KEPT_REFUSALS:
            self.refused.append(refusal)

    def notice(self, text: str) -> None:
        """Say something once."""
        if text not in self.notices:
            self.notices.append(text)


def excerpt_of(text: str) -> str:
    """The beginning of a line, fit to be shown: printable, at most 80 characters."""
    shown = "".join(each if each.isprintable() else "·" for each in text[:EXCERPT_CHARACTERS])
    return shown + ("…" if len(text) > EXCERPT_CHARACTERS else "")
