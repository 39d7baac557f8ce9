"""What is known of an account before it orders anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountTraits:
    """What is known of an account without its orders. `chain`: the words of its name that may recur, "" unknown."""

    kind: str
    segment: str
    chain: str
    lat: float | None
    lon: float | None
