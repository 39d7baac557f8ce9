"""Reading a state topic back: the latest value of every key of one partition.

Faust's own table recovery cost about 100 us a record when the design was made and has open faults (faust-streaming issues 176, 597, 651); a
plain read of record batches does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition


async def read_state(connection: Mapping[str, Any], topic: str, partition: int) -> dict[bytes, bytes]:
    """All keys and their newest values, as of the end of the log at the time of the call."""
    consumer = AIOKafkaConsumer(
        **connection, group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=8_000_000
    )
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        state: dict[bytes, bytes] = {}
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=500)).get(place, ()):
                if record.value is None:
                    state.pop(record.key, None)
                else:
                    state[record.key] = record.value
        return state
    finally:
        await consumer.stop()
