"""The embedded ClickHouse, as its supervisor sees it: `ClickHouseServer(directory).start() -> ClickHouseAddress`.

`python -m infra.embedded.clickhouse --dir DIR` runs the server itself in the foreground.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from infra.embedded.addresses import ClickHouseAddress
from infra.embedded.child import Child
from infra.embedded.clickhouse_engine import answers, serve
from infra.embedded.directory import RunDirectory
from infra.embedded.files import read_json
from schemas.errors import TerradriftError

START_SECONDS = 90.0
STOP_SECONDS = 30.0


class ClickHouseServer:
    """A ClickHouse in a child process. Its data, users and (while free) ports survive restarts."""

    def __init__(self, directory: Path) -> None:
        """`directory` is the run directory of the system; the server uses its `clickhouse` and `logs` folders."""
        self._directory = RunDirectory(directory)
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> ClickHouseAddress:
        """Start and block until the server answers. Raises StartError, with the log's end, when it does not."""
        self._directory.clickhouse.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as private:  # where no former start has left a file
            ready_file = Path(private) / "address.json"
            self._child = Child(
                "clickhouse",
                (sys.executable, "-m", __name__, "--dir", str(self._directory.path), "--ready-file", str(ready_file)),
                self._directory.logs / "clickhouse.log",
            )
            self._child.spawn()
            self._child.wait_ready(ready_file.exists, START_SECONDS)
            self.address = ClickHouseAddress.from_json(read_json(ready_file) or {})
        return self.address

    def alive(self) -> bool:
        """Whether the process lives; `answers()` asks the server itself."""
        return self._child is not None and self._child.alive()

    def answers(self) -> bool:
        return self.alive() and answers(self.address)

    def stop(self) -> int | None:
        """Clean shutdown; returns the exit code."""
        return self._child.stop(STOP_SECONDS) if self._child else None


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the embedded ClickHouse in the foreground.")
    parser.add_argument("--dir", type=Path, required=True, help="run directory of the system")
    parser.add_argument("--ready-file", type=Path, help="where to write the address once the server answers")
    arguments = parser.parse_args()
    directory = RunDirectory(arguments.dir)
    for folder in (directory.clickhouse, directory.logs):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return serve(directory.clickhouse, directory.logs, arguments.ready_file or directory.clickhouse / "ready.json")
    except TerradriftError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
