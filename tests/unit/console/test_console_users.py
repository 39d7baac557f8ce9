"""Users in a file, sealed sessions, remembered figures, and doors that stay shut."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from console.access.passwords import DEMO_PASSWORD, fits, hashed
from console.access.rights import Person
from console.access.seals import Seal, load_or_make_key
from console.access.throttle import MOST_FAILURES, WITHIN, Throttle
from console.access.users import load_users, names_of_rep, save_user
from console.reading.memory import Memory
from console.serving import UsersFile, refuse_open_doors
from schemas.errors import SettingsError, UnavailableError
from tests.support.console_visitors import KEY, NOW


def test_a_user_that_was_saved_may_enter_and_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    save_user(path, Person("mia", ("manager",), ("west", 'ea"st')), hashed("one two three"))
    save_user(path, Person("rosa", ("rep",), (), "R07"), hashed("four five six"))
    users = load_users(path)
    assert users.entering("mia", "one two three") == Person("mia", ("manager",), ("west", 'ea"st'))
    assert users.entering("rosa", "one two three") is None
    assert users.entering("nobody", "one two three") is None
    assert path.stat().st_mode & 0o077 == 0
    assert "one two" not in path.read_text()


def test_the_users_of_a_rep_are_known_by_name(tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    assert names_of_rep(path, "R07") == []
    save_user(path, Person("mia", ("manager",), ("west",)), None)
    save_user(path, Person("rosa", ("rep",), (), "R07"), None)
    assert names_of_rep(path, "R07") == ["rosa"]


def test_without_a_file_there_is_an_admin_without_a_password(tmp_path: Path) -> None:
    users = load_users(tmp_path / "users.toml")
    assert users.person("admin") is not None
    assert users.entering("admin", "") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [('[users.mia]\nroles = ["boss"]', "roles"), ('[users.mia]\nroles = ["rep"]', "rep_id"), ("[users.", "users.toml"),
     ('[users."a b"]\nroles = ["admin"]', "a b"), ('[users.mia]\nroles = ["admin"]\npassword = "secret"', "password")],
)  # fmt: skip
def test_a_file_with_a_mistake_is_refused_and_names_it(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "users.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=says) as refused:
        load_users(path)
    assert "secret" not in str(refused.value)


def test_a_running_console_notices_a_new_user(tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    users = UsersFile(path)
    assert users().person("mia") is None
    save_user(path, Person("mia", ("admin",)), hashed("one two three"))
    assert users().person("mia") is not None


def test_a_password_is_hashed_with_another_salt_each_time() -> None:
    assert hashed("x") != hashed("x")
    assert fits("x", hashed("x"))
    assert not fits("y", hashed("x"))


@pytest.mark.parametrize(
    ("host", "opens"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.7", False)],  # noqa: S104
)
def test_the_password_of_the_demo_opens_nothing_beyond_this_machine(tmp_path: Path, host: str, opens: bool) -> None:
    path = tmp_path / "users.toml"
    save_user(path, Person("mia", ("admin",)), hashed(DEMO_PASSWORD))
    if opens:
        refuse_open_doors(host, load_users(path))
    else:
        with pytest.raises(SettingsError, match="mia"):
            refuse_open_doors(host, load_users(path))
        save_user(path, Person("mia", ("admin",)), hashed("another one now"))
        refuse_open_doors(host, load_users(path))


def test_a_seal_opens_only_what_it_has_sealed_for_that_purpose_and_in_time() -> None:
    seal, until = Seal(KEY), NOW + timedelta(hours=1)
    text = seal.sealed("session", {"user": "mia"}, until)
    assert seal.opened("session", text, NOW) is not None
    assert seal.opened("link", text, NOW) is None
    assert seal.opened("session", text, until) is None
    assert seal.opened("session", f"x{text}", NOW) is None
    assert Seal(b"other" * 8).opened("session", text, NOW) is None
    assert [seal.opened("session", nonsense, NOW) for nonsense in ("", ".", "a.b", "é.é")] == [None] * 4


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert load_or_make_key(path) == load_or_make_key(path)
    assert path.stat().st_mode & 0o077 == 0


def test_a_throttle_forgets_after_a_while() -> None:
    throttle = Throttle()
    for _ in range(MOST_FAILURES):
        assert throttle.wait_seconds(("mia",), NOW) == 0
        throttle.failed(("mia",), NOW)
    assert throttle.wait_seconds(("mia", "other"), NOW) == WITHIN.total_seconds()
    assert throttle.wait_seconds(("mia",), NOW + WITHIN) == 0


def test_an_old_figure_is_shown_while_a_new_one_is_computed() -> None:
    now, computed, may_go_on = [0.0], Event(), Event()
    memory = Memory(lambda: now[0])

    def slow() -> int:
        may_go_on.wait(10)
        computed.set()
        return 2

    assert memory.get("k", lambda: 1) == 1
    now[0] = 1000.0
    assert memory.get("k", slow) == 1
    may_go_on.set()
    assert computed.wait(10)
    memory.close()
    assert memory.get("k", lambda: 3, fresh_seconds=1e9) in (1, 2)


def test_a_figure_that_cannot_be_computed_says_so_only_when_there_is_no_older_one() -> None:
    now = [0.0]
    memory = Memory(lambda: now[0])

    def away() -> int:
        raise UnavailableError("gone")

    with pytest.raises(UnavailableError):
        memory.get("k", away)
    assert memory.get("k", lambda: 1) == 1
    now[0] = 1000.0
    assert memory.get("k", away) == 1
