"""Cutting a partition into ranges for the sink: exact offsets, and a range begun before a crash is repeated as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.errors import TerradriftError
from schemas.topics import BY_NAME


@dataclass(frozen=True, slots=True)
class SinkRecord:
    """One record of a topic that has tables; `table` is its header, or "" where the topic has only one."""

    offset: int
    table: str
    value: bytes


@dataclass(frozen=True, slots=True)
class CutRange:
    """The offsets [first, next_offset) and their rows by table."""

    first: int
    next_offset: int
    rows: dict[str, list[bytes]]


@dataclass(slots=True)
class RangeCutter:
    """Cuts one partition. `repeat` is the range (first, next_offset) that must come first, exactly; None if there is none."""

    topic: str
    repeat: tuple[int, int] | None = None
    most: int = 20_000
    _held: list[SinkRecord] = field(default_factory=list)

    def cut(self, records: Sequence[SinkRecord]) -> Iterator[CutRange]:
        """The ranges that are ready. Records of an unfinished repetition are held until it is whole."""
        records = [*self._held, *records]
        self._held = []
        if self.repeat is not None:
            first, next_offset = self.repeat
            inside = [record for record in records if first <= record.offset < next_offset]
            records = [record for record in records if record.offset >= next_offset]
            if not records and (not inside or inside[-1].offset < next_offset - 1):
                self._held = inside
                return
            self.repeat = None
            yield self._range(inside, first, next_offset)
        for start in range(0, len(records), self.most):
            part = records[start : start + self.most]
            yield self._range(part, part[0].offset, part[-1].offset + 1)

    def _range(self, records: Sequence[SinkRecord], first: int, next_offset: int) -> CutRange:
        tables = BY_NAME[self.topic].row_types
        rows: dict[str, list[bytes]] = {}
        for record in records:
            table = record.table or next(iter(tables))
            if table not in tables:
                raise TerradriftError(
                    f"{self.topic} at offset {record.offset}: no table {table!r} belongs to this topic"
                )
            rows.setdefault(table, []).append(record.value)
        return CutRange(first, next_offset, rows)
