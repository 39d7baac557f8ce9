"""Serving the console: never beyond this machine with a password that everybody knows."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn

from console.access.users import Users, load_users
from schemas.errors import SettingsError

HERE: Final = "127.0.0.1"
STOP_SECONDS: Final = 3


class UsersFile:
    """The users of a file, read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self._users = load_users(path)

    def __call__(self) -> Users:
        stamp = self._stamp()
        if stamp != self._seen:
            self._users, self._seen = load_users(self._path), stamp
        return self._users

    def _stamp(self) -> tuple[int, int]:
        if not self._path.exists():
            return 0, 0
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size


def is_this_machine(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_open_doors(host: str, users: Users) -> None:
    """Raises SettingsError when others could reach the console with the password of the demo."""
    if is_this_machine(host):
        return
    if weak := users.with_demo_password():
        raise SettingsError(
            f"the console would listen on {host} while {', '.join(weak)} has the demo's password; "
            f"change it with: terradrift console add-user {weak[0]} ..."
        )


def serve(app: object, host: str, port: int, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM. Addresses of pages are not logged: a sign-in link is one of them."""
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False,  # type: ignore[arg-type]
        timeout_graceful_shutdown=STOP_SECONDS, proxy_headers=False,
    )  # fmt: skip
    started()
    uvicorn.Server(config).run()


def sign_in_link(base: str, token: str) -> str:
    return f"{base}/sign-in/link?token={token}"


def utc_now() -> datetime:
    """The clock of the console."""
    return datetime.now(UTC)
