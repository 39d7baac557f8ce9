"""A log that is shorter than what is known of it: made anew, or put back from an older copy, under the same cluster.

Read on, its new records would pass for old ones, and be left out without a word: state, ledger and offsets speak of
another log. A log made anew that has grown beyond what was known cannot be told from the old one.
"""

from __future__ import annotations

from typing import Final

from schemas.errors import TerradriftError

BEGIN_ANEW: Final = (
    "Put the log back as it was, or begin anew: delete Terradrift's topics and its database, `terradrift provision`, "
    "and replay the history"
)


class LostLogError(TerradriftError):
    """Nothing of the partition may be handled: what is known of it is of a log that is gone."""

    @classmethod
    def at(cls, place: str, known: int, end: int) -> LostLogError:
        """The log of `place` ends at offset `end`, before what is known of it."""
        return cls(
            f"{place} ends at offset {end}, but it was read up to {known}: the topic was made anew, or its end is lost. "
            f"{BEGIN_ANEW}"
        )

    @classmethod
    def of_state(cls, place: str, state_topic: str, committed: int, known: int) -> LostLogError:
        """The group has read `place` up to `committed`, its state knows less."""
        return cls(
            f"{place} was read up to offset {committed}, but its state in {state_topic} knows it up to {known} only: "
            f"that topic was made anew, or its end is lost. {BEGIN_ANEW}"
        )
