"""The ledger of the sink: which offset ranges were begun, in which order, and how far each source had come by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import translated_errors
from infra.clickhouse.repetitions import Marks

# Of the newest epoch that has ranges, the newest one: what an overtaken sink recorded later has an older epoch. The entry
# before it is needed for ranges without an epoch, whose first marks are those of the entry before.
_NEWEST: Final = """
SELECT from_offset, to_offset, marks, epoch, marks_before FROM sink_batches FINAL
WHERE log_id = {log_id:String} AND topic = {topic:String} AND partition = {partition:UInt16}
ORDER BY epoch DESC, from_offset DESC LIMIT 2"""


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
class Entry:
    """A range about to be written, by whom, and the marks of its sources on either side."""

    topic: str
    partition: int
    begun: Range
    epoch: int
    before: Marks
    after: Marks


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
        first, next_offset, marks, epoch, before = entries[0]
        if next_offset <= committed:
            return Standing(None, dict(marks))
        if not epoch:
            before = entries[1][2] if len(entries) > 1 else {}
        return Standing(Range(first, next_offset), dict(before))

    def record(self, entries: Sequence[Entry]) -> None:
        """Say that these ranges are about to be written. Saying it twice is harmless, and has to be believed each time.

        So the server may not answer a repetition from its log of blocks: killed at the wrong moment, it has the block in
        that log and not the entry (decision 0026).
        """
        if not entries:
            return
        lines = [
            msgspec.json.encode({
                "log_id": self.log_id, "topic": entry.topic, "partition": entry.partition, "epoch": entry.epoch,
                "from_offset": entry.begun.first, "to_offset": entry.begun.next_offset,
                "marks_before": entry.before, "marks": entry.after,
            })
            for entry in entries
        ]  # fmt: skip
        with translated_errors("ledger"):
            self.client.raw_insert(
                "sink_batches",
                insert_block=b"\n".join(lines),
                settings={"async_insert": "0", "insert_deduplicate": "0"},
                fmt="JSONEachRow",
            )
