"""`terradrift console add-user`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from console.access.passwords import DEMO_PASSWORD, LONGEST, hashed
from console.access.rights import ROLES, Person, Role
from console.access.users import NAME, save_user
from schemas.errors import SettingsError
from streams.cli.options import directory_option

SHORTEST = 10


def users_path(directory: Path, users: Path | None) -> Path:
    """The file of users: the one named, else that of the system's directory."""
    return users or directory / "users.toml"


users_option = click.option(
    "--users",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of users; without it users.toml in the directory of the system.",
)


@click.command("add-user")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="Give it more than once for several roles.",
)
@click.option(
    "--region", "regions", multiple=True, help='A region this user sees; more than once for several, "*" for all.'
)
@click.option("--rep", "rep_id", default="", help="The rep that a user with the role rep is.")
@click.password_option(help="Asked for when left out, which keeps it out of the shell's history.")
@users_option
@directory_option
def add_user(
    name: str, roles: tuple[str, ...], regions: tuple[str, ...], rep_id: str, password: str, users: Path | None, directory: Path
) -> None:  # fmt: skip
    """Add somebody who may sign in, or change role, regions and password. A running console notices by itself."""
    if not NAME.match(name):
        raise SettingsError(f"{name!r} is no name of a user: letters, digits, . _ @ -, at most 64")
    if not (SHORTEST <= len(password) <= LONGEST) and password != DEMO_PASSWORD:
        raise SettingsError(f"a password has {SHORTEST} to {LONGEST} characters")
    path = users_path(directory, users)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_user(path, Person(name, cast("tuple[Role, ...]", roles), regions, rep_id), hashed(password))
    click.echo(f"{name} may sign in as {', '.join(roles)} (kept in {path})")
