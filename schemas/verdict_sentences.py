"""What verdicts and alerts say, in English, and reading it back.

Both travel as text: in suggestions, in the evidence of alerts, in answers to what-if questions, in notes of a log. Each sentence is written here once,
with places for the figures and names it is about. Who tells it in another language finds the sentence and its facts again, also
of suggestions made long ago; no second column has to be kept true to the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Final

from schemas.alert_sentences import ALERTS, EVENT_NOTES
from schemas.refusal_sentences import ACCEPTANCES, ALTERNATIVES, ENTRIES, LISTS_OF_REFUSALS, REFUSALS

SENTENCES: Final[Mapping[str, str]] = {
    # what limits every plan
    "one_rep": "{rep} is the only live rep: no account can go elsewhere",
    "nobody_may_move": "no account may go to another rep: {held:d} of {all:d} are held ({held_words}), the others have no other eligible rep",
    "nobody_else_eligible": "no account may go to another rep: none is held, and the {all:d} have no other eligible rep",
    "no_moves": "max_moves is 0: no account may change its rep",
    "no_budget": "{left_eur:,.0f} EUR of potential may still change rep, less than any account that may move has",
    "no_rep_budget": "what may still come to or leave each rep is less than any account that may move has",
    "wrongly_held": "held with a rep who may not serve them: {held_accounts}",
    "held_family": "stay because one of their family is held: {accounts}",
    "held_hours": "held accounts alone need more hours a year than their rep has: {loads}",
    "capacity": "the accounts need {work:,.0f} hours a year and the reps have {capacity:,.0f}, {missing:,.0f} too few: the work is shared by capacity, and only what exceeds {times:g} times a rep's share of it is priced",
    "capacity_before": "the accounts need {work:,.0f} hours a year and the reps have {capacity:,.0f}: every plan leaves {missing:,.0f} hours of overtime",
    "no_potential": "no account has any potential: there is nothing to balance",
    "no_place": "without a place, so travel says nothing about them: {accounts}",
    "disconnected": "the neighbour graph falls into {parts:d} parts; apart from the largest are {accounts}: no territory spans two of them in one piece",
    "few_accounts": "{reps:d} reps with {least:d} each need more than {all:d} accounts",
    "many_accounts": "{reps:d} reps with {most:d} each hold fewer than {all:d} accounts",
    # what had to give, or was left out, when the problem was posed
    "unknown_arrays": "not read, because no such array is known: {arrays}",
    "full_territories": "no territory may get more than {most:d} accounts, and these need a rep: {accounts}",
    "torn_territory": "no territory in one piece can take these, who need a rep: {accounts}",
    "barred": "barriers leave no rep for some of these, who need one: {accounts}",
    "both_sides": "rules.barriers: {barrier!r} has on both sides {accounts}",
    "one_sided": "rules.barriers: {barrier!r} keeps nobody apart here: no account lies in {side}, {areas}",
    "not_servable": "no rep may serve them, and the plan leaves them without one: {accounts}",
    # the nearest way out, or from what to what a rule was relaxed
    "way.second_rep": "a second rep opens a way",
    "way.nothing_earned": "no single change would earn anything",
    "way.release": "letting {account} go to {rep} would earn most: {worth_eur:,.0f} EUR a year ({rule})",
    "way.one_move": "1 would let the most valuable move be made",
    "way.budget": "{least_eur:,.0f} EUR would do, for {account}",
    "way.rep_budget": "{potential_eur:,.0f} EUR for {rep}, who has {left_eur:,.0f} left, would let {account} go from {source} to {target}",
    "way.released": "released, they could go: {ways}",
    "way.free_family": "releasing {keepers} would free them",
    "way.release_these": "releasing {accounts} would do",
    "way.capacity": "{reps:.1f} reps more, or {share:.0%} fewer visits, would do",
    "way.work_counts": "travel and hours still count",
    "way.give_places": "give them latitude and longitude",
    "way.joined": "{links:d} more pairs of neighbours would join them, or contiguity preferred or off",
    "way.joined_by": "{links:d} more pairs of neighbours ({pairs}) would join them, or contiguity preferred or off",
    "way.number": "{number:d} would do",
    "way.relaxed": "relaxed from {asked:d} to {given:d}",
    "way.relaxed_for_them": "relaxed from {asked:d} to {given:d} for them",
    "way.pieces": "relaxed from no new piece to {pieces:d}",
    "way.crossing": "relaxed: may come to share a rep are {pairs}",
    "way.neither_side": "relaxed: they count on neither side",
    "way.mend_barrier": "name an area with accounts, or drop the barrier",
    "way.known_arrays": "known are {arrays}",
    "way.could_serve": "{servants}",
    # why an account is held
    "held.pinned": "pinned until {day:%Y-%m-%d}",
    "held.pinned_because": "pinned until {day:%Y-%m-%d}: {note}",
    "held.moved": "moved on {day:%Y-%m-%d}, rests until {until:%Y-%m-%d}",
    "held.deal": "deal {deal} is open since {day:%Y-%m-%d}",
    "held.family": "its family is held",
    "held.given": "the question gives it to {rep}",
    "held.closed": "it is closed",
    "held.nobody": "it is with nobody now",
    "held.with": "it is with {rep} now",
    # entries of lists
    "each.held_word": "{count:d} {held_word}",
    "each.held": "{account} ({rep}; {held_because})",
    "each.way": "{account} to {rep}",
    "each.keeper": "{account} ({held_because})",
    "each.load": "{rep} {hours:,.0f} of {capacity:,.0f}",
    "each.pair": "{account} and {other}",
    "each.servant": "{rep} could",
    "each.servant_back": "{rep} could after {day:%Y-%m-%d}",
    "each.servant_skilled": "{rep} with {skills} could",
    "each.servant_skilled_back": "{rep} with {skills} could after {day:%Y-%m-%d}",
    **ENTRIES, **REFUSALS, **ACCEPTANCES, **ALTERNATIVES, **ALERTS,
}  # fmt: skip
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "accounts": (), "arrays": (), "areas": (), "skills": (), "held_words": ("each.held_word",), "held_accounts": ("each.held",),
    "ways": ("each.way",), "keepers": ("each.keeper",), "loads": ("each.load",), "pairs": ("each.pair",),
    "servants": ("each.servant_skilled_back", "each.servant_skilled", "each.servant_back", "each.servant"),
    **LISTS_OF_REFUSALS,
}  # fmt: skip
"""Places for lists, and the sentences that their entries may be; none: bare names."""
VERDICTS: Final = [
    key
    for key in SENTENCES
    if key not in ALERTS and not key.startswith(("each.", "held.", "next.", "refused.", "accept.", "way.could_serve"))
]
HELD: Final = (
    "held.pinned_because", "held.pinned", "held.moved", "held.deal", "held.family", "held.given", "held.closed",
    "held.nobody", "held.with",
)  # fmt: skip
MORE: Final = re.compile(r"(.*?)(?: and (\d+) more)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Several:
    """A list of names or of sentences, and how many more there are."""

    shown: tuple[Said | str, ...]
    more: int


Fact = str | int | float | date | Several
"""A name, a count or rounded figure, a figure with decimals or a share, a day, a list. Places that end in `_eur` hold money."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, by its key, and what it is about."""

    key: str
    facts: Mapping[str, Fact | Said]


def say(key: str, /, **facts: object) -> str:
    """The sentence about these facts."""
    return SENTENCES[key].format(**facts)


def read(text: str) -> Said | None:
    """The sentence of a verdict, of its way out, of a refusal or about an acceptance, again; None where it is none of them, as of versions that said it otherwise."""
    return _first(text, VERDICTS) or _first(text, ["way.could_serve"]) or _first(text, [*REFUSALS, *ACCEPTANCES])


def read_held(text: str) -> Said | None:
    """Why an account is held, again."""
    return _first(text, HELD)


def read_left_out(text: str) -> Said | None:
    """What was left out of an acceptance, again."""
    return _first(text, ("accept.left_out",))


def read_next(text: str) -> Said | None:
    """What a move's next best rep would have cost, again."""
    return _first(text, list(ALTERNATIVES))


def read_alert(text: str) -> Said | None:
    """Why a scope deviates, what was found of it, or what was noted of an event, again."""
    return _first(text, list(ALERTS))


def _first(text: str, keys: list[str] | tuple[str, ...]) -> Said | None:
    for key in keys:
        found = _PATTERNS[key].fullmatch(text)
        facts = None if found is None else _facts(key, found.groupdict())
        if facts is not None:
            return Said(key, facts)
    return None


def _facts(key: str, words: Mapping[str, str]) -> dict[str, Fact | Said] | None:
    """What stood in each place; None where an entry of a list is none of those it may be."""
    found: dict[str, Fact | Said] = {}
    for name, spec, conversion in _places(SENTENCES[key]):
        value = _value(name, spec, conversion, words[name])
        if value is None:
            return None
        found[name] = value
    return found


def _value(name: str, spec: str, conversion: str | None, word: str) -> Fact | Said | None:
    if name in LISTS:
        return _several(word, LISTS[name])
    if name == "held_because":
        return read_held(word) or word
    if name == "event_note":
        return _first(word, list(EVENT_NOTES)) or word
    if name == "refusal":
        return _first(word, list(REFUSALS))
    if spec.startswith("%"):
        return date.fromisoformat(word)
    if spec.endswith(".0%"):
        return int(word.removesuffix("%")) / 100
    if spec in (".1f", "g"):
        return float(word.replace(",", ""))
    if spec:
        return int(word.replace(",", ""))
    return word[1:-1] if conversion else word


def _several(text: str, keys: tuple[str, ...]) -> Several | None:
    found = MORE.fullmatch(text)
    listed, more = (found.group(1), int(found.group(2) or 0)) if found else (text, 0)
    pieces, shown, begun = listed.split(", "), [], ""
    for piece in pieces:  # a note within an entry may hold a comma: an entry ends where it is whole
        begun = f"{begun}, {piece}" if begun else piece
        entry = _first(begun, keys) if keys else begun
        if entry is not None:
            shown.append(entry)
            begun = ""
    return None if begun else Several(tuple(shown), more)


def _places(sentence: str) -> list[tuple[str, str, str | None]]:
    return [(name, spec or "", conversion) for _, name, spec, conversion in Formatter().parse(sentence) if name]


def _pattern(sentence: str) -> re.Pattern[str]:
    """What the sentence looks like whatever it is about."""
    found = []
    for words, name, spec, conversion in Formatter().parse(sentence):
        found.append(re.escape(words))
        if name:
            found.append(f"(?P<{name}>{_shape(name, spec or '', conversion)})")
    return re.compile("".join(found), re.DOTALL)


def _shape(name: str, spec: str, conversion: str | None) -> str:
    if name == "bare_account":  # one of which nothing is said in brackets
        return r"[^()]+"
    if conversion:
        return r"'.*'|\".*\""
    if spec.startswith("%"):
        return r"\d{4}-\d\d-\d\d"
    return r".+?" if not spec else r"[+-]?\d+%" if spec.endswith(".0%") else r"-?[\d,]+(?:\.\d+)?"


_PATTERNS: Final = {key: _pattern(sentence) for key, sentence in SENTENCES.items()}
