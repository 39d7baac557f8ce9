"""A question is asked from a form or by a program, its answer stands beside others, and nothing is touched."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.datastructures import QueryParams

from console.access.rights import Sight
from console.asking.answers import MOST_SAVED, Asking, Saved
from console.asking.questions import question
from schemas.errors import RefusedError, SettingsError, UnavailableError
from schemas.what_if import (
    AccountsMove,
    MarketShift,
    OtherCorridor,
    OtherLimit,
    OtherWeights,
    RepJoins,
    RepLeaves,
    WhatIfRequest,
)
from tests.support.console_visitors import NOW, InventedSolver, Visitor, a_console

ASKED = "/what-if?region=west&rep_leaves=R03&market_percent=-30"
WEST = Sight(regions=("west",))


@pytest.fixture
def app() -> FastAPI:
    return a_console()[0]


def test_the_form_asks_everything_at_once_in_its_order() -> None:
    asked = question("west", QueryParams(
        "rep_leaves=R03&rep_leaves=R07&join_lat=48,1&join_lon=-4.2&given_accounts=A1,%20A%202,&given_to=R04&market_percent=-30&market_lat=48&market_lon=-4&market_km=25"
        "&price=overtime&price_value=90&corridor_percent=10&max_moves=40"
    ))  # fmt: skip
    assert asked is not None
    assert asked.changes == (
        RepLeaves(rep_id="R03"), RepLeaves(rep_id="R07"), RepJoins(home_lat=48.1, home_lon=-4.2, weekly_hours=35),
        AccountsMove(rep_id="R04", account_ids=("A1", "A 2")), MarketShift(effect=-0.3, lat=48, lon=-4, radius_km=25), OtherWeights(weights={"overtime": 90.0}),
        OtherCorridor(tolerance=0.1), OtherLimit(max_moves=40),
    )  # fmt: skip


def test_an_empty_form_asks_nothing() -> None:
    assert question("west", QueryParams("region=west&rep_leaves=&price=overtime")) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [("given_accounts=A1", "given_to"), ("given_to=R03", "given_accounts"), ("join_lat=48", "join_lat"), ("join_lat=95&join_lon=1", "join_lat"), ("market_percent=lots", "market_percent"),
     ("market_percent=-300", "market_percent"), ("market_percent=5&market_lat=48", "market_km"), ("price=soul&price_value=1", "price"),
     ("corridor_percent=-1", "corridor_percent"), ("max_moves=-2", "max_moves"), ("max_moves=nan", "max_moves"), ("max_moves=1e999", "max_moves")],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_named(fields: str, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        question("west", QueryParams(fields))
    assert refused.value.field == field


def test_the_answer_stands_beside_today_and_doing_nothing(app: FastAPI) -> None:
    text = Visitor(app, "mia").get(ASKED).text
    for said in (
        "R03 leaves; the market changes by \u221230%",
        "€90k",
        "€120k",
        "€70k",
        "All territories would be inside",
    ):
        assert said in text
    french = Visitor(app, "mia", language="fr").get(ASKED).text
    assert "R03 part ; " in french.replace("part; ", "part ; ")


def test_accounts_of_a_question_are_told_with_what_giving_them_costs(app: FastAPI) -> None:
    asked = "/what-if?region=west&given_accounts=A1042,A7&given_to=R03"
    text = Visitor(app, "mia").get(asked).text
    assert "2 accounts go to R03: A1042, A7" in text
    assert "this costs €30k a year" in text
    assert 'value="A1042,A7"' in text
    assert "2 comptes passent à R03" in Visitor(app, "mia", language="fr").get(asked).text


def test_the_same_question_is_solved_once_until_something_new_comes_in() -> None:
    solver = InventedSolver()
    asking, asked = Asking(solver), WhatIfRequest(region_id="west")
    for mark in ("1", "1", "2"):
        asking.ask(asked, mark)
    assert len(solver.asked) == 2


@pytest.mark.parametrize(
    ("fields", "says", "status"),
    [("rep_leaves=R99", "no rep &#39;R99&#39; &lt;here&gt;", 422), ("max_moves=many", "is no number", 422)],
)
def test_a_question_that_makes_no_sense_is_refused_on_the_page_with_its_fields_kept(
    app: FastAPI, fields: str, says: str, status: int
) -> None:
    answer = Visitor(app, "mia").get(f"/what-if?region=west&join_hours=28&{fields}")
    assert answer.status == status
    assert says in answer.text
    assert 'value="28"' in answer.text


def test_a_console_without_a_solver_says_so() -> None:
    with pytest.raises(UnavailableError, match="without a solver"):
        Asking(None).ask(WhatIfRequest(region_id="west"), "")


def test_a_kept_scenario_is_shown_beside_the_next_question_and_goes_when_its_owner_says_so(app: FastAPI) -> None:
    mia = Visitor(app, "mia")
    kept = mia.post("/what-if/saved", [("region", "west"), ("rep_leaves", "R03"), ("name", "Without <R03>")])
    assert (kept.status, kept.headers["location"]) == (303, "/what-if?region=west&rep_leaves=R03#saved")
    assert "Without &lt;R03&gt;" in Visitor(app, "ann").get("/what-if?region=west&max_moves=2").text
    assert "Without &lt;" not in Visitor(app, "eve").get("/what-if").text
    (saved,) = json.loads(Visitor(app, "mia", bearer=True).get("/api/v1/what-if/saved").text)
    assert (saved["owner"], saved["request"]["changes"][0]["rep_id"]) == ("mia", "R03")
    path = f"/what-if/saved/{saved['scenario_id']}/remove"
    assert Visitor(app, "ann").post(path).status == 404
    assert mia.post(path).status == 303
    assert "Without &lt;" not in mia.get("/what-if").text


def test_nobody_asks_about_a_region_of_others(app: FastAPI) -> None:
    assert (
        Visitor(app, "eve").post("/what-if/saved", [("region", "west"), ("name", "x"), ("max_moves", "1")]).status
        == 404
    )
    body = b'{"region_id": "west"}'
    assert Visitor(app, "eve", bearer=True).call("POST", "/api/v1/what-if", body, "application/json").status == 404


def test_a_program_is_told_what_makes_no_sense(app: FastAPI) -> None:
    body = b'{"region_id": "west", "changes": [{"kind": "rep_leaves", "rep_id": "R99"}]}'
    answer = Visitor(app, "mia", bearer=True).call("POST", "/api/v1/what-if", body, "application/json")
    assert answer.status == 422
    assert json.loads(answer.text)["errors"][0]["detail"] == "no rep 'R99' <here>"


def test_scenarios_outlive_the_console_and_a_broken_file_is_named(tmp_path: Path) -> None:
    path, asked = tmp_path / "scenarios.json", WhatIfRequest(region_id="west")
    answer = InventedSolver().ask(asked)
    for n in range(MOST_SAVED):
        Saved(path).add(f"s{n}", "mia", NOW + timedelta(hours=n), asked, answer)
    assert [one.name for one in Saved(path).seen(WEST)][:2] == [f"s{MOST_SAVED - 1}", f"s{MOST_SAVED - 2}"]
    assert Saved(path).seen(Sight(regions=("east",))) == []
    with pytest.raises(RefusedError, match="remove one"):
        Saved(path).add("one more", "mia", NOW, asked, answer)
    with pytest.raises(RefusedError, match="name"):
        Saved(path).add("", "noah", NOW, asked, answer)
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("[{]")
    with pytest.raises(SettingsError, match=r"scenarios\.json"):
        Saved(path).seen(WEST)
