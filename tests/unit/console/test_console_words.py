"""What is counted agrees with its number, in every language."""

from __future__ import annotations

import re

import pytest

from console.words import LANGUAGES, Words, catalogue
from tests.support.console_visitors import Visitor, a_console

ALIKE = {"days", "alerts.more", "quality.placeless.of"}  # abbreviated, never one, or a number beside a number
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_every_text_that_counts_has_a_singular_and_every_singular_a_plural(language: str) -> None:
    texts = catalogue(language)
    counting = {
        key for key, text in texts.items() if "{n}" in text and "({n})" not in text and not key.endswith(".one")
    }
    singular = {key.removesuffix(".one") for key in texts if key.endswith(".one")}
    assert counting - ALIKE == singular
    assert counting >= ALIKE


@each_language
def test_a_singular_says_something_else_than_its_plural_with_the_same_values(language: str) -> None:
    texts = catalogue(language)
    for key in [key for key in texts if f"{key}.one" in texts]:
        one, many = texts[f"{key}.one"], texts[key]
        assert one != many or (language, key) == ("en", "alerts.count"), key
        assert sorted(re.findall(r"{\w+}", one)) == sorted(re.findall(r"{\w+}", many)), key


def test_english_counts_one_as_singular_and_french_also_nought() -> None:
    assert [Words("en")("moves", n=n) for n in (0, 1, 2)] == ["0 moves", "1 move", "2 moves"]
    assert [Words("fr")("moves", n=n) for n in (0, 1, 2)] == ["0 mouvement", "1 mouvement", "2 mouvements"]


@each_language
@pytest.mark.parametrize("path", ["/", "/suggestions", "/suggestions/s1"])
def test_a_suggestion_of_one_move_is_never_told_in_the_plural(path: str, language: str) -> None:
    app, reader, _ = a_console()
    reader.suggestion = reader.suggestion.model_copy(update={"moves": reader.suggestion.moves[:1]})
    text = Visitor(app, "mia", language=language).get(path).text
    assert re.search(r"\b1 (move|mouvement)\b", text)
    assert re.search(r"\b1 (moves|mouvements|changements|accounts|comptes)\b", text) is None
