"""A disk of a few megabytes, or a read-only one, in a mount namespace of its own: no other process sees it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

READY_SECONDS = 10.0
KEPT_SECONDS = 3_600
FILLER = "filler"


class SmallDisk:
    """`path` is where the disk is for processes started by `popen`; `seen` is the same place for us."""

    def __init__(self, path: Path, options: str) -> None:
        self.path = path
        self._options = options
        self._keeper: subprocess.Popen[bytes] | None = None

    def mount(self) -> None:
        """Skips, with the reason, where the machine does not allow it; fails there where CI=true."""
        tools = [name for name in ("unshare", "nsenter", "mount") if shutil.which(name) is None]
        if tools:
            _none(f"{', '.join(tools)} absent")
        self.path.mkdir()
        ready = self.path.with_suffix(".ready")
        who = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        mounting = f"mount -t tmpfs -o {self._options} small {self.path} && touch {ready} && exec sleep {KEPT_SECONDS}"
        self._keeper = subprocess.Popen(("unshare", *who, "--mount", "sh", "-c", mounting), stderr=subprocess.PIPE)
        deadline = time.monotonic() + READY_SECONDS
        while not ready.exists():
            if self._keeper.poll() is not None or time.monotonic() > deadline:
                said = self._keeper.stderr.read().decode() if self._keeper.stderr and self._keeper.poll() else ""
                _none(f"this machine mounts none: {said.strip()}")
            time.sleep(0.05)

    def release(self) -> None:
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.wait()

    @property
    def seen(self) -> Path:
        assert self._keeper is not None
        return Path(f"/proc/{self._keeper.pid}/root{self.path}")

    def popen(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> subprocess.Popen[str]:
        assert self._keeper is not None
        who = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
        inside = ("nsenter", "--target", str(self._keeper.pid), *who, "--mount", f"--wd={cwd}", "--")
        return subprocess.Popen(
            (*inside, *command), env={**os.environ, **environment}, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def make_room(self) -> None:
        """Take away what `fill` has written."""
        (self.seen / FILLER).unlink()

    def fill(self, leaving: int = 0) -> None:
        """Write until no more than `leaving` bytes are free, also into what was freed since the last time."""
        with contextlib.suppress(OSError), (self.seen / FILLER).open("ab", buffering=0) as file:
            while self.free > leaving:
                file.write(bytes(65_536))

    @property
    def free(self) -> int:
        """Bytes."""
        space = os.statvfs(self.seen)
        return space.f_bavail * space.f_frsize


def _none(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"NO SMALL DISK: {why}")
    pytest.skip(f"NO SMALL DISK: {why}")


@contextlib.contextmanager
def small_disk(path: Path, options: str) -> Iterator[SmallDisk]:
    """`options` are those of tmpfs: size=40m, ro."""
    disk = SmallDisk(path, options)
    try:
        disk.mount()
        yield disk
    finally:
        disk.release()
