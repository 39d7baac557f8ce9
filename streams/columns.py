"""Records of one topic and partition in columns, as they are fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from schemas.topics import RESTORED_HEADER
from streams.ports import Headers, Record
from streams.record_kernel import Ints
from streams.texts import Texts


@dataclass(frozen=True, slots=True, eq=False)
class RecordColumns(Sequence[Record]):
    """Each becomes a Record only when it is asked for. `headers` is None where no record has any."""

    topic: str
    partition: int
    offsets: Ints
    timestamps_ms: Ints
    keys: Texts
    values: Texts
    headers: list[Headers] | None = None

    @classmethod
    def of(cls, records: Sequence[Record]) -> RecordColumns:
        """At least one record."""
        if isinstance(records, RecordColumns):
            return records
        headers = [((RESTORED_HEADER, b""),) if record.restored else record.headers for record in records]
        return cls(
            records[0].topic,
            records[0].partition,
            np.array([record.offset for record in records], dtype=np.int64),
            np.array([record.timestamp_ms for record in records], dtype=np.int64),
            Texts.of([record.key for record in records]),
            Texts.of([record.value for record in records]),
            headers if any(headers) else None,
        )

    @classmethod
    def together(cls, parts: Sequence[RecordColumns]) -> RecordColumns:
        """One after the other, at least one; all of one topic and partition."""
        if len(parts) == 1:
            return parts[0]
        some = any(part.headers is not None for part in parts)
        return cls(
            parts[0].topic,
            parts[0].partition,
            np.concatenate([part.offsets for part in parts]),
            np.concatenate([part.timestamps_ms for part in parts]),
            Texts.together([part.keys for part in parts]),
            Texts.together([part.values for part in parts]),
            [one for part in parts for one in part.headers or [()] * len(part)] if some else None,
        )

    def __len__(self) -> int:
        return len(self.offsets)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> RecordColumns: ...
    def __getitem__(self, at: int | slice) -> Record | RecordColumns:
        if isinstance(at, slice):
            headers = self.headers[at] if self.headers is not None else None
            return RecordColumns(
                self.topic,
                self.partition,
                self.offsets[at],
                self.timestamps_ms[at],
                self.keys[at],
                self.values[at],
                headers,
            )
        headers_of = self.headers[at] if self.headers is not None else ()
        return Record(
            self.topic, self.partition, int(self.offsets[at]), int(self.timestamps_ms[at]), self.keys[at], self.values[at],
            _restored(headers_of), headers_of,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Record]:
        columns = zip(
            self.offsets.tolist(),
            self.timestamps_ms.tolist(),
            self.keys,
            self.values,
            self.headers or [()] * len(self),
            strict=True,
        )
        for offset, timestamp_ms, key, value, headers in columns:
            yield Record(
                self.topic, self.partition, offset, timestamp_ms, key, value, _restored(headers), headers
            )  # fmt: skip

    def is_restored(self, at: int) -> bool:
        return self.headers is not None and _restored(self.headers[at])


def _restored(headers: Headers) -> bool:
    return any(name == RESTORED_HEADER for name, _ in headers)
