"""Rows on their way from Kafka to ClickHouse: a record that holds one row or many, and ranges of such records.

A record of one row is a JSON object. A record of many rows has three headers: the table, the columns, and where the rows
come from; its lines are JSON arrays in the order of the columns, in the order of the source offsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import TerradriftError


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """The input records that the rows of one Kafka record come from: offsets [first, last], `rows` of them accepted."""

    topic: str
    partition: int
    first: int
    last: int
    rows: int

    @classmethod
    def parse(cls, header: bytes) -> SourceSpan:
        """From the header `orders/3/1200/1450/251`. Raises TerradriftError for anything else."""
        try:
            topic, *numbers = header.decode().split("/")
            partition, first, last, rows = map(int, numbers)
        except ValueError as error:
            raise TerradriftError(f"source header {header!r} is not topic/partition/first/last/rows") from error
        if not 0 <= first <= last or not 1 <= rows <= last - first + 1:
            raise TerradriftError(f"source header {header!r}: {rows} rows do not fit the offsets {first} to {last}")
        return cls(topic, partition, first, last, rows)

    def header(self) -> bytes:
        """The header this was, or would be, parsed from."""
        return f"{self.topic}/{self.partition}/{self.first}/{self.last}/{self.rows}".encode()


@dataclass(frozen=True, slots=True)
class RowBlock:
    """The rows of one Kafka record. `offset` is the record's own; without `source` the value is one JSON object."""

    offset: int
    table: str
    value: bytes
    columns: str = ""
    source: SourceSpan | None = None

    @property
    def rows(self) -> int:
        return 1 if self.source is None else self.source.rows


@dataclass(frozen=True, slots=True)
class RowRange:
    """The records [first, next_offset) of one partition, as far as they hold rows."""

    topic: str
    partition: int
    first: int
    next_offset: int
    blocks: Sequence[RowBlock]

    @property
    def place(self) -> tuple[str, int]:
        return self.topic, self.partition
