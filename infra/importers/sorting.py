"""Sorting a feed of any size by time: in memory while it is small, else in sorted runs on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from pathlib import Path

import msgspec

from infra.feeds.record import FeedRecord, merge

RUN_RECORDS = 250_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(FeedRecord).decode
_LENGTH_BYTES = 4


class TimeSorter:
    """Collects records in any order and gives them back by `at`, equal times in the order of arrival.

    At most `run_records` are held in memory. May be walked repeatedly; the runs vanish with the sorter.
    """

    def __init__(self, run_records: int = RUN_RECORDS) -> None:
        self._limit = run_records
        self._recent: list[FeedRecord] = []
        self._runs: list[Path] = []
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, record: FeedRecord) -> None:
        self._recent.append(record)
        self.first = record.at if self.first is None else min(self.first, record.at)
        self.last = record.at if self.last is None else max(self.last, record.at)
        if len(self._recent) >= self._limit:
            self._spill()

    def __iter__(self) -> Iterator[FeedRecord]:
        self._recent.sort(key=attrgetter("at"))
        return merge(*(_read(run) for run in self._runs), self._recent)

    def _spill(self) -> None:
        self._directory = self._directory or tempfile.TemporaryDirectory(prefix="terradrift-sort-")
        run = Path(self._directory.name) / f"{len(self._runs):06d}"
        self._recent.sort(key=attrgetter("at"))
        with run.open("wb") as file:
            for record in self._recent:
                packed = _encode(record)
                file.write(len(packed).to_bytes(_LENGTH_BYTES))
                file.write(packed)
        self._runs.append(run)
        self._recent = []


def _read(run: Path) -> Iterator[FeedRecord]:
    with run.open("rb") as file:
        while length := file.read(_LENGTH_BYTES):
            yield _decode(file.read(int.from_bytes(length)))
