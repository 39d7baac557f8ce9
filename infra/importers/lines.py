"""From bytes to cells, line by line, so that one broken line never takes its neighbours with it."""

from __future__ import annotations

import csv
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MAX_LINE_BYTES = 1_000_000
MAX_LINES_PER_ROW = 100  # a quoted cell may hold line breaks; past this the quote was never meant to open
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a line; `line` is its first line number in the file, `text` the line itself."""

    line: int
    cells: list[str]
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A line without cells, and why. `final` says that nothing after it can be read."""

    line: int
    reason: str
    detail: str
    text: str
    final: bool = False


Numbered = tuple[int, bytes]


class Lines:
    """The rows of a CSV file in a byte stream. Blank lines are passed over. Memory: at most some lines."""

    def __init__(self, stream: IO[bytes], encoding: str = "utf-8", separator: str = ",") -> None:
        self._physical = _physical_lines(stream)
        self._pushed_back: deque[Numbered] = deque()
        self._encoding = encoding
        self._separator = separator

    def __iter__(self) -> Iterator[Row | Broken]:
        while (numbered := self._next()) is not None:
            line, data = numbered
            if not data.strip():
                continue
            row = self._row(line, data)
            yield row
            if isinstance(row, Broken) and row.final:
                return

    def _next(self) -> Numbered | None:
        return self._pushed_back.popleft() if self._pushed_back else next(self._physical, None)

    def _row(self, line: int, data: bytes) -> Row | Broken:
        if line < 0:
            return Broken(-line, "unreadable", data.decode(), "", final=True)
        if line == 1 and data.startswith(UTF16_MARKS):
            return Broken(line, "utf16", "the file is UTF-16; save it as UTF-8", "", final=True)
        if broken := self._defect(line, data):
            return broken
        text = data.decode(self._encoding)
        if '"' not in text:
            return Row(line, text.split(self._separator), text)
        return self._quoted_row(line, text)

    def _defect(self, line: int, data: bytes) -> Broken | None:
        if len(data) > MAX_LINE_BYTES:
            return Broken(line, "too_long", f"longer than {MAX_LINE_BYTES:,} bytes", shown(data))
        if b"\0" in data:
            return Broken(line, "nul_byte", "contains a NUL byte", shown(data))
        try:
            data.decode(self._encoding)
        except UnicodeDecodeError as error:
            detail = f"byte {error.start + 1} of the line is not {self._encoding}"
            return Broken(line, "wrong_encoding", detail, shown(data))
        return None

    def _quoted_row(self, line: int, text: str) -> Row | Broken:
        """Parse with the csv module, which asks for a further line exactly when a quote is still open."""
        taken: list[Numbered] = []

        def parts() -> Iterator[str]:
            yield text + "\n"
            while len(taken) < MAX_LINES_PER_ROW and (numbered := self._next()) is not None:
                taken.append(numbered)
                if numbered[0] < 0 or self._defect(*numbered):
                    return
                yield numbered[1].decode(self._encoding) + "\n"

        try:
            cells = next(csv.reader(parts(), delimiter=self._separator, strict=True))
        except csv.Error as error:
            self._pushed_back.extendleft(reversed(taken))
            too_long = "field limit" in str(error)
            return Broken(
                line,
                "too_long" if too_long else "unbalanced_quotes",
                str(error) if too_long else f"quotes do not match: {error}",
                text,
            )
        return Row(line, cells, text)


def shown(data: bytes) -> str:
    """The beginning of undecoded bytes, for an excerpt."""
    return data[:200].decode("ascii", "replace")


def _physical_lines(stream: IO[bytes]) -> Iterator[Numbered]:
    """Numbered lines without their ends. A read error comes as a last line with its number negated."""
    number = 0
    try:
        for data in _split(stream):
            number += 1
            yield number, data.removeprefix(UTF8_MARK) if number == 1 else data
    except (OSError, EOFError, zlib.error) as error:
        yield -(number + 1), f"cannot be read further: {error}".encode()


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines ended by LF, CRLF or CR; of a line that is too long only the beginning is kept."""
    while data := stream.readline(MAX_LINE_BYTES + 2):
        if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            _skip_to_line_end(stream)
        data = data.removesuffix(b"\n").removesuffix(b"\r")
        if b"\r" in data:
            yield from data.split(b"\r")
        else:
            yield data


def _skip_to_line_end(stream: IO[bytes]) -> None:
    while rest := stream.readline(MAX_LINE_BYTES):
        if rest.endswith(b"\n"):
            return
