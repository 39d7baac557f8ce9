"""Fetched records in columns.

aiokafka makes a dataclass of eleven fields for each record it fetches, through two iterators: most of what reading one
costs. Its fetcher finds the classes that do so in its module; here stand ours in their place, which take the records of
a response batch by batch. Verified on aiokafka 0.14.0. It holds for every consumer of this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException

from schemas.topics import RESTORED_HEADER
from streams.ports import Record, RecordColumns


class LeanRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka has no types here
    """The records of one partition in a fetched response."""

    def take_all(self) -> Sequence[Record]:
        """All that follow, in columns. Records of transactions need aiokafka's own, careful way."""
        if self._isolation_level != fetcher.READ_UNCOMMITTED:
            return list(self)
        found: list[Any] = []
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if not batch.is_control_batch:
                found += batch
            self.next_fetch_offset = batch.next_offset  # also where compaction took the last records away
        return _columns(self._tp, found)

    def _consumer_record(self, tp: Any, raw: Any) -> Record:
        headers = tuple(raw.headers)
        restored = any(name == RESTORED_HEADER for name, _ in headers)
        return Record(tp.topic, tp.partition, raw.offset, raw.timestamp, raw.key, raw.value, restored, headers)


class LeanResult(fetcher.FetchResult):  # type: ignore[misc] # aiokafka has no types here
    """What a fetch brought for one partition."""

    _partition_records: LeanRecords | None

    def getall(self, max_records: int | None = None) -> Sequence[Record]:
        if max_records is not None:
            return super().getall(max_records)  # type: ignore[no-any-return] # aiokafka has no types here
        fetched = self._partition_records
        if fetched is None or not self.check_assignment(self._topic_partition):
            return []
        wanted = fetched.next_fetch_offset
        records = fetched.take_all()
        self._update_position()
        self._partition_records = None
        return _from(records, wanted)


def _columns(tp: Any, raw: Sequence[Any]) -> RecordColumns:
    headers = [one.headers for one in raw]
    return RecordColumns(
        tp.topic,
        tp.partition,
        [one.offset for one in raw],
        [one.timestamp for one in raw],
        [one.key for one in raw],
        [one.value for one in raw],
        [tuple(some) for some in headers] if any(headers) else None,
    )


def _from(records: Sequence[Record], wanted: int) -> Sequence[Record]:
    """Without those before the offset asked for: a response begins with the whole batch it is in."""
    first = 0
    while first < len(records) and records[first].offset < wanted:
        first += 1
    return records[first:] if first else records


def fetch_lean_records() -> None:
    """From now on the consumers of this process yield `RecordColumns`."""
    fetcher.PartitionRecords = LeanRecords
    fetcher.FetchResult = LeanResult
