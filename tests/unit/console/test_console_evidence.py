"""Why an alert arose is told in every language, with its figures, days and names, whatever found or caused it."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from console.reading.answers.alerts import Alert
from console.words import LANGUAGES, Words, catalogue
from models.causes import CauseContext, KnownEvent, causes_of
from models.early_warning import RHYTHMS
from models.signals import Signal
from models.warned import detector_of
from schemas.alert_sentences import ALERTS
from schemas.verdict_sentences import SENTENCES, read, read_alert, say
from tests.support.console_visitors import ALERT, Visitor, a_console

DAY = date(2026, 2, 16)
FACTS = {
    "times": 2.02, "share": 0.22, "signed_share": -0.08, "day": DAY, "event": "competitor opened", "count": 12, "n": 12, "days": 14,
    "spreads": 3.14, "detector": "cusum weekly", "statistic": 9.4, "threshold": 6.8, "gap": 7.5, "rep": "R07",
    "note": "Lidl, at the gate", "event_note": "Lidl: 3, at the gate",
}  # fmt: skip
each_language = pytest.mark.parametrize("language", LANGUAGES)
each_sentence = pytest.mark.parametrize("key", ALERTS)
ENGLISH = {
    "the",
    "and",
    "with",
    "its",
    "accounts",
    "orders",
    "order",
    "usual",
    "of",
    "opened",
    "was",
    "rep",
    "by",
    "from",
    "over",
    "weekly",
}


def a_signal(**change: object) -> Signal:
    values: dict[str, object] = {
        "kind": "territory", "scope_id": "R07", "direction": "drop", "statistic": 9.4, "threshold": 6.8, "started": DAY,
        "observed_eur": 1.0, "expected_eur": 2.0, "deviation_share": -0.5, "deviation_sigma": -2.0, "eur_at_risk": 1.0,
        "sample_weeks": 3, "accounts": 9, "detector": "cusum weekly",
    }  # fmt: skip
    return Signal(**{**values, **change})  # type: ignore[arg-type]


@each_sentence
def test_a_sentence_is_found_again_by_its_own_key_with_its_facts(key: str) -> None:
    text = say(key, **FACTS)
    said = read_alert(text)
    assert said is not None
    assert said.key == key
    assert say(key, **{**FACTS, **said.facts}) == text
    assert read(text) is None  # no verdict of the solver


@each_sentence
def test_a_french_sentence_holds_no_word_of_the_english_one(key: str) -> None:
    told = Words("fr").evidence(say(key, **FACTS | {"note": "Lidl", "event_note": "Lidl"}))
    assert told is not None
    assert ENGLISH & set(re.findall(r"[a-z]+", told)) == set()


def test_every_detector_and_event_that_may_be_named_has_words() -> None:
    kinds = ("market_event", "account_closed", "rep_left", "rep_absent", "rep_joined")
    for language in LANGUAGES:
        texts = catalogue(language)
        assert {f"detector.{detector_of(rhythm).replace(' ', '_')}" for rhythm in RHYTHMS.values()} <= texts.keys()
        assert {f"event.{kind}" for kind in kinds} <= texts.keys()


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        (say("cause.event_because", event="rep left", day=DAY, event_note=say("note.accounts", n=1)),
         "A rep left, 16 Feb 2026: 1 account", "Départ d’un commercial, 16 févr. 2026 : 1 compte"),
        (say("cause.event_because", event="market event", day=DAY, event_note=say("note.reach_because", event="competitor opened", note="Lidl: big", n=12)),
         "Market event, 16 Feb 2026: A competitor opened: Lidl: big, 12 accounts in reach",
         "Événement du marché, 16 févr. 2026 : Ouverture d’un concurrent : Lidl: big, 12 comptes à portée"),
        (say("cause.market", signed_share=-0.084), "The market moved by −8% against a year ago.", "Le marché a évolué de −8\u00a0% en un an."),
        (say("cause.orders_repeated", times=2.02),
         "Nearly every account has 2.02 times its usual orders a day, each of the usual size: orders are sent more than once.",
         "Presque chaque compte a 2,02 fois ses commandes habituelles par jour, chacune de taille habituelle : des commandes sont envoyées plusieurs fois."),
        (say("found.below", share=0.2, spreads=1.25, detector="cusum weekly", statistic=9.41, threshold=6.8),
         "20% below its own level with the moves of the market removed, 1.2 spreads; CUSUM by the week: 9.4 over 6.8",
         "20\u00a0% sous son propre niveau, mouvements du marché ôtés, soit 1,2 écarts ; CUSUM par semaine : 9,4 pour un seuil de 6,8"),
    ],
)  # fmt: skip
def test_figures_days_and_names_are_written_as_people_of_the_language_write_them(
    text: str, english: str, french: str
) -> None:
    assert Words("en").evidence(text) == english
    assert Words("fr").evidence(text) == french


@pytest.mark.parametrize(
    ("change", "context"),
    [
        ({}, CauseContext(1e6, feed_silent=True)),
        ({"evidence": {"silent_together": say("found.silent_together", count=9, day=DAY)}}, CauseContext(1e6)),
        ({"evidence": {"every_order_times": 2.02}}, CauseContext(1e6)),
        ({"evidence": {"every_order_times": 2.0, "orders_times": 2.0}}, CauseContext(1e6)),
        ({"evidence": {"every_order_times": 2.0, "orders_times": 1.0}}, CauseContext(1e6)),
        ({}, CauseContext(1e6, visits_held={("territory", "R07"): 0.4})),
        ({"kind": "region", "scope_id": ""}, CauseContext(1e6, market_change_share=-0.2)),
        ({}, CauseContext(1e6, model_drifting=True)),
    ],
)
def test_every_cause_that_is_found_is_told_in_french(change: dict[str, object], context: CauseContext) -> None:
    events = [KnownEvent("e1", "rep_left", DAY, (("territory", "R07"),), note=say("note.accounts", n=3))]
    for cause in causes_of(a_signal(**change), events, context):
        assert Words("fr").evidence(cause.evidence) is not None, cause.evidence


def told_by(language: str, **evidence: object) -> str:
    app, reader, _ = a_console()
    reader.alert = Alert.model_validate({**ALERT, "evidence": json.dumps(evidence)})
    return Visitor(app, "omar", language=language).get("/alerts/a1").text


@pytest.mark.parametrize(
    ("evidence", "english", "french"),
    [
        ({"detector": "known event", "event": "rep_left"}, "A rep left, 16 Feb 2026", "Départ d’un commercial, 16 févr. 2026"),
        ({"expectation": "expected", "event": "competitor_opened"}, "A competitor opened, 16 Feb 2026: −22% expected", "Ouverture d’un concurrent, 16 févr. 2026 : −22\u00a0% attendu"),
        ({"expectation": "confirmed", "event": "competitor_opened"}, "−22% estimated", "−22\u00a0% estimé"),
        ({"feed_silent": True}, "no orders since 16 Feb 2026", "aucune commande depuis le 16 févr. 2026"),
    ],
)  # fmt: skip
def test_a_headline_names_the_event(evidence: dict[str, object], english: str, french: str) -> None:
    assert english in told_by("en", **evidence)
    assert french in told_by("fr", **evidence)


def test_the_page_tells_causes_and_facts_and_marks_what_is_not_ours_as_english() -> None:
    causes = [
        {"class": "capacity_change", "score": 0.9, "evidence": say("cause.event", event="rep left", day=DAY)},
        {"class": "demand_shift", "score": 0.2, "evidence": "as <older> versions said it"},
    ]
    page = told_by("fr", causes=causes, watched="by the week", feed_silent=False, expected_effect=-0.3, change="opened")
    for said in ("Départ d’un commercial, 16 févr. 2026", "par semaine", "<span>non</span>", "−30\u00a0%", "ouverte"):
        assert said in page
    assert '<span lang="en">as &lt;older&gt; versions said it</span>' in page


def test_every_sentence_of_an_alert_is_one_of_ours() -> None:
    assert set(ALERTS) <= set(SENTENCES)


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ("Share of the false-alarm budget", "marked useful", "as false alarms", "as expected", "64%")),
     ("fr", ("Part du budget de fausses alertes", "jugées utiles", "jugées fausses", "jugées attendues", "64\u00a0%"))],
)  # fmt: skip
def test_the_budget_behind_an_alert_is_told_as_a_share_with_the_marks_that_made_it(
    language: str, names: tuple[str, ...]
) -> None:
    page = told_by(language, budget_share=0.64, marked_useful=1, marked_false=31, marked_expected=0)
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd><span>([^<]*)</span></dd>", page))
    assert [value for name, value in shown.items() if "marked" in name or "jugées" in name] == ["1", "31", "0"]
    assert all(name in page for name in names)
    assert "+64" not in page
