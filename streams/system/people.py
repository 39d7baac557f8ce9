"""What people get beside the streams: the console, and a notifier when somebody is to be told."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace

from infra.embedded.child import StartError
from infra.embedded.directory import RunDirectory
from infra.embedded.ports import LOOPBACK, free_port
from infra.notify.ways import obstacles
from schemas.settings import Settings
from streams.system.beside import Beside
from streams.system.runtime import Runtime

PREFERRED_PORT = 8400
Say = Callable[[str], None]


class People:
    """Console and notifier of one system. The console's port stays the same for as long as this object lives."""

    def __init__(self, directory: RunDirectory, settings: Settings, *, console: bool, say: Say) -> None:
        self._directory = directory
        self._rules = settings.notify
        self._say = say
        self._url = f"http://{LOOPBACK}:{free_port(PREFERRED_PORT)}" if console else ""
        self._running: list[Beside] = []

    def start(self, runtime: Runtime) -> Runtime:
        """The same system with a console and a notifier; without what does not start, which is said."""
        self._directory.write_runtime(runtime.as_json())  # which both of them read
        if self._url and self._begun(self._console()):
            runtime = replace(runtime, console_url=self._url)
            self._directory.write_runtime(runtime.as_json())
        if not self._rules.recipients:
            self._say(
                "Notifier     nobody is told of alerts and suggestions: terradrift.toml names no [[notify.recipients]]"
            )
        elif self._begun(Beside("notifier", ("notify", "--dir", str(self._directory.path)), self._directory)):
            names = ", ".join(recipient.name for recipient in self._rules.recipients)
            self._say(f"Notifier     tells {names}")
            for obstacle in obstacles(self._rules, os.environ):
                self._say(f"             {obstacle}")
        return runtime

    def mend(self) -> None:
        for beside in self._running:
            beside.mend(self._say)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()

    def _console(self) -> Beside:
        port = self._url.rpartition(":")[2]
        arguments = ("console", "serve", "--dir", str(self._directory.path), "--port", port)
        return Beside("console", arguments, self._directory, self._answers)

    def _begun(self, beside: Beside) -> bool:
        try:
            beside.start()
        except StartError as failed:
            self._say(f"{beside.name.capitalize():<12} {failed}")
            beside.stop()
            return False
        self._running.append(beside)
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/static/mark.svg", timeout=2):  # noqa: S310 - an address of our own
                return True
        except (OSError, urllib.error.URLError):
            return False
