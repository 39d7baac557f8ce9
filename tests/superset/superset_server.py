"""A real Apache Superset on this machine for as long as a check needs it: its own environment, metadata and key."""

from __future__ import annotations

import os
import secrets
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from superset_client import Superset

from infra.embedded.child import Child
from infra.embedded.ports import LOOPBACK, free_port

PREPARATION_SECONDS = 600.0
READY_SECONDS = 180.0
ADMINISTRATOR = "administrator"


class PreparationError(Exception):
    """A command of Superset failed; the text ends with what it said."""


@contextmanager
def a_superset(programs: Path, folder: Path, log: Path) -> Iterator[Superset]:
    """Superset, signed in to as its administrator. `programs` is the bin folder of the environment it is installed in.

    Raises PreparationError or StartError (infra.embedded.child).
    """
    environment = _configured(folder)
    password = secrets.token_urlsafe(24)
    person = ("--firstname", "Ad", "--lastname", "Ministrator", "--email", "administrator@example.org")
    _prepared(programs, environment, "db", "upgrade")
    _prepared(
        programs, environment, "fab", "create-admin", "--username", ADMINISTRATOR, "--password", password, *person
    )
    _prepared(programs, environment, "init")

    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    options = ("--bind", f"{LOOPBACK}:{port}", "--worker-class", "gthread", "--threads", "4", "--timeout", "120")
    command = (str(programs / "gunicorn"), *options, "superset.app:create_app()")
    server = Child("superset", command, log, environment=environment, folder=folder)
    server.spawn()
    try:
        server.wait_ready(lambda: _answers(base), READY_SECONDS)
        yield Superset(base, ADMINISTRATOR, password)
    finally:
        server.stop()


def _configured(folder: Path) -> dict[str, str]:
    """Write the configuration; what to add to the environment. Our own PYTHONPATH is not for Superset's Python."""
    folder.mkdir(parents=True)
    settings = {
        "SECRET_KEY": secrets.token_urlsafe(42),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'metadata.db'}?check_same_thread=false",
    }
    file = folder / "superset_config.py"
    file.write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()), encoding="utf-8")
    home = str(folder / "home")
    return {"SUPERSET_CONFIG_PATH": str(file), "SUPERSET_HOME": home, "FLASK_APP": "superset", "PYTHONPATH": ""}


def _prepared(programs: Path, environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        (str(programs / "superset"), *arguments),
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=PREPARATION_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise PreparationError(f"superset {' '.join(arguments[:2])} ended with code {done.returncode}:\n{said}")


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/health", timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
