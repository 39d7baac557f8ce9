"""Leave out facts that Kafka holds twice: after a crash the activity stage may write the same fact again.

Source offsets rise within a facts partition, so what is not above its mark has been written before. A record of many rows
says in a header which source offsets it holds; its lines are looked at only where a mark lies in their midst, which
happens once after a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from schemas.row_ranges import RowBlock, SourceSpan

Marks = Mapping[str, int]
"""`table/topic/partition` of a source -> its first source offset that is not yet written."""


class _Source(msgspec.Struct):
    """The coordinates of the source record, wherever in the row they stand; the other fields are skipped unread."""

    topic: str
    partition: int
    offset: int


_source_of = msgspec.json.Decoder(_Source).decode
_fields_of = msgspec.json.Decoder(list[msgspec.Raw]).decode


def without_repetitions(blocks: Sequence[RowBlock], marks: Marks) -> tuple[list[RowBlock], Marks]:
    """The rows above the marks, and the marks after them; the input stays untouched."""
    after = dict(marks)
    kept: list[RowBlock] = []
    for block in blocks:
        source = block.source or _source_of_one(block.value)
        key = f"{block.table}/{source.topic}/{source.partition}"
        mark = after.get(key, 0)
        if source.last < mark:
            continue
        after[key] = source.last + 1
        if new := block if source.first >= mark else _lines_from(block, source, mark):
            kept.append(new)
    return kept, after


def _source_of_one(line: bytes) -> SourceSpan:
    source = _source_of(line)
    return SourceSpan(source.topic, source.partition, source.offset, source.offset, 1)


def _lines_from(block: RowBlock, source: SourceSpan, mark: int) -> RowBlock | None:
    """The rows of source offset `mark` and above; None if there are none."""
    place = block.columns.split(",").index("offset")
    lines = [line for line in block.value.split(b"\n") if int(bytes(_fields_of(line)[place])) >= mark]
    if not lines:
        return None
    return replace(block, value=b"\n".join(lines), source=replace(source, first=mark, rows=len(lines)))
