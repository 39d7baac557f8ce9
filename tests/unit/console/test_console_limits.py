"""What limits every plan is told in every language with its names and figures, whatever kind of verdict it is."""

from __future__ import annotations

import re

import numpy as np
import pytest

from console.words import LANGUAGES, Words, catalogue
from schemas.verdict_sentences import LISTS, SENTENCES, read, read_held, say
from solvers.numbers import Numbers, relaxed_numbers, too_strict
from solvers.problem import Problem
from solvers.relief import relief_of, relieved
from solvers.verdict import Verdict
from solvers.verdicts import LIMITS, verdicts
from tests.support.console_visitors import Visitor, a_console
from tests.unit.solvers.rebalancing_problems import a_problem
from tests.unit.solvers.test_bad_input import HOPELESS
from tests.unit.solvers.test_relief import HOPELESS as ORPHANED_PROBLEMS
from tests.unit.solvers.test_relief import ORPHANED

MANY = ", ".join(f"A{n}" for n in range(5)) + " and 12 more"
each_language = pytest.mark.parametrize("language", LANGUAGES)


def every_verdict() -> list[Verdict]:
    """Of real problems: each that limits all plans, and each that gave for accounts of nobody."""
    problems: list[Problem] = [a_problem(**change) for _, change, *_ in HOPELESS]
    for change, *_ in ORPHANED_PROBLEMS:
        problem = a_problem(**(ORPHANED | change))
        problems.append(relieved(problem, relief_of(problem)))
    numbers = Numbers(least=11, most=9)
    strict = (*too_strict(numbers, 20, 2), *relaxed_numbers(numbers, 20, 2)[1])
    return [*(verdict for problem in problems for verdict in verdicts(problem)), *strict]


VERDICTS = every_verdict()


@each_language
@pytest.mark.parametrize("rule", [*LIMITS, "most_accounts", "least_accounts", "contiguity", "apart"])
def test_every_kind_of_verdict_and_its_way_out_is_told_in_the_language(rule: str, language: str) -> None:
    words, found = Words(language), [verdict for verdict in VERDICTS if verdict.rule == rule]
    assert found
    for verdict in found:
        for text in (verdict.detail, verdict.relaxation):
            said, told = read(text), words.limit(text)
            assert said is not None, text
            assert told is not None
            assert "{" not in told
            assert set(re.findall(r"\b[AR]\d\b", told)) == set(re.findall(r"\b[AR]\d\b", text))


@pytest.mark.parametrize("text", sorted({t for v in VERDICTS for t in (v.detail, v.relaxation)}))
def test_a_french_sentence_holds_no_word_of_the_english_one(text: str) -> None:
    told = str(Words("fr").limit(text))
    english = {
        "the",
        "and",
        "with",
        "would",
        "held",
        "rep",
        "accounts",
        "pinned",
        "until",
        "they",
        "from",
        "of",
        "need",
    }
    assert english & set(re.findall(r"[a-z]+", told)) == set()


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        (say("capacity", work=12_345.4, capacity=8_000, missing=4_345.4, times=1.12),
         "The accounts need 12,345 hours a year and the reps have 8,000, 4,345 too few: the work is shared by capacity, and only what exceeds 1.12 times a rep’s share of it is priced.",
         "Les comptes demandent 12\u202f345 heures par an et les commerciaux en ont 8\u202f000, il en manque 4\u202f345 : le travail est partagé selon la capacité, et seul coûte ce qui dépasse 1,12 fois la part d’un commercial."),
        ("the accounts need 12,345 hours a year and the reps have 8,000: every plan leaves 4,345 hours of overtime",  # as it was told before
         "The accounts need 12,345 hours a year and the reps have 8,000, 4,345 too few.",
         "Les comptes demandent 12\u202f345 heures par an et les commerciaux en ont 8\u202f000, il en manque 4\u202f345."),
        (say("way.capacity", reps=2.46, share=0.352), "2.5 reps more, or 35% fewer visits, would do.",
         "Il faudrait 2,5 commerciaux de plus, ou 35\u00a0% de visites en moins."),
        (say("no_budget", left_eur=90_000), "€90k of potential may still change rep, less than any account that may move has.",
         "Il ne reste que 90\u00a0k€ de potentiel à pouvoir changer de commercial, moins que tout compte qui pourrait bouger."),
        (say("no_place", accounts=MANY), "Without a place, so travel says nothing about them: A0, A1, A2, A3, A4 and 12 others.",
         "Sans position, leurs trajets ne comptent donc pas : A0, A1, A2, A3, A4 et 12 autres."),
        (say("wrongly_held", held_accounts="A0 (R0; pinned until 2026-12-31: season: in May, not before), A1 (R1; its family is held)"),
         "Held with a rep who may not serve them: A0 (R0; pinned until 31 Dec 2026: Not in this season: in May, not before), A1 (R1; its family is held).",
         "Retenus chez un commercial qui ne peut pas les servir : A0 (R0 ; épinglé jusqu’au 31 déc. 2026 : Pas en cette saison: in May, not before), A1 (R1 ; sa famille est retenue)."),
        (say("way.release", account="A3", rep="R1", worth_eur=1_234.4, rule="held: deal D7 is open since 2026-02-01"),
         "Letting A3 go to R1 would earn most: €1,234 a year (held: deal D7 is open since 1 Feb 2026).",
         "Laisser A3 aller à R1 rapporterait le plus : 1\u202f234\u00a0€ par an (retenu : l’affaire D7 est ouverte depuis le 1 févr. 2026)."),
        (say("both_sides", barrier="the river d'Oust", accounts="a03"), "Barrier “the river d'Oust” has on both sides a03.",
         "La barrière « the river d'Oust » a des deux côtés a03."),
        (say("way.could_serve", servants="east with crane, lifts could, west could after 2026-05-01"),
         "Nearest to serving them: east with crane, lifts, west after 1 May 2026.",
         "Au plus près de pouvoir les servir : east avec crane, lifts, west après le 1 mai 2026."),
    ],
)  # fmt: skip
def test_figures_days_and_money_are_written_as_people_of_the_language_write_them(
    text: str, english: str, french: str
) -> None:
    assert Words("en").limit(text) == english
    assert Words("fr").limit(text) == french


def test_money_is_in_the_currency_of_the_company() -> None:
    assert str(Words("en", "USD").limit(say("way.budget", least_eur=110_000, account="A1"))).startswith(
        "$110k would do"
    )


def test_every_sentence_has_words_in_every_language_with_the_same_places() -> None:
    places = re.compile(r"{(\w+)[:!}]")
    for language in LANGUAGES:
        texts = catalogue(language)
        for key, sentence in SENTENCES.items():
            assert set(places.findall(texts[f"limit.{key}"])) == set(places.findall(sentence)), key


def test_every_list_is_of_sentences_that_exist_and_stands_in_one() -> None:
    placed = {place for sentence in SENTENCES.values() for place in re.findall(r"{(\w+)}", sentence)}
    assert set(LISTS) <= placed
    assert {key for keys in LISTS.values() for key in keys} == {key for key in SENTENCES if key.startswith("each.")}


def test_what_is_none_of_our_sentences_is_not_understood() -> None:
    assert read("the reps are tired") is None
    assert read_held("key account") is None
    assert Words("fr").held("key account") == "key account"
    assert Words("fr").limit("the accounts need many hours a year") is None


@each_language
def test_a_suggestion_and_an_answer_tell_what_limits_every_plan(language: str) -> None:
    app, _, _ = a_console()
    said = {"en": "Without a place, so travel says nothing about them: A9.", "fr": "Sans position, leurs trajets"}[
        language
    ]
    for path in ("/suggestions/s1", "/what-if?rep_leaves=R03&market_percent=-30"):
        assert said in Visitor(app, "mia", language=language).get(path).text
    old = Visitor(app, "mia", language=language).get("/suggestions/s1").text
    assert '<span lang="en">5 reps with 90 each hold fewer than &lt;460&gt; accounts</span>' in old
    assert 'lang="en">relaxed from 90 to 92' not in old


def test_numbers_of_numpy_are_told_as_numbers() -> None:
    assert say("way.relaxed", asked=np.int64(9), given=np.int64(13)) == "relaxed from 9 to 13"
