"""What people get beside the streams: the console, a notifier when somebody is to be told, and a pusher when a CRM is."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from infra.embedded.child import StartError
from infra.embedded.directory import RunDirectory
from infra.embedded.ports import LOOPBACK, free_port
from infra.notify.ways import obstacles
from infra.outward import Outward
from schemas.errors import SettingsError
from schemas.settings import Settings
from streams.system.beside import Beside
from streams.system.runtime import Runtime

PREFERRED_PORT = 8400
Say = Callable[[str], None]


class People:
    """Console, notifier and pusher of one system. The console's port stays the same for as long as this object lives."""

    def __init__(self, directory: RunDirectory, settings: Settings, *, console: bool, crm: bool, say: Say) -> None:
        """`crm`: whether changes may leave for the CRM that the environment names."""
        self._directory = directory
        self._crm = crm
        self._rules = settings.notify
        self._say = say
        self._url = f"http://{LOOPBACK}:{free_port(PREFERRED_PORT)}" if console else ""
        self._running: list[Beside] = []

    def start(self, runtime: Runtime) -> Runtime:
        """The same system with what people get; without what does not start, which is said."""
        self._directory.write_runtime(runtime.as_json())  # which all of them read
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
        if self._crm:
            self._start_pusher()
        return runtime

    def mend(self) -> None:
        for beside in self._running:
            beside.mend(self._say)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()

    def _start_pusher(self) -> None:
        """Nothing is said where no CRM is named: many have none."""
        try:
            crm = Outward.from_env(os.environ).crm()
        except SettingsError as wrong:
            self._say(f"CRM          {wrong}")
            return
        arguments = ("crm", "push", "--stand-by", "--dir", str(self._directory.path))
        if crm and self._begun(Beside("crm", arguments, self._directory)):
            # the host alone: the rest of the address may be a secret
            self._say(f"CRM          changes of reps are pushed to {urlsplit(crm[0]).hostname}")

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
