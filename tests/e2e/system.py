"""A running system for end-to-end tests, driven by the command line as a person would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from schemas.errors import UnavailableError
from streams.system.runtime import find

COMMAND = (sys.executable, "-m", "streams.cli")
ROOT = Path(__file__).resolve().parents[2]


class System:
    """`terradrift up` in a directory; `run` calls the other commands on it."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.log = directory.with_suffix(".log")

    def start(self, seconds: float = 120) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (*COMMAND, "up", "--dir", str(self.directory), *self._options),
                cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"not ready in {seconds} s: {self.log.read_text()}"
            time.sleep(0.2)

    def stop(self, number: int = signal.SIGINT, seconds: float = 60) -> int:
        """Send the signal and wait; the exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            os.kill(self._process.pid, number)
        return self._process.wait(seconds)

    def run(self, *arguments: str, seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """A terradrift command on this system's directory."""
        return subprocess.run(
            (*COMMAND, *arguments, "--dir", str(self.directory)),
            cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """`terradrift status --json`."""
        found: dict[str, Any] = json.loads(self.run("status", "--json", seconds=60).stdout)
        return found

    def client(self) -> Client:
        return find(self.directory).connect_reader()

    def query(self, text: str) -> Any:
        """Rows of a query."""
        client = self.client()
        try:
            return client.query(text).result_rows
        finally:
            client.close()

    def _is_ready(self) -> bool:
        try:
            return find(self.directory).phase == "ready"
        except UnavailableError:
            return False
