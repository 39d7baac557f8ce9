"""Verdicts of the solver and the evidence of alerts in the reader's language: a sentence is found again, with its names and figures, and told anew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from schemas.verdict_sentences import Fact, Said, Several

if TYPE_CHECKING:
    from console.words import Words


def told(words: Words, said: Said) -> str:
    """The sentence in words."""
    key = f"limit.{said.key}"
    if said.facts.get("n") == 1 and words.has(f"{key}.one"):
        key = f"{key}.one"
    return words(key, **{name: _fact(words, name, fact) for name, fact in said.facts.items()})


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
    match name:
        case "share":
            return words.share(fact)
        case "signed_share":
            return words.signed_share(fact)
        case "times":
            return words.number(fact, 2)
    return words.number(fact, 0 if isinstance(fact, int) else 1)


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
        case "event":
            return words.event(word)
        case "detector":
            return words.known("detector", word.replace(" ", "_"))
    return word
