"""Record batches of keys and values, packed in a compiled loop.

aiokafka's builder of batches is asked record by record, which takes more than a microsecond each. Its batch in plain Python
keeps the records in a buffer until they are compressed; here they are put there all at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBase, _DefaultRecordBatchBuilderPy

from streams.changes import Changes
from streams.record_kernel import Bytes, write_records

MAGIC = 2
NO_PRODUCER = -1
MOST_AROUND = 23
"""Bytes of a record besides its key and value, at most: four varints of five bytes and three of one."""


class PackedBatch(BatchBuilder):  # type: ignore[misc] # aiokafka has no types here
    """A closed batch of these records; what it still needs, the sender gives it."""

    def __init__(self, records: Bytes, count: int) -> None:
        super().__init__(0, DefaultRecordBase.CODEC_ZSTD)
        self._builder = _DefaultRecordBatchBuilderPy(
            MAGIC, DefaultRecordBase.CODEC_ZSTD, 0, NO_PRODUCER, NO_PRODUCER, 0, len(records)
        )
        self._builder._buffer += records.data
        self._builder._num_records = self._relative_offset = count
        self._builder._last_offset = count - 1
        self._builder._first_timestamp = self._builder._max_timestamp = int(time.time() * 1000)
        self._closed = True

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        """As its parent, which insists on the compiled builder."""
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


def pack(state: Mapping[bytes, bytes | None], most_bytes: int) -> list[PackedBatch] | None:
    """Batches of at most so many bytes before compression, in order; None where a record fits none."""
    keys, values = Changes.of(state).columns
    size = int(np.maximum(keys.sizes(), 0).sum() + np.maximum(values.sizes(), 0).sum()) + MOST_AROUND * len(keys)
    payload = np.empty(min(size, most_bytes - DefaultRecordBase.HEADER_STRUCT.size), dtype=np.uint8)
    batches: list[PackedBatch] = []
    done = 0
    while done < len(keys):
        following, size = write_records(
            keys.payload, keys.starts, keys.ends, values.payload, values.starts, values.ends, done, payload
        )
        if following == done:
            return None
        batches.append(PackedBatch(payload[:size], following - done))
        done = following
    return batches
