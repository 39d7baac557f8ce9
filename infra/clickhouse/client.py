"""One way into ClickHouse: over HTTP, with the errors of the world told apart from defects."""

from __future__ import annotations

import re
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
PASSING_ERRORS: Final[Mapping[int, str]] = {
    75: "CANNOT_WRITE_TO_FILE_DESCRIPTOR", 159: "TIMEOUT_EXCEEDED", 202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    203: "NO_FREE_CONNECTION", 209: "SOCKET_TIMEOUT", 210: "NETWORK_ERROR", 236: "ABORTED", 241: "MEMORY_LIMIT_EXCEEDED",
    242: "TABLE_IS_READ_ONLY", 243: "NOT_ENOUGH_SPACE", 252: "TOO_MANY_PARTS", 319: "UNKNOWN_STATUS_OF_INSERT",
    394: "QUERY_WAS_CANCELLED", 439: "CANNOT_SCHEDULE_TASK", 745: "SERVER_OVERLOADED", 999: "KEEPER_EXCEPTION",
}  # fmt: skip
# ClickHouse sends a code of its own with every error; a bare status is that of a proxy before it.
_OF_A_PROXY: Final = re.compile(r"HTTP status (408|5\d\d)\b")
REFUSED_ENTRY_ERRORS: Final[Mapping[int, str]] = {
    192: "UNKNOWN_USER", 193: "WRONG_PASSWORD", 194: "REQUIRED_PASSWORD", 516: "AUTHENTICATION_FAILED",
}  # fmt: skip


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
    if code in PASSING_ERRORS or (code is None and (isinstance(error, OperationalError) or _OF_A_PROXY.search(text))):
        return UnavailableError(text)
    if code in REFUSED_ENTRY_ERRORS:
        return SettingsError(text)
    return ClickHouseDefectError(text)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:500]
