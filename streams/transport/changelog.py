"""Reading a state topic back: the latest value of every key of one partition.

Faust's own table recovery cost about 100 us a record when the design was made and has open faults (see `upstream/faults.py`); a
plain read of record batches does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.ports import Store


async def restore(connection: Mapping[str, Any], topic: str, partition: int, store: Store) -> None:
    """Write every key's newest value, as of the end of the log at the time of the call, into an empty store."""
    consumer = AIOKafkaConsumer(
        **connection, group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=8_000_000
    )
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            records = (await consumer.getmany(place, timeout_ms=500)).get(place, ())
            store.apply({record.key: record.value for record in records})
    finally:
        await consumer.stop()
