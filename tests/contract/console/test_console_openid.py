"""Signing in by OpenID Connect, against a small provider that signs its tokens and speaks real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread

from console.access.openid import NotRecognisedError, OpenId
from console.access.rights import Person
from console.access.users import Users
from console.app import create_app
from schemas.errors import UnavailableError
from tests.support.console_server import served
from tests.support.console_visitors import HASH, KEY, InventedReader, KeptDecisions

pytestmark = [pytest.mark.io, pytest.mark.timeout(120)]
KNOWN = Users({"mia@example.com": Person("mia@example.com", ("manager",), ("west",))}, {"mia@example.com": HASH})
PEOPLE: dict[str, dict[str, object]] = {
    "1": {"email": "mia@example.com", "email_verified": True},
    "2": {"email": "mia@example.com", "email_verified": False},
    "3": {"email": "stranger@example.com", "email_verified": True},
    "4": {"email": "rosa@example.com", "email_verified": True, "terradrift_roles": ["rep"], "terradrift_rep": "R03"},
    "5": {
        "email": "eve@example.com",
        "email_verified": True,
        "terradrift_roles": "manager",
        "terradrift_regions": ["east"],
    },
    "6": {"email": "joe@example.com", "email_verified": True, "terradrift_roles": ["emperor"]},
    "7": {"email": "ned@example.com", "email_verified": True, "terradrift_roles": ["rep"]},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(user_claims=[User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def address(issuer: str) -> Iterator[str]:
    app = create_app(
        InventedReader(), KeptDecisions(), lambda: KNOWN, lambda: datetime.now(UTC), KEY, openid=OpenId(issuer, "terradrift", "s3cret")
    )  # fmt: skip
    with served(app) as url:
        yield url


def come_back(address: str, sub: str, to: str = "/suggestions") -> tuple[requests.Session, str]:
    """A browser that has left for the provider and said who it is there: its session, and the address back."""
    browser = requests.Session()
    left = browser.get(f"{address}/sign-in/openid", params={"to": to}, allow_redirects=False)
    assert left.status_code == 303
    agreed = browser.post(left.headers["location"], data={"sub": sub}, allow_redirects=False)
    return browser, agreed.headers["location"]


def signed_in(address: str, sub: str) -> requests.Session:
    browser, back = come_back(address, sub)
    answer = browser.get(back, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/suggestions")
    return browser


def test_the_sign_in_page_offers_it(address: str) -> None:
    assert "/sign-in/openid?to=" in requests.get(f"{address}/sign-in", timeout=10).text


def test_somebody_of_the_users_file_comes_in_with_the_rights_of_the_file(address: str) -> None:
    me = signed_in(address, "1").get(f"{address}/api/v1/session").json()
    assert (me["user"], me["roles"], me["regions"]) == ("mia@example.com", ["manager"], ["west"])


def test_what_is_asked_of_the_provider_is_bound_to_this_browser(address: str) -> None:
    left = requests.get(f"{address}/sign-in/openid", allow_redirects=False, timeout=10)
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    cookie = left.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert asked["nonce"][0] not in cookie or "." in cookie  # sealed


@pytest.mark.parametrize(
    ("sub", "roles", "sees"), [("4", ["rep"], "/mine"), ("5", ["manager"], "/territories")], ids=["a rep", "a manager"]
)
def test_somebody_else_comes_in_with_the_rights_that_the_provider_gives(
    address: str, sub: str, roles: list[str], sees: str
) -> None:
    browser = signed_in(address, sub)
    me = browser.get(f"{address}/api/v1/session").json()
    assert (me["roles"], me["rep_id"], me["regions"]) == (
        (roles, "R03", ["*"]) if sub == "4" else (roles, "", ["east"])
    )
    assert browser.get(f"{address}{sees}").status_code == 200
    assert browser.get(f"{address}/suggestions/s1").status_code == (403 if sub == "4" else 404)


@pytest.mark.parametrize(
    "sub", ["2", "3", "6", "7"], ids=["not verified", "no role", "unknown role", "a rep without a rep"]
)
def test_who_is_not_known_here_stays_outside_and_is_told_so(address: str, sub: str) -> None:
    browser, back = come_back(address, sub)
    answer = browser.get(back)
    assert answer.status_code == 401
    assert "does not let you in" in answer.text
    assert "terradrift_session" not in browser.cookies


def test_a_code_works_only_in_the_browser_that_left_for_it_and_once(address: str) -> None:
    browser, back = come_back(address, "1")
    assert requests.get(back, timeout=10).status_code == 401  # another browser
    assert browser.get(back.replace("state=", "state=x"), allow_redirects=False).status_code == 401
    assert browser.get(back, allow_redirects=False).status_code == 303
    assert browser.get(back, allow_redirects=False).status_code == 401


def test_who_says_no_at_the_provider_stays_outside(address: str) -> None:
    browser = requests.Session()
    left = browser.get(f"{address}/sign-in/openid", allow_redirects=False)
    refused = browser.post(left.headers["location"], data={"action": "deny"}, allow_redirects=False)
    assert browser.get(refused.headers["location"]).status_code == 401


def claims_of(issuer: str, client_id: str, sub: str, **tampered: str) -> Any:
    """What a provider's client makes of a code; `tampered` replaces what it remembers of its departure."""
    openid = OpenId(issuer, "terradrift", "s3cret")
    url, leaving = openid.depart("http://127.0.0.1:1/sign-in/openid/back")
    agreed = requests.post(url, data={"sub": sub}, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
    openid.client_id = client_id
    remembered = type(leaving)(
        **{"state": leaving.state, "nonce": leaving.nonce, "verifier": leaving.verifier, **tampered}
    )
    return openid.arrive("http://127.0.0.1:1/sign-in/openid/back", code, remembered)


def test_a_token_must_answer_our_own_question(issuer: str) -> None:
    assert claims_of(issuer, "terradrift", "1")["email"] == "mia@example.com"
    with pytest.raises(NotRecognisedError):
        claims_of(issuer, "terradrift", "1", nonce="of somebody else")
    with pytest.raises(NotRecognisedError):
        claims_of(issuer, "another client", "1")


def test_a_token_that_somebody_else_has_signed_is_not_good(issuer: str) -> None:
    openid = OpenId(issuer, "terradrift", "s3cret")
    openid.depart("http://127.0.0.1:1/back")
    with run_server_in_thread(user_claims=[User(sub="1", claims=PEOPLE["1"])]) as other:
        forger = OpenId(f"http://localhost:{other.server_port}", "terradrift", "s3cret")
        url, leaving = forger.depart("http://127.0.0.1:1/back")
        agreed = requests.post(url, data={"sub": "1"}, allow_redirects=False, timeout=10)
        code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
        openid._metadata = {**openid._metadata, "token_endpoint": forger._metadata["token_endpoint"]}
        with pytest.raises(NotRecognisedError, match="not good"):
            openid.arrive("http://127.0.0.1:1/back", code, leaving)


def test_a_provider_that_is_away_is_said_to_be_away() -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        OpenId("http://127.0.0.1:1", "terradrift", "s3cret").depart("http://127.0.0.1:2/back")


def test_the_admin_whom_no_file_names_is_nobodys_company_account() -> None:
    invented = Users({"admin": Person("admin", ("admin",))}, {"admin": None}, from_file=False)
    openid = OpenId("https://id.example", "terradrift", "s3cret", user_claim="preferred_username")
    with pytest.raises(NotRecognisedError, match="no user here"):
        openid.person({"preferred_username": "admin"}, invented)
    assert "s3cret" not in repr(openid)
