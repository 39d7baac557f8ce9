"""Cutting a partition into ranges for the sink: exact offsets, and a range begun before a crash is repeated as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.errors import TerradriftError
from schemas.row_ranges import RowBlock, RowRange, SourceSpan
from schemas.topics import BY_NAME, COLUMNS_HEADER, SOURCE_HEADER, TABLE_HEADER

MOST_ROWS = 50_000
MOST_BYTES = 16_000_000
"""A range grows up to here. It is written by one statement a table, and held in memory while ClickHouse is away."""


def as_block(topic: str, offset: int, headers: Sequence[tuple[str, bytes]], value: bytes | None) -> RowBlock:
    """The rows of a record of `topic`. Raises TerradriftError naming topic and offset when it is none of ours."""
    named = dict(headers)
    tables = BY_NAME[topic].row_types
    table = named[TABLE_HEADER].decode() if TABLE_HEADER in named else next(iter(tables))
    if table not in tables:
        raise TerradriftError(f"{topic} at offset {offset}: no table {table!r} belongs to this topic")
    if value is None:
        raise TerradriftError(f"{topic} at offset {offset}: a record without a value holds no rows")
    if SOURCE_HEADER not in named and COLUMNS_HEADER not in named:
        return RowBlock(offset, table, value)
    try:
        columns, source = named[COLUMNS_HEADER].decode(), SourceSpan.parse(named[SOURCE_HEADER])
    except KeyError as error:
        raise TerradriftError(f"{topic} at offset {offset}: a record of many rows lacks the header {error}") from error
    except TerradriftError as error:
        raise TerradriftError(f"{topic} at offset {offset}: {error}") from error
    return RowBlock(offset, table, value, columns, source)


@dataclass(slots=True)
class RangeCutter:
    """Cuts one partition. `repeat` is the range (first, next_offset) that must come first, exactly; None if there is none.

    A range holds whole records: it ends before the record that would make it too large, and may be one large record.
    """

    topic: str
    partition: int = 0
    repeat: tuple[int, int] | None = None
    most_rows: int = MOST_ROWS
    most_bytes: int = MOST_BYTES
    _held: list[RowBlock] = field(default_factory=list)

    def cut(self, blocks: Sequence[RowBlock]) -> Iterator[RowRange]:
        """The ranges that are ready. Records of an unfinished repetition are held until it is whole."""
        blocks = [*self._held, *blocks]
        self._held = []
        if self.repeat is not None:
            first, next_offset = self.repeat
            inside = [block for block in blocks if first <= block.offset < next_offset]
            blocks = [block for block in blocks if block.offset >= next_offset]
            if not blocks and (not inside or inside[-1].offset < next_offset - 1):
                self._held = inside
                return
            self.repeat = None
            yield RowRange(self.topic, self.partition, first, next_offset, inside)
        for part in self._parts(blocks):
            yield RowRange(self.topic, self.partition, part[0].offset, part[-1].offset + 1, part)

    def _parts(self, blocks: Sequence[RowBlock]) -> Iterator[Sequence[RowBlock]]:
        start = rows = size = 0
        for number, block in enumerate(blocks):
            rows += block.rows
            size += len(block.value)
            if number > start and (rows > self.most_rows or size > self.most_bytes):
                yield blocks[start:number]
                start, rows, size = number, block.rows, len(block.value)
        if start < len(blocks):
            yield blocks[start:]
