"""Verdicts of the solver in the reader's language: its sentence is found again, with its names and figures, and told anew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from schemas.verdict_sentences import Fact, Said, Several

if TYPE_CHECKING:
    from console.words import Words


def told(words: Words, said: Said) -> str:
    """The sentence in words."""
    return words(f"limit.{said.key}", **{name: _fact(words, name, fact) for name, fact in said.facts.items()})


def _fact(words: Words, name: str, fact: Fact | Said) -> str:
    if isinstance(fact, Said):
        return told(words, fact)
    if isinstance(fact, Several):
        shown = ", ".join(told(words, one) if isinstance(one, Said) else one for one in fact.shown)
        return shown + (words("limit.more", n=fact.more) if fact.more else "")
    if isinstance(fact, date):
        return words.day(fact)
    if isinstance(fact, str):
        return _word(words, name, fact)
    if name.endswith("_eur"):
        return words.money(fact)
    return words.share(fact) if name == "share" else words.number(fact, 0 if isinstance(fact, int) else 1)


def _word(words: Words, name: str, word: str) -> str:
    match name:
        case "rule":
            return words.rule(word)
        case "note":
            return words.reason(word)
        case "held_word":
            return words.known("limit.held_word", word)
        case "kind":
            return words.known("limit.change", word)
    return word
