"""Why a question is refused, and what a move's next best rep would cost, are told in every language; also of suggestions made long ago."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from console.words import LANGUAGES, Words
from schemas.refusal_sentences import ALTERNATIVES, REFUSALS
from schemas.verdict_sentences import Said, read, read_next, say
from schemas.what_if import (
    AccountsMove,
    Change,
    MarketShift,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfRefusedError,
)
from solvers.places import Places
from solvers.problem import ProblemError
from solvers.rebalance import rebalance
from solvers.situation import Situation, changed
from solvers.telling import move_row
from tests.support.console_visitors import Visitor, a_console
from tests.unit.solvers.rebalancing_problems import a_problem

each_language = pytest.mark.parametrize("language", LANGUAGES)
ELIGIBLE = np.ones((6, 2), bool)
ELIGIBLE[1, 1] = ELIGIBLE[5, 0] = False
PLACES = Places(np.array([[48.0, -3.0 + i * 0.134] for i in range(6)]), np.array([[48.0, -3.0], [48.0, -2.33]]))
HERE = Situation(
    "west",
    a_problem(
        distance_km=PLACES.distance_km(), max_moves=3, eligible=ELIGIBLE, movable=[False, True, True, True, True, True],
        held_because=["pinned until 2026-09-01: season: in May, not before", "", "", "", "", ""],
        family=[-1, -1, 7, 7, 7, -1],
    ),
    tolerance=0.15, places=PLACES, required=((), ("wine", "beer"), (), (), (), ()),
)  # fmt: skip
NOWHERE = replace(HERE, places=replace(PLACES, geographic=False))
SENSELESS: list[tuple[Situation, Change]] = [
    (HERE, RepLeaves(rep_id="R9")), (HERE, RepJoins(rep_id="R0", home_lat=48, home_lon=-3)),
    (HERE, AccountsMove(rep_id="R1", account_ids=("A0", "A1", "A2"))), (HERE, AccountsMove(rep_id="R1", account_ids=("A4",))),
    (HERE, AccountsMove(rep_id="R1", account_ids=("X",))), (HERE, MarketShift(effect=-0.5, lat=48)),
    (HERE, MarketShift(effect=-0.5, lat=0, lon=0, radius_km=1.5)), (HERE, OtherWeights(weights={"travel_per_km": -1.0})),
    (HERE, OtherWeights(weights={"churn_share": 2.0})),
    (HERE, RepLeaves(rep_id="R1")),
    (NOWHERE, RepJoins(home_lat=48, home_lon=-3)), (NOWHERE, MarketShift(effect=-0.5, lat=48, lon=-3, radius_km=9)),
]  # fmt: skip


def findings(situation: Situation, *changes: Change) -> tuple[str, ...]:
    with pytest.raises(WhatIfRefusedError) as caught:
        changed(situation, changes)
    return caught.value.findings


def every_finding() -> list[str]:
    lonely = changed(replace(HERE, problem=a_problem()), [RepLeaves(rep_id="R1")])[0]
    found = [each for situation, change in SENSELESS for each in findings(situation, OtherLimit(max_moves=1), change)]
    return [*found, *findings(lonely, RepLeaves(rep_id="R0"))]


FINDINGS = every_finding()


@each_language
@pytest.mark.parametrize("text", FINDINGS)
def test_a_refusal_of_the_solver_is_told_in_the_language_with_its_names(text: str, language: str) -> None:
    told = Words(language).limit(text)
    assert told is not None
    assert "{" not in told
    assert set(re.findall(r"\b[AR]\d\b", told)) == set(re.findall(r"\b[AR]\d\b", text))
    if language == "fr":
        assert {"the", "and", "there", "is", "would", "may", "rep", "accounts"} & set(
            re.findall(r"[a-z]+", told)
        ) == set()


def test_what_a_refusal_is_about_stands_in_it_once() -> None:
    """Each finding is a change with a finding of its own; together they are nearly all that may be said."""
    inner = {
        said.facts["refusal"].key for said in map(read, FINDINGS) if said and isinstance(said.facts["refusal"], Said)
    }
    told_elsewhere = {
        "change",
        "region",
        "unknown_region",
        "no_accounts",
        "no_reps",
        "too_many_pairs",
        "no_cell",
    }
    assert inner == REFUSALS.keys() - {f"refused.{word}" for word in told_elsewhere}


def test_a_region_without_accounts_says_so_in_french() -> None:
    with pytest.raises(ProblemError) as caught:
        a_problem(account_ids=())
    text = say("refused.region", region="ouest", refusal=caught.value.findings[0])
    assert Words("fr").limit(text) == "Région ouest : Elle n’a aucun compte."
    barriers = say(
        "refused.region",
        region="west",
        refusal=say("refused.too_many_pairs", pairs_allowed=200_000, counts="'l’Oust' 500 by 600"),
    )
    assert "200\u202f000" in str(Words("fr").limit(barriers))


def test_a_refusal_says_what_stands_against_each_account() -> None:
    told = Words("fr").refusal(findings(HERE, AccountsMove(rep_id="R1", account_ids=("A0", "A1", "A2"))))
    assert told == (
        "Changement 1 (comptes donnés à un commercial) : Ne peuvent pas changer de commercial : A0 (épinglé jusqu’au 1 sept. 2026 : Pas en cette saison: in May, not before). "
        "Changement 1 (comptes donnés à un commercial) : Pas pour R1, absent ou sans la compétence voulue : A1 (demande wine, beer). "
        "Changement 1 (comptes donnés à un commercial) : Seraient séparés de leur famille ; nommez-les aussi : A3 (chez R0)."
    )


def test_a_refusal_of_another_version_stays_as_it_was_said() -> None:
    assert Words("fr").refusal(["the moon is full"]) == "the moon is full"


@each_language
def test_the_next_best_rep_of_a_real_move_is_told(language: str) -> None:
    problem = a_problem()
    found = [move_row(move).alternative for move in rebalance(problem).moves]
    for text in (each for each in found if each):
        assert Words(language).next_best(text) is not None


@pytest.mark.parametrize("key", ALTERNATIVES)
def test_every_reason_against_the_next_best_is_read_again(key: str) -> None:
    said = read_next(say(key, rep="R05", worse_eur=-1_234.4, rule="max_moves"))
    assert said is not None
    assert (said.key, said.facts["rep"], said.facts["worse_eur"]) == (key, "R05", -1_234)


def test_an_old_suggestion_tells_its_next_best_in_french() -> None:
    words = Words("fr")
    assert words.next_best("R05 (dearer, 1,234 worse)") == "R05, plus cher de 1\u202f234\u00a0€ par an"
    assert words.next_best("R05 (kept away by max_moves, -20 worse)") == (
        "R05, mais la limite de transferts est atteinte (écart de coût : \u221220\u00a0€ par an)"
    )
    assert words.next_best("stay with R03") is None


@pytest.mark.parametrize(
    ("language", "told"), [("fr", "R05, plus cher de 1\u202f234\u00a0€ par an"), ("en", "R05, dearer by €1,234 a year")]
)
def test_a_suggestion_tells_the_next_best_rep_of_each_move(language: str, told: str) -> None:
    app, _, _ = a_console()
    text = Visitor(app, "mia", language=language).get("/suggestions/s1").text
    assert told in text
    assert '<span lang="en">stay with R03</span>' in text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("rep_leaves=R97", "Changement 1 (départ d’un commercial) : R97 est le seul commercial"),
        ("max_moves=many", "« many » n’est pas un nombre."),
        ("join_lat=48", "Un lieu ne se comprend qu’entier"),
        ("given_accounts=A1", "Les comptes et le commercial qui les reçoit vont ensemble."),
        ("corridor_percent=900", "« 900 » n’est pas possible ici (corridor_percent)."),
        ("price=moon&price_value=3", "« moon » n’est pas un des prix."),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_in_french(asked: str, told: str) -> None:
    app, _, _ = a_console()
    answer = Visitor(app, "mia", language="fr").get(f"/what-if?region=west&{asked}")
    assert answer.status == 422
    assert told in answer.text
