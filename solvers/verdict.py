"""What stands in the way of good plans, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    rule: str  # machine word
    detail: str  # names the accounts, the reps or the rule it is about
    relaxation: str  # the nearest change that opens a way, or has been made to open one; "" where there is none

    def __str__(self) -> str:
        return f"{self.detail}; {self.relaxation}" if self.relaxation else self.detail


def some(names: list[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
