"""The directory of one running system: who holds it, where its parts keep their things, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.embedded.files import FileLock, Holder, read_json, write_private_json

# `terradrift status` tests the lock for an instant; an `up` in that instant must not be refused.
PATIENCE_SECONDS = 0.5


class RunDirectory:
    """A directory held by at most one supervisor at a time.

    Use as a context manager. What a killed supervisor leaves behind never blocks: the lock dies with its process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock = FileLock(self.path / "lock")

    @property
    def clickhouse(self) -> Path:
        """Data, configuration and secrets of the embedded ClickHouse."""
        return self.path / "clickhouse"

    @property
    def kafka(self) -> Path:
        """Log segments of a local Apache Kafka."""
        return self.path / "kafka"

    @property
    def state(self) -> Path:
        """Local state of the workers."""
        return self.path / "state"

    @property
    def logs(self) -> Path:
        """One log file per child."""
        return self.path / "logs"

    @property
    def runtime_file(self) -> Path:
        return self.path / "runtime.json"

    def hold(self) -> Self:
        """Become the one supervisor of this directory and make its folders.

        Raises HeldError ("DIR is held by process 123 since ...") while another supervisor lives.
        """
        self._lock.acquire(wait_seconds=PATIENCE_SECONDS)
        for folder in (self.clickhouse, self.state, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.runtime_file.unlink(missing_ok=True)  # a killed predecessor's addresses are no longer true
        return self

    def release(self) -> None:
        """Forget the addresses and let the next supervisor in."""
        self.runtime_file.unlink(missing_ok=True)
        self._lock.release()

    def holder(self) -> Holder | None:
        """The living supervisor of this directory, or None."""
        return self._lock.holder()

    def write_runtime(self, content: Mapping[str, Any]) -> None:
        """Publish addresses and process ids for `terradrift status`; whole or not at all, for the owner's eyes only."""
        write_private_json(self.runtime_file, content)

    def read_runtime(self) -> dict[str, Any] | None:
        """What the living supervisor has published; None when none lives or none has published yet."""
        return read_json(self.runtime_file) if self.holder() else None

    def __enter__(self) -> Self:
        return self.hold()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
