"""The users of a console: a TOML file, one table each, read when it changes."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.access.passwords import DEMO_PASSWORD, fits
from console.access.rights import Person, Role
from schemas.errors import SettingsError

NAME = re.compile(r"^[A-Za-z0-9._@-]{1,64}$")
HASH = r"^scrypt\$\d+\$\d+\$\d+\$[0-9a-f]+\$[0-9a-f]+$"


class _Entry(BaseModel):
    """One user as the file has it."""

    model_config = ConfigDict(extra="forbid")

    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    regions: tuple[str, ...] = ()
    rep_id: str = ""
    password: Annotated[str, Field(pattern=HASH)] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    users: dict[str, _Entry] = {}


@dataclass(frozen=True, slots=True)
class Users:
    """Everybody who may sign in, and the hash of each password (None: by link, or by OpenID, only)."""

    people: Mapping[str, Person]
    hashes: Mapping[str, str | None] = field(repr=False)
    from_file: bool = True

    def person(self, name: str) -> Person | None:
        return self.people.get(name)

    def entering(self, name: str, password: str) -> Person | None:
        """The person of this name and password; None for a wrong one of either."""
        return self.people.get(name) if fits(password, self.hashes.get(name)) else None

    def with_demo_password(self) -> list[str]:
        """Users whose password everybody knows."""
        return [name for name, kept in self.hashes.items() if kept is not None and fits(DEMO_PASSWORD, kept)]


def load_users(path: Path) -> Users:
    """The users of the file. Without a file one admin, who can only enter by a sign-in link. Raises SettingsError."""
    if not path.exists():
        return Users({"admin": Person("admin", ("admin",))}, {"admin": None}, from_file=False)
    try:
        entries = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).users
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(f"{path}: {_first(error)}") from error
    if wrong := [name for name in entries if not NAME.match(name)]:
        raise SettingsError(f"{path}: {wrong[0]!r} is no name of a user (letters, digits, . _ @ -)")
    people = {name: Person(name, entry.roles, entry.regions, entry.rep_id) for name, entry in entries.items()}
    return Users(people, {name: entry.password for name, entry in entries.items()})


def names_of_rep(path: Path, rep_id: str) -> list[str]:
    """The users who are this rep. Raises SettingsError."""
    return [name for name, person in load_users(path).people.items() if person.rep_id == rep_id]


def save_user(path: Path, person: Person, password_hash: str | None) -> None:
    """Add the user to the file, or put it in the place of the one of that name; without a hash they enter by link only.

    Only the owner may read the file.
    """
    old = load_users(path) if path.exists() else Users({}, {})
    people = {**old.people, person.name: person}
    hashes = {**old.hashes, person.name: password_hash}
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(_table(each, hashes[name]) for name, each in people.items()))
    partial.replace(path)


def _table(person: Person, kept: str | None) -> str:
    lines = [f'[users."{person.name}"]', f"roles = {_list(person.roles)}"]
    if person.regions:
        lines.append(f"regions = {_list(person.regions)}")
    if person.rep_id:
        lines.append(f"rep_id = {_text(person.rep_id)}")
    if kept is not None:
        lines.append(f"password = {_text(kept)}")
    return "\n".join(lines) + "\n"


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
    return str(error)
