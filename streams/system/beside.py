"""A process beside the streams, for people: the console, the notifier, the pusher to the CRM. When one ends, nothing else is started anew."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from infra.embedded.child import Child, StartError
from infra.embedded.directory import RunDirectory

READY_SECONDS = 60.0
CALM_SECONDS = 60.0
MOST_RESTARTS = 5
Say = Callable[[str], None]


class Beside:
    """One command of `terradrift` as a child of the supervisor, started again when it ends."""

    def __init__(
        self, name: str, arguments: Sequence[str], directory: RunDirectory, answers: Callable[[], bool] = lambda: True
    ) -> None:
        """`answers` says whether it is ready; without it, a process that runs is."""
        self.name = name
        self._command = (sys.executable, "-m", "streams.cli", *arguments)
        self._log = directory.logs / f"{name}.log"
        self._answers = answers
        self._child: Child | None = None
        self._restarts: list[float] = []

    def start(self) -> None:
        """Start and wait until it is ready. Raises StartError with the end of its log."""
        self._child = Child(self.name, self._command, self._log)
        self._child.spawn()
        self._child.wait_ready(self._answers, READY_SECONDS)

    def mend(self, say: Say) -> None:
        """Start it again if it has ended; after several times within a minute leave it be, and say so."""
        if self._child is None or self._child.alive():
            return
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < CALM_SECONDS] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            say(f"{self.name.capitalize():<12} ended again and again, left off (see {self._log})")
            self._child = None
            return
        say(f"Restarting   the {self.name} ended (see {self._log})")
        try:
            self.start()
        except StartError as failed:  # the next look finds it ended, and counts
            say(f"             {failed}")

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None
