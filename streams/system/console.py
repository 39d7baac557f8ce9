"""The console as a child process of the supervisor. It only shows: when it ends, nothing else is started anew."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from infra.embedded.child import Child, StartError
from infra.embedded.directory import RunDirectory
from infra.embedded.ports import LOOPBACK, free_port

READY_SECONDS = 60.0
CALM_SECONDS = 60.0
MOST_RESTARTS = 5
PREFERRED_PORT = 8400


class ConsoleProcess:
    """One console on a port that stays the same for as long as the supervisor lives."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._port = free_port(PREFERRED_PORT)
        self._child: Child | None = None
        self._restarts: list[float] = []

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Start and wait until it answers. Raises StartError with the end of its log."""
        command = (
            sys.executable, "-m", "streams.cli", "console", "serve",
            "--dir", str(self._directory.path), "--port", str(self._port),
        )  # fmt: skip
        self._child = Child("console", command, self._directory.logs / "console.log")
        self._child.spawn()
        self._child.wait_ready(self._answers, READY_SECONDS)

    def mend(self, say: Callable[[str], None]) -> None:
        """Start it again if it has ended; after several times within a minute leave it be, and say so."""
        if self._child is None or self._child.alive():
            return
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < CALM_SECONDS] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            say(f"Console      ended again and again, left off (see {self._child.log})")
            self._child = None
            return
        say(f"Restarting   the console ended (see {self._child.log})")
        try:
            self.start()
        except StartError as failed:  # the next look finds it ended, and counts
            say(f"             {failed}")

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/static/mark.svg", timeout=2):  # noqa: S310 - an address of our own
                return True
        except (OSError, urllib.error.URLError):
            return False
