"""What a choice of moves does to each territory is shown before anything is decided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.deciding.simulation import simulated
from console.reading.answers.suggestions import Suggestion
from console.reading.answers.territories import Territory
from schemas.rows import TerritoryEffect
from tests.support.console_visitors import SUGGESTION, Visitor, a_console

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
