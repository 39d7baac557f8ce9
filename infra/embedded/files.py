"""Small files of a running system: JSON written whole or not at all, and a lock that names its holder.

A lock is an flock on an open file, so it is gone the moment its last holder is, however that one died; what the file
says is only for people and never decides anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from schemas.errors import TerradriftError

POLL_SECONDS = 0.05


def write_private_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the file atomically and durably; only the owner may read it (addresses come with passwords).

    Raises OSError with the path; the old file is then as it was.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in the file; None when there is no file or it holds no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, json.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: a process id, and since when (ISO 8601, UTC)."""

    pid: int
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} since {self.since}"


class HeldError(TerradriftError):
    """The place belongs to another running process."""

    def __init__(self, place: Path, holder: Holder | None) -> None:
        super().__init__(f"{place} is held by {holder or 'another process'}")
        self.holder = holder


class FileLock:
    """An exclusive lock on a file, held by every process that has the descriptor until the last one closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file; hand it to a child (`pass_fds`) to keep the lock for as long as the child lives."""
        if self._descriptor is None:
            raise RuntimeError(f"{self._path} is not locked by us")
        return self._descriptor

    def acquire(self, wait_seconds: float = 0.0) -> Self:
        """Take the lock and write our name into it.

        `wait_seconds` is patience with a predecessor on its way out. Raises HeldError naming the holder, OSError with the
        path where it cannot be written.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise HeldError(self._path.parent, _written_holder(self._path))
            time.sleep(POLL_SECONDS)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
        except OSError as error:
            os.close(descriptor)
            raise OSError(error.errno, error.strerror, str(self._path)) from None  # a descriptor has no name
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        """Let go. Harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> Holder | None:
        """Who holds the lock now; None when nobody does, whatever an earlier holder left in the file."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            if _try_lock(descriptor, fcntl.LOCK_SH):
                return None
            return _written_holder(self._path) or Holder(0, "an unknown time")
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _written_holder(path: Path) -> Holder | None:
    content = read_json(path)
    return (
        Holder(int(content["pid"]), str(content["since"])) if content and {"pid", "since"} <= content.keys() else None
    )
