"""Every route is for somebody: who may not is sent away, and whoever may sees no more than the own regions or accounts."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from console.access.entry import Allowed, sign_in_link_token
from console.access.rights import AS_A_REP, ROLES, Person, Right, Sight
from console.access.seals import Seal
from console.reading.reader import Reader
from console.reading.source import QUERIES
from schemas.errors import SettingsError
from tests.support.console_visitors import KEY, NOW, PASSWORD, PEOPLE, Visitor, a_console

OPEN_TO_ALL = {
    "/sign-in",
    "/sign-in/link",
    "/sign-in/openid",
    "/sign-in/openid/back",
    "/language/{language}",
    "/api/v1/health",
    "/api/v1/session",
}
# Figures of the whole company and what belongs to no region; every other query applies the sight of whoever asks.
WITHOUT_SIGHT = {"flash", "trends", "trends_made", "feeds", "standing", "published"}
BY_ROLE = {role: next(p.name for p in PEOPLE.values() if p.roles == (role,)) for role in ROLES}
FILLED = {
    "alert_id": "a1",
    "suggestion_id": "s1",
    "account_id": "A1042",
    "region_id": "west",
    "decision_id": "d1",
    "scenario_id": "n1",
    "letter_id": "l1",
}


def routes_below(router: Any, prefix: str = "") -> list[tuple[str, APIRoute]]:
    """Every route with its whole path, however deep it was included."""
    found = []
    for route in router.routes:
        if isinstance(route, APIRoute):
            found.append((prefix + route.path, route))
        elif hasattr(route, "original_router"):
            found += routes_below(route.original_router, prefix + route.include_context.prefix)
    return found


def right_of(route: APIRoute) -> Right | None:
    asked = [d.call.right for d in route.dependant.dependencies if isinstance(d.call, Allowed)]
    return asked[0] if asked else None


ROUTES = routes_below(a_console()[0])
GUARDED = [(method, path, right) for path, route in ROUTES for method in route.methods if (right := right_of(route))]
# The stream of /live never ends for those whom it lets in; that it lets nobody else in is tested with the rest.
ENDING = [(method, path, right) for method, path, right in GUARDED if path != "/live"]
each_ending_route = pytest.mark.parametrize(("method", "path", "right"), ENDING, ids=lambda value: str(value))
each_route = pytest.mark.parametrize(("method", "path", "right"), GUARDED, ids=lambda value: str(value))


def called(visitor: Visitor, method: str, path: str) -> int:
    """The status of a call with ids that exist, and an empty body."""
    target = path.format(**FILLED)
    return (visitor.post(target) if method == "POST" else visitor.get(target)).status


def test_only_the_front_door_is_open_to_everybody() -> None:
    assert {path for path, route in ROUTES if right_of(route) is None} == OPEN_TO_ALL
    assert len(GUARDED) > 25


@each_route
def test_nobody_comes_in_without_a_session(method: str, path: str, right: Right) -> None:
    app, reader, decisions = a_console()
    status = called(Visitor(app), method, path)
    assert status == (401 if path.startswith("/api/") or method == "POST" or path == "/live" else 303)
    assert reader.sights == []
    assert decisions.decisions == []


@each_ending_route
@pytest.mark.parametrize("role", ROLES)
def test_a_role_comes_in_exactly_where_it_has_the_right(method: str, path: str, right: Right, role: str) -> None:
    app, reader, decisions = a_console()
    person = PEOPLE[BY_ROLE[role]]
    status = called(Visitor(app, person.name), method, path)
    assert (status == 403) == (not person.may(right))
    if not person.may(right):
        assert reader.sights == []
        assert decisions.decisions == []


@each_ending_route
def test_every_read_is_made_with_the_sight_of_whoever_asks(method: str, path: str, right: Right) -> None:
    for person in PEOPLE.values():
        if person.may(right):
            app, reader, _ = a_console()
            called(Visitor(app, person.name), method, path)
            assert {sight for _, sight in reader.sights} <= {person.sight(right)}


@pytest.mark.parametrize("path", ["/alerts/a1", "/suggestions/s1", "/api/v1/alerts/a1", "/api/v1/suggestions/s1",
                                  "/api/v1/territories/west/places", "/territories?region=west",
                                  "/what-if?region=west&max_moves=3"])  # fmt: skip
def test_what_belongs_to_another_region_is_not_there(path: str) -> None:
    app, _, _ = a_console()
    assert Visitor(app, "eve").get(path).status == 404


def test_a_manager_decides_nothing_in_another_region() -> None:
    app, _, decisions = a_console()
    assert Visitor(app, "eve").post("/suggestions/s1/decide", [("kind", "all")]).status == 404
    assert decisions.decisions == []


def test_every_query_applies_the_sight() -> None:
    blind = {
        name for name, text in QUERIES.items() if not ("{own_rep:String}" in text and "{every_region:UInt8}" in text)
    }
    assert blind == WITHOUT_SIGHT


def test_whatever_is_read_takes_a_sight_but_figures_of_the_whole_company() -> None:
    asked = {name: method for name, method in vars(Reader).items() if inspect.isfunction(method) and name[0] != "_"}
    blind = {name for name, method in asked.items() if "sight" not in inspect.signature(method).parameters}
    assert blind == WITHOUT_SIGHT


def test_a_rep_sees_the_own_accounts_whatever_is_asked() -> None:
    assert PEOPLE["rosa"].sight().rep_id == "R07"
    app, reader, _ = a_console()
    Visitor(app, "rosa", bearer=True).get("/api/v1/accounts?rep=R03")
    assert reader.sights == [("accounts", PEOPLE["rosa"].sight())]


def test_who_is_a_manager_besides_sees_the_regions_as_one_and_the_own_accounts_as_a_rep() -> None:
    ruth = PEOPLE["ruth"]
    assert (ruth.sight(), ruth.sight(Right.DECIDE)) == (Sight(regions=("west",)),) * 2
    assert {ruth.sight(right) for right in AS_A_REP} == {Sight(every_region=True, rep_id="R09")}
    assert Person("x", ("manager",), ("west",)).sight(Right.SEE_MINE) == Sight(regions=("west",)), "nobody's own"


def test_the_own_accounts_of_a_rep_who_manages_are_not_those_of_the_region() -> None:
    app, reader, _ = a_console()
    mine = Visitor(app, "ruth").get("/mine").text
    assert {sight for _, sight in reader.sights} == {Sight(every_region=True, rep_id="R09")}
    assert ('<p class="asof">R09</p>' in mine, "Accounts (0)" in mine, "A1042" in mine) == (True, True, False)
    assert "A1042" in Visitor(app, "ruth").get("/suggestions/s1").text


@pytest.mark.parametrize("path", ["/mine/challenge", "/api/v1/accounts/A1042/challenges"])
def test_a_rep_who_manages_challenges_no_move_between_others(path: str) -> None:
    app, _, decisions = a_console()
    if path.startswith("/api/"):
        body = b'{"suggestion_id": "s1", "reason": "season"}'
        answer = Visitor(app, "ruth", bearer=True).call("POST", path, body, "application/json")
    else:
        form = [("suggestion_id", "s1"), ("account_id", "A1042"), ("reason", "season")]
        answer = Visitor(app, "ruth").post(path, form)
    assert (answer.status, decisions.decisions) == (404, [])


def test_a_rep_whom_nobody_named_is_refused() -> None:
    with pytest.raises(SettingsError, match="rep_id"):
        Person("x", ("rep",))


@pytest.mark.parametrize("csrf", ["", "wrong", "caf\u00e9"])
def test_a_form_without_the_token_of_the_session_changes_nothing(csrf: str) -> None:
    app, _, decisions = a_console()
    answer = Visitor(app, "mia").post("/suggestions/s1/decide", [("kind", "all"), ("csrf", csrf)], csrf=False)
    assert answer.status == 403
    assert decisions.decisions == []


def test_a_call_by_cookie_needs_the_token_and_one_by_bearer_does_not() -> None:
    body = b'{"kind": "accept"}'
    app, _, decisions = a_console()
    assert Visitor(app, "mia").call("POST", "/api/v1/suggestions/s1/decisions", body, "application/json").status == 403
    assert decisions.decisions == []
    assert (
        Visitor(app, "mia", bearer=True)
        .call("POST", "/api/v1/suggestions/s1/decisions", body, "application/json")
        .status
        == 202
    )
    assert len(decisions.decisions) == 1


def test_a_password_lets_in_and_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    app, _, _ = a_console()
    answer = Visitor(app).post("/sign-in", [("name", "mia"), ("password", PASSWORD), ("to", "/alerts")])
    assert (answer.status, answer.headers["location"]) == (303, "/alerts")
    assert re.match(
        r"terradrift_session=[\w.-]+; HttpOnly; Max-Age=43200; Path=/; SameSite=lax$", answer.headers["set-cookie"]
    )


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_signing_in_leads_nowhere_else(to: str) -> None:
    app, _, _ = a_console()
    answer = Visitor(app).post("/sign-in", [("name", "mia"), ("password", PASSWORD), ("to", to)])
    assert answer.headers["location"] == "/"


def test_guessing_is_slowed_down_even_when_the_password_comes_at_last() -> None:
    app, _, _ = a_console()
    tries = [
        Visitor(app).post("/sign-in", [("name", "mia"), ("password", guess)]).status for guess in [*"abcde", PASSWORD]
    ]
    assert tries == [401] * 5 + [429]
    answer = Visitor(app).call("POST", "/api/v1/session", b'{"user": "mia", "password": "x"}', "application/json")
    assert (answer.status, answer.headers["retry-after"]) == (429, "300")


def test_a_link_lets_in_once() -> None:
    app, _, _ = a_console()
    path = f"/sign-in/link?token={sign_in_link_token(Seal(KEY), 'adam', NOW)}"
    assert [Visitor(app).get(path).status for _ in range(2)] == [303, 401]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/kpis", "/static/console.css", "/nothing/here"])
def test_every_answer_carries_the_headers_that_keep_others_out(path: str) -> None:
    app, _, _ = a_console()
    headers = Visitor(app, "mia").get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static/") else "no-store")
