"""The ledger of the sink: which offset ranges were begun, in which order, and how far each source had come by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.repetitions import Marks

# The newest entry, and the one before it: its marks are those the newest range began with.
_NEWEST: Final = """
SELECT from_offset, to_offset, marks FROM sink_batches FINAL
WHERE log_id = {log_id:String} AND topic = {topic:String} AND partition = {partition:UInt16}
ORDER BY from_offset DESC LIMIT 2"""


@dataclass(frozen=True, slots=True)
class Range:
    """The offsets [first, next_offset) of one partition."""

    first: int
    next_offset: int

    def __str__(self) -> str:
        return f"[{self.first}, {self.next_offset})"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a partition is. `unsure` is the one range that may be half-written; `marks` are those before it."""

    unsure: Range | None
    marks: Marks


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes the ledger of one life of the broker."""

    client: Client
    log_id: str

    def standing(self, topic: str, partition: int, committed: int) -> Standing:
        """What the ledger says for a consumer that stands at `committed`.

        Ranges are written one after the other, so only the newest can be half-written; once it is committed none is.
        """
        where = {"log_id": self.log_id, "topic": topic, "partition": partition}
        with translated_errors("ledger"):
            entries = self.client.query(_NEWEST, parameters=where).result_rows
        if not entries:
            return Standing(None, {})
        first, next_offset, marks = entries[0]
        if next_offset <= committed:
            return Standing(None, dict(marks))
        return Standing(Range(first, next_offset), dict(entries[1][2]) if len(entries) > 1 else {})

    def record(self, topic: str, partition: int, begun: Range, marks: Marks) -> None:
        """Say that a range is about to be written. Saying it twice is harmless."""
        row = {
            "log_id": self.log_id, "topic": topic, "partition": partition,
            "from_offset": begun.first, "to_offset": begun.next_offset, "marks": marks,
        }  # fmt: skip
        with translated_errors("ledger"):
            self.client.raw_insert(
                "sink_batches", insert_block=msgspec.json.encode(row), settings={"async_insert": "0"}, fmt="JSONEachRow"
            )
