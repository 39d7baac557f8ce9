"""`terradrift console serve` and `terradrift console link`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from console.access.entry import sign_in_link_token
from console.access.openid import OpenId
from console.access.seals import Seal, load_or_make_key
from console.app import create_app
from console.drawing.tiles import TileServer
from console.kafka import KafkaPublisher
from console.reading.reader import ClickHouseReader
from console.serving import HERE, UsersFile, refuse_open_doors, serve, sign_in_link, utc_now
from infra.clickhouse.client import Access, connect
from infra.settings import Addresses, elsewhere
from schemas.errors import SettingsError, UnavailableError
from streams.cli.console.users import users_option, users_path
from streams.cli.options import directory_option
from streams.system.asking import PooledWhatIf
from streams.system.letter_desk import SystemDesk
from streams.system.reach import reach
from streams.system.region_now import situation_now
from streams.system.runtime import find

PORT = 8400


def key_path(directory: Path) -> Path:
    """Where the key of sessions and links is kept."""
    return directory / "console.key"


@click.command("serve")
@click.option(
    "--host",
    default=HERE,
    show_default=True,
    help="Address to listen on; refused beyond this machine while a user has the demo's password.",
)
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65_535))
@users_option
@directory_option
def serve_console(host: str, port: int, users: Path | None, directory: Path) -> None:
    """Serve the console of a running system until Ctrl-C: the one in the directory, else that of TERRADRIFT_* variables."""
    users_file = UsersFile(users_path(directory, users))
    refuse_open_doors(host, users_file())
    given = elsewhere(os.environ)
    directory.mkdir(parents=True, exist_ok=True)
    key = load_or_make_key(key_path(directory))
    way = reach(directory)
    access = _reading(directory) or way.access
    client, asked = connect(access), connect(access)
    solver = PooledWhatIf(lambda region_id: situation_now(asked, region_id, way.settings))
    app = create_app(
        ClickHouseReader(client), KafkaPublisher(way.kafka, way.options), users_file, utc_now, key, solver,
        directory / "scenarios.json", openid_of(given), given.console_url, SystemDesk(way), tiles_of(given),
    )  # fmt: skip
    serve(app, host, port, lambda: click.echo(f"Console      http://{host}:{port}"))
    solver.close()
    client.close()
    asked.close()


@click.command("link")
@click.option("--user", default="admin", show_default=True, help="Who is let in by the link.")
@click.option("--url", default="", help="Address of the console; without it that of the running system.")
@users_option
@directory_option
def link(user: str, url: str, users: Path | None, directory: Path) -> None:
    """Print a link that signs a user in, once, within an hour."""
    if UsersFile(users_path(directory, users))().person(user) is None:
        raise SettingsError(f"there is no user {user!r}; add one with: terradrift console add-user {user} --role ...")
    base = url or find(directory).console_url
    if not base:
        raise UnavailableError("the system in this directory has no console; name its address with --url")
    click.echo(link_for(directory, base, user))


def first_link(directory: Path, base: str) -> str:
    """A link for the admin of a system that nobody has given users yet; "" where there are users of its own."""
    return "" if users_path(directory, None).exists() else link_for(directory, base, "admin")


def link_for(directory: Path, base: str, user: str) -> str:
    """A link that signs this user in, once, within an hour."""
    token = sign_in_link_token(Seal(load_or_make_key(key_path(directory))), user, utc_now())
    return sign_in_link(base.rstrip("/"), token)


def openid_of(given: Addresses) -> OpenId | None:
    """The provider that the environment names."""
    if not given.oidc_issuer:
        return None
    secret = given.oidc_client_secret.get_secret_value()
    return OpenId(given.oidc_issuer, given.oidc_client_id, secret, given.oidc_user_claim)


def tiles_of(given: Addresses) -> TileServer | None:
    """The tile server that the environment names."""
    return TileServer(given.console_tiles, given.console_tiles_credit) if given.console_tiles else None


def _reading(directory: Path) -> Access | None:
    """The user who may only read, of a system that runs in the directory; None where none runs."""
    try:
        return find(directory).reader_access()
    except UnavailableError:
        return None
