"""Who lives in the demo beside its admin: one of each role, so that everybody's day can be walked through in the console.

Nobody gets a password: a link of the terminal that the demo runs in is the one way in, as it is for the admin. The users
stand in the demo's own directory, and its console listens on this machine alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.access.rights import Person
from console.access.users import save_user
from streams.cli.console.serving import link_for
from streams.cli.console.users import users_path

SECOND_APPROVAL_MOVES: Final = 5
SETTINGS: Final = f"""# The demo's settings: all as they are unless said otherwise, but that larger changes take two persons to accept.
[change]
second_approval_moves = {SECOND_APPROVAL_MOVES}
"""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may come in, and by what link, once."""

    person: Person
    link: str


def write_settings(directory: Path) -> Path:
    """The demo's terradrift.toml, by its whole path: commands of other directories read it too."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / "terradrift.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path.absolute()


def invite(directory: Path, console_url: str, rep_id: str) -> list[Invitation]:
    """Make the users, and a link for each; without a rep ("") nobody comes as one."""
    people = [
        Person("admin", ("admin",)),
        Person("manager", ("manager",), ("*",)),
        Person("operator", ("operator",), ("*",)),
        *([Person("rep", ("rep",), (), rep_id)] if rep_id else []),
    ]
    for person in people:
        save_user(users_path(directory, None), person, None)
    return [Invitation(person, link_for(directory, console_url, person.name)) for person in people]
