"""Leave out facts that Kafka holds twice: after a crash the activity stage may write the same fact again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

Marks = Mapping[str, int]
"""`table/topic/partition` of a source -> its first source offset that is not yet written."""


class _Source(msgspec.Struct):
    """The coordinates of the source record, wherever in the row they stand; the other fields are skipped unread."""

    topic: str
    partition: int
    offset: int


_source_of = msgspec.json.Decoder(_Source).decode


def without_repetitions(rows: Mapping[str, Sequence[bytes]], marks: Marks) -> tuple[dict[str, list[bytes]], Marks]:
    """The rows above the marks, and the marks after them; the input stays untouched.

    Source offsets rise within a facts partition, so a row that is not above its mark has been written before.
    """
    after = dict(marks)
    kept = {table: [line for line in lines if _is_new(table, line, after)] for table, lines in rows.items()}
    return kept, after


def _is_new(table: str, line: bytes, marks: dict[str, int]) -> bool:
    source = _source_of(line)
    key = f"{table}/{source.topic}/{source.partition}"
    if source.offset < marks.get(key, 0):
        return False
    marks[key] = source.offset + 1
    return True
