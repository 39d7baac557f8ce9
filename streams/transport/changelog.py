"""Reading a state topic back: the latest value of every key of one partition.

Faust's own table recovery cost about 100 us a record when the design was made and has open faults (see `upstream/faults.py`); a
plain read of record batches does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.changes import Changes
from streams.columns import RecordColumns
from streams.ports import Store


async def restore(
    connection: Mapping[str, Any], topic: str, partition: int, store: Store, moved: Callable[[], None] = lambda: None
) -> None:
    """Write every key's newest value, as of the end of the log at the time of the call, into an empty store.

    `moved` is called whenever the reading has got on: many accounts take minutes, and a reading that hangs has no end.
    """
    consumer = AIOKafkaConsumer(
        **connection, group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=8_000_000
    )
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        at = await consumer.position(place)
        while at < end:
            records = (await consumer.getmany(place, timeout_ms=500)).get(place, ())
            if isinstance(records, RecordColumns):
                store.apply(Changes((records.keys, records.values)))
            else:
                store.apply({record.key: record.value for record in records})
            before, at = at, await consumer.position(place)
            if at > before:
                moved()
    finally:
        await consumer.stop()
