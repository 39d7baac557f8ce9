"""What the console says, in every language it speaks: one JSON file a language, the same keys in each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from console.words.facts import told_fact
from console.words.limits import told
from schemas.verdict_sentences import Said, read, read_alert, read_held, read_left_out, read_next

LANGUAGES: Final = ("en", "fr")
_HERE: Final = Path(__file__).parent
_NARROW: Final = "\u202f"
_SINGULAR: Final = {"en": (1,), "fr": (0, 1)}  # the plural rules of Unicode CLDR for whole numbers below a million
_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Key -> text of a language."""
    found: dict[str, str] = json.loads((_HERE / f"{language}.json").read_text(encoding="utf-8"))
    return found


def chosen_language(wanted: str | None, accepted: str) -> str:
    """The language asked for, else the first of the browser's that we speak, else English."""
    if wanted in LANGUAGES:
        return str(wanted)
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


class Words:
    """Texts, numbers and dates in one language. Money is in the company's currency."""

    def __init__(self, language: str, currency: str = "EUR") -> None:
        self.language = language
        self.currency = currency
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key; where it counts `n` and n is singular in this language, that of `key.one`.

        A key that is missing is a defect: KeyError.
        """
        text = self._texts[key]
        if values.get("n") in _SINGULAR[self.language]:
            text = self._texts.get(f"{key}.one", text)
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in self._texts

    def known(self, prefix: str, word: str) -> str:
        """The text of `prefix.word`; the word itself where it comes from outside and is not in the catalogue."""
        return self._texts.get(f"{prefix}.{word}", word.replace("_", " "))

    def listed(self, prefix: str, words: Sequence[str]) -> str:
        """Several of them, apart from each other in a way that every language has; some have a comma of their own."""
        return " · ".join(self.known(prefix, word) for word in words)

    def rule(self, text: str) -> str:
        """A rule of the solver in words, with the note that is an account's own: until when and why it is held."""
        word, _, note = text.partition(": ")
        return self.known("rule", word) + (f"{self('colon')}{self.held(note)}" if note and word == "held" else "")

    def held(self, text: str) -> str:
        """Why an account is held, in words."""
        said = read_held(text)
        return text if said is None else told(self, said)

    def limit(self, text: str) -> str | None:
        """A sentence of a verdict; None where it is of a version that said it otherwise, in English."""
        said: Said | None = read(text)
        return None if said is None else told(self, said)

    def next_best(self, text: str) -> str | None:
        """A move's next best rep and its price; None as for `limit`."""
        said = read_next(text)
        return None if said is None else told(self, said)

    def event(self, kind: str) -> str:
        """What happened in the company or in its market."""
        word = kind.replace(" ", "_")
        return self.known("event" if self.has(f"event.{word}") else "news", word)

    def evidence(self, text: str) -> str | None:
        """A sentence of an alert; None where it is none of ours, or of a version that said it otherwise, in English."""
        said = read_alert(text)
        return None if said is None else told(self, said)

    def fact(self, name: str, value: object) -> str | None:
        """A fact of an alert's evidence; None as for `evidence`."""
        return told_fact(self, name, value)

    def refusal(self, findings: Sequence[str]) -> str:
        """Why a question makes no sense, each finding as a sentence; in English where it is none of ours."""
        return " ".join(self.limit(finding) or finding for finding in findings)

    def reason(self, text: str) -> str:
        """A reason of the lists in words, with the note that may follow it after a colon and with what was left out of an acceptance."""
        parts = text.split("; ")
        for i in range(len(parts)):
            left_out = read_left_out("; ".join(parts[i:]))
            if left_out is not None:
                own = self.reason("; ".join(parts[:i]))
                return f"{own}; {told(self, left_out)}" if own else told(self, left_out)
        word, colon, note = text.partition(":")
        return self._texts.get(f"reason.{word}", word) + colon + note

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        text = f"{value:,.{digits}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        if self.language == "fr":
            text = text.replace(",", _NARROW).replace(".", ",")
        return text.replace("-", "\u2212")

    def signed(self, value: float | None, digits: int = 0) -> str:
        text = self.number(value, digits)
        return f"+{text}" if value is not None and value > 0 and text.strip("0,.") else text

    def money(self, value: float | None) -> str:
        """Full amounts below ten thousand, thousands and millions above: what a person compares."""
        if value is None:
            return "–"
        size = abs(value)
        if size >= 999_500:
            number, unit = self.number(value / 1e6, 2 if size < 9.95e6 else 1), "M"
        elif size >= 10_000:
            number, unit = self.number(value / 1e3), "k"
        else:
            number, unit = self.number(value), ""
        symbol = _SYMBOLS.get(self.currency, f"{self.currency} ")
        if self.language == "fr":
            return f"{number}\u00a0{unit}{symbol.strip()}"
        minus = "\u2212" if number.startswith("\u2212") else ""
        return f"{minus}{symbol}{number.lstrip(chr(0x2212))}{unit}"

    def share(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        return self.number(100 * value, digits) + ("\u00a0%" if self.language == "fr" else "%")

    def signed_share(self, value: float | None, digits: int = 0) -> str:
        text = self.share(value, digits)
        return f"+{text}" if value is not None and round(100 * value, digits) > 0 else text

    def day(self, value: date | None) -> str:
        """`17 Aug 2026`, `17 août 2026`."""
        if value is None:
            return "–"
        return f"{value.day} {self._texts['months'].split(' ')[value.month - 1]} {value.year}"

    def moment(self, value: datetime | None) -> str:
        return "–" if value is None else f"{self.day(value.date())}, {value:%H:%M}"
