"""What a choice of moves does to each territory is shown before anything is decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.deciding.comparing import Comparison, compared, question
from console.deciding.simulation import simulated
from console.reading.answers.suggestions import Suggestion
from console.reading.answers.territories import Territory
from schemas.errors import RefusedError
from schemas.rows import PlanFigures, TerritoryEffect
from schemas.what_if import AccountsMove, OtherLimit
from tests.support.console_visitors import FIGURES, SUGGESTION, InventedSolver, Visitor, a_console

EFFECTS = [
    {"rep_id": "R03", "potential_before_eur": 1_200_000, "potential_after_eur": 1_008_000, "hours_before": 900, "hours_after": 836,
     "accounts_before": 90, "accounts_after": 88, "deviation_before": 0.2, "deviation_after": 0.008},
    {"rep_id": "R07", "potential_before_eur": 800_000, "potential_after_eur": 992_000, "hours_before": 700, "hours_after": 764,
     "accounts_before": 70, "accounts_after": 72, "deviation_before": -0.2, "deviation_after": -0.008},
]  # fmt: skip
PROPOSED = Suggestion.model_validate({**SUGGESTION, "effects": EFFECTS})
THIRD = Territory(region_id="west", rep_id="R09", name="", accounts=50, potential_eur=1_000_000, capacity_hours=1540, work_hours=600,
                  load_ratio=0.4, deviation=0.0, in_corridor=True, drift=None)  # fmt: skip
ALL = {"A1042": "R07", "A1077": "R07"}


def by_rep(chosen: dict[str, str]) -> dict[str, TerritoryEffect]:
    return {effect.rep_id: effect for effect in simulated(PROPOSED, chosen, [THIRD])}


def test_the_proposal_itself_has_the_effect_that_the_solver_told() -> None:
    found = by_rep(ALL)
    for told in PROPOSED.effects:
        assert found[told.rep_id].model_dump(exclude={"rep_id"}) == pytest.approx(told.model_dump(exclude={"rep_id"}))


def test_one_account_to_a_third_rep_changes_three_territories() -> None:
    found = by_rep({"A1042": "R09"})
    assert {rep: effect.accounts_after - effect.accounts_before for rep, effect in found.items()} == {
        "R03": -1, "R07": 0, "R09": 1,
    }  # fmt: skip
    assert found["R09"].deviation_after == pytest.approx(0.096)
    assert found["R09"].hours_after - found["R09"].hours_before == pytest.approx(32)


@given(st.dictionaries(st.sampled_from(["A1042", "A1077", "A9"]), st.sampled_from(["R03", "R07", "R09"])))
def test_nothing_is_lost_or_made_by_moving_it(chosen: dict[str, str]) -> None:
    found = simulated(PROPOSED, chosen, [THIRD])
    assert sum(e.potential_after_eur - e.potential_before_eur for e in found) == pytest.approx(0, abs=1e-6)
    assert sum(e.accounts_after - e.accounts_before for e in found) == 0


def test_the_page_shows_the_effect_of_what_is_ticked_and_decides_nothing() -> None:
    app, reader, decisions = a_console()
    reader.suggestion = PROPOSED
    form = [("move", "A1077"), ("to-A1077", "R07"), ("to-A1042", "R07")]
    answer = Visitor(app, "mia").post("/suggestions/s1/simulate", form)
    assert answer.status == 200
    assert "Reckoned with 1 move ticked" in answer.text
    assert "90 → 89" in answer.text
    assert decisions.decisions == []


def test_the_solver_is_asked_what_if_these_moves_were_made_and_no_other() -> None:
    asked = question(PROPOSED, {"A1077": "R09", "A1042": "R07", "A9": "R07"})
    assert asked.region_id == "west"
    assert asked.changes == (
        AccountsMove(rep_id="R07", account_ids=("A1042", "A9")), AccountsMove(rep_id="R09", account_ids=("A1077",)),
        OtherLimit(max_moves=0),
    )  # fmt: skip


def test_an_account_that_stays_with_its_rep_is_no_move() -> None:
    assert question(PROPOSED, {"A1042": "R03"}).changes == (OtherLimit(max_moves=0),)


def test_a_rep_nobody_chose_is_refused_before_the_solver_is_asked() -> None:
    with pytest.raises(RefusedError):
        question(PROPOSED, {"A1042": ""})


def test_the_choice_is_compared_with_the_proposal_at_the_same_prices() -> None:
    solver = InventedSolver()
    found = compared(PROPOSED, {"A1042": "R09"}, solver.ask)
    assert [change.kind for request in solver.asked for change in request.changes] == [
        "accounts_move", "max_moves", "accounts_move", "max_moves",
    ]  # fmt: skip
    figures = PlanFigures.model_validate(FIGURES)
    dearer = figures.model_copy(update={"total_eur": figures.total_eur + 700, "travel_km": figures.travel_km - 40})
    other = Comparison(found.today, figures, dearer)
    assert (other.worth_eur, other.travel_km) == (-700, -40)


WITH_ANOTHER_REP = [("move", "A1077"), ("to-A1077", "R09"), ("move", "A1042"), ("to-A1042", "R07")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Against the proposal: \u2212€700 of worth and +55 km of travel a year; largest deviation 21.0% instead of 18.0%"),
        ("fr", "Par rapport à la proposition : \u2212700\u00a0€ de valeur et +55 km de trajets par an"),
    ],
)  # fmt: skip
def test_the_page_says_what_the_choice_does_to_worth_balance_and_travel(language: str, said: str) -> None:
    app, reader, decisions = a_console()
    reader.suggestion = PROPOSED
    text = Visitor(app, "mia", language=language).post("/suggestions/s1/simulate", WITH_ANOTHER_REP).text
    assert said in text
    assert 'id="compared"' in text
    assert decisions.decisions == []


def test_the_sums_come_at_once_without_the_solver() -> None:
    app, reader, _ = a_console()
    reader.suggestion = PROPOSED
    text = Visitor(app, "mia").post("/suggestions/s1/simulate?sums_only=true", WITH_ANOTHER_REP).text
    assert "Reckoned with the 2 moves" in text
    assert 'id="compared"' not in text


@pytest.mark.parametrize(
    ("rep", "status", "why"), [("R99", 422, "no rep &#39;R99&#39; &lt;here&gt;"), ("R98", 503, "busy")]
)
def test_a_choice_the_solver_refuses_says_why_and_keeps_the_sums(rep: str, status: int, why: str) -> None:
    app, reader, _ = a_console()
    reader.suggestion = PROPOSED
    answer = Visitor(app, "mia").post("/suggestions/s1/simulate", [("move", "A1077"), ("to-A1077", rep)])
    assert answer.status == status
    assert f"What this choice is worth cannot be said: {why}" in answer.text
    assert "Reckoned with 1 move ticked" in answer.text


def test_who_stands_in_is_no_plan_to_price() -> None:
    app, reader, _ = a_console()
    reader.suggestion = PROPOSED.model_copy(update={"cause": "rep_absent"})
    answer = Visitor(app, "mia").post("/suggestions/s1/simulate", WITH_ANOTHER_REP)
    assert answer.status == 200
    assert 'id="compared"' not in answer.text
