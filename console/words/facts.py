"""The evidence of an alert in the reader's language: each fact by its name, figures as people of the language write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from console.words import Words

CHANGES: Final = frozenset({"expected_effect", "estimated_effect"})
SHARES: Final = frozenset({"budget_share"})
WORDS_OF: Final = frozenset({"watched", "detector", "change", "expectation"})
NAMES: Final = frozenset({"town", "against"})


def told_fact(words: Words, name: str, value: object) -> str | None:
    """One fact in words; None where it is a text of others, or of a version that said it otherwise, in English."""
    if isinstance(value, bool):
        return words("fact.yes") if value else words("fact.no")
    if isinstance(value, (int, float)):
        if name in CHANGES:
            return words.signed_share(value)
        return words.share(value) if name in SHARES else words.number(value, 0 if isinstance(value, int) else 2)
    text = str(value)
    if name in NAMES:
        return text
    if name == "event":
        return words.event(text)
    if name in WORDS_OF:
        return words.known(name, text.replace(" ", "_"))
    return words.evidence(text)
