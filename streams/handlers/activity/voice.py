"""What the activity stage says in one batch: facts, messages for the regions, dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from schemas.errors import RefusedError
from schemas.ids import region_partition
from schemas.region_log import AccountDaysWritten, DayClosed, RegionMessage, encode
from schemas.row_ranges import SourceSpan
from schemas.topics import EVERY_REGION, REGION_EVENTS
from streams.handlers.dead_letters import bury
from streams.handlers.facts import many_facts
from streams.ports import Emit, Output, Record

MOST_ROWS = 1_000
"""Rows in one record of the facts topic: below its limit of bytes even where every text is as long as it may be."""


class Voice:
    """Puts everything into the output of the present batch, in order."""

    def __init__(self, partition: int, log_id: str) -> None:
        self.partition = partition
        self.log_id = log_id
        self.output = Output()
        self.holds_marks = False

    def begin(self, holds_marks: bool = False) -> Output:
        """A new batch. `holds_marks`: no day is told to be over yet; see `catching_up`."""
        self.output, self.holds_marks = Output(), holds_marks
        return self.output

    def tell(self, region_id: str, message: RegionMessage | AccountDaysWritten) -> None:
        """Into the log of one region."""
        partition = region_partition(region_id, REGION_EVENTS.partitions)
        self.output.emits.append(Emit(REGION_EVENTS.name, partition, region_id.encode(), encode(message)))

    def tell_closed(self, day: date) -> None:
        """Into every partition of the region log: this partition has seen everything up to and including `day`."""
        if self.holds_marks:
            return
        mark = encode(DayClosed(partition=self.partition, day=day))
        for partition in range(REGION_EVENTS.partitions):
            self.output.emits.append(Emit(REGION_EVENTS.name, partition, EVERY_REGION, mark))

    def write(self, record: Record, *facts: Emit) -> None:
        """Rows of an accepted event; a restored event has them already."""
        if not record.restored:
            self.output.emits.extend(facts)
            for emit in facts:
                self.output.count("facts", emit.table)

    def say_rows(self, table: str, columns: tuple[str, ...], rows: bytes, source: SourceSpan) -> None:
        """Rows of at most MOST_ROWS accepted events of a topic, by offset, in one record: a JSON array a line."""
        self.output.emits.append(many_facts(table, columns, rows, source))
        self.output.count("facts", table, source.rows)

    @contextmanager
    def aside(self) -> Iterator[list[Emit]]:
        """What is said meanwhile goes into the list, to be said later."""
        emits, self.output.emits = self.output.emits, []
        try:
            yield self.output.emits
        finally:
            self.output.emits = emits

    def say_clock(self, closed: int, watermark_seconds: float) -> None:
        """The newest closed day (ordinal) and the time up to which this partition is complete, for the metrics."""
        self.output.gauges["closed_day", str(self.partition)] = float(closed)
        self.output.gauges["watermark", str(self.partition)] = watermark_seconds

    def bury(self, record: Record, refused: RefusedError) -> None:
        self.output.emits.append(bury(record, refused, self.log_id))
        self.output.count("dead_letters", f"{record.topic}|{refused.reason}")
