"""Fetched records in columns.

aiokafka makes a dataclass of eleven fields for each record it fetches, through two iterators: most of what reading one
costs. Its fetcher finds the classes that do so in its module; here stand ours in their place, which read the records of
a response batch by batch in a compiled loop. It holds for every consumer of this process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from aiokafka import codec
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from schemas.topics import RESTORED_HEADER
from streams.columns import RecordColumns
from streams.ports import Record
from streams.record_kernel import CORRUPT, READ, read_records
from streams.texts import Texts
from streams.transport.upstream.client import read_whole_responses

BEFORE_LENGTH, BEFORE_BATCH, HEADER_BYTES = 8, 12, 61
"""Of a record batch of message format 2: its length begins, what is that long begins, its records begin."""
LEAST_RECORD_BYTES = 7
LOG_APPEND_TIME = 1
UNPACKED: dict[int, Callable[[Any], bytes]] = {
    0: bytes,
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}


class LeanBatches:
    """The record batches of one partition in a fetched response: aiokafka's own, and with each its bytes."""

    def __init__(self, data: bytes) -> None:
        self._batches = MemoryRecords(data)
        self._left = memoryview(data)
        self.size_in_bytes = self._batches.size_in_bytes
        self.has_next = self._batches.has_next

    def next_batch(self) -> Any:
        return self.next_with_bytes()[0]

    def next_with_bytes(self) -> tuple[Any, memoryview]:
        batch = self._batches.next_batch()
        size = BEFORE_BATCH + int.from_bytes(self._left[BEFORE_LENGTH:BEFORE_BATCH], "big")
        raw, self._left = self._left[:size], self._left[size:]
        return batch, raw


class LeanRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka has no types here
    """The records of one partition in a fetched response."""

    _records: LeanBatches

    def take_all(self) -> Sequence[Record]:
        """All that follow, in columns. Records of transactions need aiokafka's own, careful way."""
        if self._isolation_level != fetcher.READ_UNCOMMITTED:
            return list(self)
        found: list[RecordColumns] = []
        while self._records.has_next():
            batch, raw = self._records.next_with_bytes()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if not batch.is_control_batch:
                found.append(read_batch(self._tp, batch, raw))
            self.next_fetch_offset = batch.next_offset  # also where compaction took the last records away
        return RecordColumns.together(found) if found else []

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


def read_batch(tp: Any, batch: Any, raw: memoryview) -> RecordColumns:
    """The records of a batch. Those of an older message format or with headers are read by aiokafka, one by one."""
    known = batch.magic == 2 and batch.compression_type in UNPACKED
    columns = _compiled(tp, batch, raw) if known else None
    return _one_by_one(tp, list(batch)) if columns is None else columns


def _compiled(tp: Any, batch: Any, raw: memoryview) -> RecordColumns | None:
    count = int.from_bytes(raw[HEADER_BYTES - 4 : HEADER_BYTES], "big", signed=True)
    unpacked = UNPACKED[batch.compression_type](raw[HEADER_BYTES:]) if count else b""
    payload = np.frombuffer(bytearray(unpacked), dtype=np.uint8)
    if not 0 <= count * LEAST_RECORD_BYTES <= len(payload):
        raise CorruptRecordException(f"{tp}: a batch of {count} records in {len(payload)} bytes")
    columns = np.empty((6, count), dtype=np.int64)
    outcome = read_records(payload, *columns)
    if outcome == CORRUPT:
        raise CorruptRecordException(f"{tp}: the records of the batch at offset {batch.base_offset} cannot be read")
    if outcome != READ:
        return None
    offsets, timestamps, key_starts, key_ends, value_starts, value_ends = columns
    offsets += batch.base_offset
    if batch.timestamp_type == LOG_APPEND_TIME:
        timestamps[:] = batch.max_timestamp
    else:
        timestamps += batch.first_timestamp
    keys, values = Texts(payload, key_starts, key_ends), Texts(payload, value_starts, value_ends)
    return RecordColumns(tp.topic, tp.partition, offsets, timestamps, keys, values)


def _one_by_one(tp: Any, raw: Sequence[Any]) -> RecordColumns:
    headers = [tuple(one.headers) for one in raw]
    return RecordColumns(
        tp.topic,
        tp.partition,
        np.array([one.offset for one in raw], dtype=np.int64),
        np.array([one.timestamp for one in raw], dtype=np.int64),
        Texts.of([one.key for one in raw]),
        Texts.of([one.value for one in raw]),
        headers if any(headers) else None,
    )


def _from(records: Sequence[Record], wanted: int) -> Sequence[Record]:
    """Without those before the offset asked for: a response begins with the whole batch it is in."""
    if isinstance(records, RecordColumns):
        first = int(np.searchsorted(records.offsets, wanted))
        return records[first:] if first else records
    return records


def fetch_lean_records() -> None:
    """From now on the consumers of this process yield `RecordColumns`."""
    read_whole_responses()
    fetcher.MemoryRecords = LeanBatches
    fetcher.PartitionRecords = LeanRecords
    fetcher.FetchResult = LeanResult
