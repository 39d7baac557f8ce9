"""One way into ClickHouse: over HTTP, with the errors of the world told apart from defects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error, OperationalError

from schemas.errors import SettingsError, TerradriftError, UnavailableError

DATABASE: Final = "terradrift"
HTTP_PORTS: Final[Mapping[str, int]] = {"http": 8123, "https": 8443}

# Server errors that pass: too busy, out of memory or space for now, shutting down, a network between servers.
PASSING_CODES: Final = frozenset({159, 202, 209, 210, 236, 241, 242, 243, 252, 319, 394, 745, 999})
REFUSED_ENTRY_CODES: Final = frozenset({192, 193, 194, 516})


class ClickHouseDefectError(TerradriftError):
    """ClickHouse says no, and will say no again: a defect of ours or a schema that does not fit."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where ClickHouse is and how to enter. `url` is http://host:port or https://host:port, without a user."""

    url: str
    user: str = "default"
    password: str = field(default="", repr=False)
    database: str = DATABASE

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in HTTP_PORTS or not parts.hostname or parts.username:
            raise SettingsError("the ClickHouse address must be http://host:port or https://host:port, without a user")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or HTTP_PORTS[parts.scheme]

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"


def connect(access: Access, *, database: str | None = None, settings: Mapping[str, Any] | None = None) -> Client:
    """A client that several threads may share (it keeps no ClickHouse session). `database` "" is the server's default.

    Raises UnavailableError while the server is not there, SettingsError when it does not let us in.
    """
    chosen = access.database if database is None else database
    with translated_errors():
        return get_client(
            interface="https" if access.secure else "http",
            host=access.host,
            port=access.port,
            username=access.user,
            password=access.password,
            database=chosen or None,
            autogenerate_session_id=False,
            connect_timeout=5,
            send_receive_timeout=300,
            settings=dict(settings or {}),
        )


@contextmanager
def translated_errors(about: str = "") -> Iterator[None]:
    """Turn the driver's errors into ours; `about` names what was being done."""
    try:
        yield
    except ClickHouseError as error:
        raise _translated(error, f"{about}: " if about else "") from error


def _translated(error: ClickHouseError, about: str) -> TerradriftError:
    code = error.code if isinstance(error, Error) else None
    text = f"{about}{_first_line(error)}"
    if code in PASSING_CODES or (code is None and isinstance(error, OperationalError)):
        return UnavailableError(text)
    if code in REFUSED_ENTRY_CODES:
        return SettingsError(text)
    return ClickHouseDefectError(text)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:500]
