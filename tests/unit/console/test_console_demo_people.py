"""The people of the demo: one of each role, let in by a link alone, each to their own pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.access.passwords import DEMO_PASSWORD
from console.access.seals import load_or_make_key
from console.app import create_app
from console.serving import UsersFile, utc_now
from schemas.settings import load_settings
from streams.cli.console.serving import key_path
from streams.cli.demo_people import SECOND_APPROVAL_MOVES, Invitation, invite, write_settings
from tests.support.console_visitors import InventedDesk, InventedReader, InventedSolver, KeptDecisions, Visitor

BASE = "http://127.0.0.1:8400"


@pytest.fixture
def invited(tmp_path: Path) -> dict[str, Invitation]:
    return {one.person.name: one for one in invite(tmp_path, BASE, "R07")}


def walked(directory: Path, invitation: Invitation, pages: list[str]) -> list[int]:
    """The status of each page for who came in by the link."""
    key = load_or_make_key(key_path(directory))
    users = UsersFile(directory / "users.toml")
    app = create_app(InventedReader(), KeptDecisions(), users, utc_now, key, InventedSolver(), desk=InventedDesk())
    entered = Visitor(app).get(invitation.link.removeprefix(BASE))
    assert entered.status == 303
    cookie = entered.headers["set-cookie"].partition(";")[0]
    return [Visitor(app, more={"cookie": cookie}).get(page).status for page in pages]


@pytest.mark.parametrize(
    ("name", "own", "others"),
    [
        ("admin", ["/alerts", "/suggestions", "/quality/letters", "/audit"], ["/mine"]),
        ("manager", ["/suggestions", "/suggestions/s1", "/audit", "/territories"], ["/mine", "/quality/letters"]),
        ("operator", ["/alerts", "/quality/letters", "/crm"], ["/suggestions", "/mine"]),
        ("rep", ["/mine"], ["/suggestions", "/alerts", "/crm"]),
    ],
)
def test_each_link_opens_the_pages_of_its_role_and_no_others(
    tmp_path: Path, invited: dict[str, Invitation], name: str, own: list[str], others: list[str]
) -> None:
    assert set(walked(tmp_path, invited[name], own)) == {200}
    fresh = {one.person.name: one for one in invite(tmp_path, BASE, "R07")}[name]
    assert set(walked(tmp_path, fresh, others)) == {403}


def test_nobody_has_a_password_and_the_key_and_users_are_their_owners(
    tmp_path: Path, invited: dict[str, Invitation]
) -> None:
    users = UsersFile(tmp_path / "users.toml")()
    assert set(users.people) == set(invited) == {"admin", "manager", "operator", "rep"}
    assert set(users.hashes.values()) == {None}
    assert [users.entering(name, guess) for name in invited for guess in ("", DEMO_PASSWORD, name)] == [None] * 12
    for name in ("users.toml", "console.key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_where_no_rep_works_nobody_comes_as_one(tmp_path: Path) -> None:
    assert [one.person.name for one in invite(tmp_path, BASE, "")] == ["admin", "manager", "operator"]


def test_a_large_change_of_the_demo_takes_two_persons(tmp_path: Path) -> None:
    path = write_settings(tmp_path / "demo")
    assert path.is_absolute()
    assert load_settings(path).change.second_approval_moves == SECOND_APPROVAL_MOVES > 0
