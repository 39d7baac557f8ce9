"""A child process of the supervisor: started with a log file of its own, awaited until ready, stopped in order.

A child never outlives its supervisor (lifeline.py), and sits in a session of its own so that Ctrl-C in a terminal
reaches the supervisor alone, which then stops its children in the right order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import infra
from infra.embedded import lifeline
from schemas.errors import TerradriftError

POLL_SECONDS = 0.05
LAST_LINES = 15
MAX_LOG_BYTES = 10_000_000

# Where our packages lie, installed or not: `python -m infra...` must find in the child what the supervisor runs.
SOURCE_ROOT = Path(infra.__file__).parents[1]

# The kernel counts the death of the thread that forked as the parent's death. All children are therefore born in one
# thread that lives as long as the process, and callers may start children from any thread.
_BIRTH_PLACE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="births")


class StartError(TerradriftError):
    """A child ended, or was not ready in time; the text ends with the last lines of its log."""


class Child:
    """One process. `pid` and `exit_code` are for reports; `alive()` for the supervisor's watch."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        """`environment` is added to ours; `folder` is the working directory; `keep_open` are inherited descriptors."""
        self.name = name
        self.log = log
        self._command = tuple(command)
        own_path = os.pathsep.join(filter(None, (str(SOURCE_ROOT), os.environ.get("PYTHONPATH"))))
        self._environment = {**os.environ, "PYTHONPATH": own_path, **(environment or {})}
        self._folder = folder
        self._keep_open = tuple(keep_open)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None before the start and while alive; minus the signal's number after a signal."""
        return self._process.poll() if self._process else None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the process and return at once."""
        if self.alive():
            raise RuntimeError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _turn_over(self.log)
        self._process = _BIRTH_PLACE.submit(self._be_born).result()

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Block until `ready()`. An early end, or `seconds` gone by, raises StartError with the log's last lines."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise StartError(f"{self.name} ended with code {self.exit_code} while starting:\n{self.last_lines()}")
            if time.monotonic() >= deadline:
                self.stop(seconds=2)
                raise StartError(f"{self.name} was not ready within {seconds:g} s:\n{self.last_lines()}")
            time.sleep(POLL_SECONDS)

    def stop(self, seconds: float = 20.0) -> int | None:
        """SIGTERM, patience for `seconds`, then SIGKILL for the child and all it has started; returns the exit code."""
        if self._process is None:
            return None
        if self.alive():
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._kill_session(self._process)
        if self._process.stdin:
            self._process.stdin.close()
        return self._process.returncode

    def last_lines(self, count: int = LAST_LINES) -> str:
        """The end of the child's log, for people."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines[-count:])

    def _be_born(self) -> subprocess.Popen[bytes]:
        born_tied = (sys.executable, "-I", "-S", str(Path(lifeline.__file__)), str(os.getpid()))
        with self.log.open("ab") as log:
            return subprocess.Popen(
                (*born_tied, *self._command),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._folder,
                pass_fds=self._keep_open,
                start_new_session=True,
            )

    @staticmethod
    def _kill_session(process: subprocess.Popen[bytes]) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()
        process.wait()


def _turn_over(log: Path) -> None:
    """Keep one old log beside the new one once it has grown large."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
