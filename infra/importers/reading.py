"""One file, line by line, into the ledger; whatever is wrong with a line stays with that line."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, cast

from infra.importers.assemble import Assembler
from infra.importers.columns import Columns
from infra.importers.ledger import Ledger
from infra.importers.lines import Broken, Lines, Row
from infra.importers.mapping import FileMapping
from infra.importers.outcome import Outcome, Refused, excerpt_of
from infra.importers.targets import Target
from infra.importers.values import Moments, converters
from schemas.errors import RefusedError
from schemas.settings import Calendar


class FileReader:
    """Reads one kind of file. Nothing in a file makes it raise; every line is accepted, refused or skipped."""

    def __init__(
        self,
        target: Target,
        mapping: FileMapping,
        timezone: str | None,
        calendar: Calendar,
        ledger: Ledger,
        outcome: Outcome,
    ) -> None:
        self._target = target
        self._mapping = mapping
        self._zone = mapping.timezone or timezone
        self._moments = Moments(self._zone, mapping.date_format)
        self._assembler = Assembler(target, calendar)
        self._ledger = ledger
        self._outcome = outcome
        self._file = ""

    def read(self, path: Path) -> None:
        try:
            with _opened(path) as stream:
                self.read_stream(path.name, stream)
        except OSError as error:
            self._file = path.name
            self._refuse(1, RefusedError("unreadable", f"cannot be read: {error.strerror or error}"))

    def read_stream(self, name: str, stream: IO[bytes]) -> None:
        self._file = name
        self._outcome.tally(name)
        lines = iter(Lines(stream, self._mapping.encoding, self._mapping.separator))
        header = next(lines, None)
        if header is None:
            self._outcome.notice(f"{name} is empty")
            return
        columns = self._columns(header)
        if columns is None:
            return
        some = False
        for line in lines:
            some = True
            self._take(line, columns)
        if not some:
            self._outcome.notice(f"{name} has a header and nothing else")
        self._state_assumptions()

    def _columns(self, header: Row | Broken) -> Columns | None:
        if isinstance(header, Broken):
            self._refuse_broken(header)
            return None
        try:
            columns = Columns(self._target, self._mapping, header.cells, converters(self._mapping, self._moments))
        except RefusedError as error:
            self._refuse(header.line, error, header.text)
            return None
        if columns.unknown:
            unknown = ", ".join(excerpt_of(name) or '""' for name in columns.unknown[:20])
            self._outcome.notice(f"{self._file}: columns not used: {unknown}")
        return columns

    def _take(self, line: Row | Broken, columns: Columns) -> None:
        if isinstance(line, Broken):
            self._refuse_broken(line)
            return
        tally = self._outcome.tally(self._file)
        if columns.skips(line.cells):
            tally.skipped += 1
            return
        try:
            event = self._assembler.event(columns.values(line.cells))
            if not self._ledger.wants(self._target, event):
                tally.skipped += 1
                return
            record = self._assembler.record(event, f"{self._file}:{line.line}")
            if self._assembler.is_repeated(event, record):
                tally.repeated += 1
            else:
                self._ledger.add(self._target, event, record)
            tally.accepted += 1
        except RefusedError as error:
            self._refuse(line.line, error, line.text)

    def _refuse_broken(self, broken: Broken) -> None:
        self._refuse(broken.line, RefusedError(broken.reason, broken.detail), broken.text)
        if broken.reason == "wrong_encoding" and self._mapping.encoding.lower() in ("utf-8", "utf8"):
            self._outcome.notice(
                f'{self._file}: some lines are not UTF-8; if the file is Western European, set `encoding = "latin-1"` '
                f"under [{self._target.name}] in the mapping file"
            )

    def _refuse(self, line: int, error: RefusedError, text: str = "") -> None:
        self._outcome.refuse(Refused(self._file, line, error.field, error.reason, error.detail, excerpt_of(text)))

    def _state_assumptions(self) -> None:
        if self._moments.saw_plain_dates:
            how = f"noon in {self._zone}" if self._zone else "midnight UTC"
            self._outcome.notice(f"{self._file}: plain dates are taken as {how}")
        if self._assembler.forgets:
            self._outcome.notice(f"{self._file}: too many lines to look for repetitions in all; the engine does")


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
