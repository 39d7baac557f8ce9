"""The stamp of the newest dead letter: how an earlier process stood when it wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import DAY_MS, DEAD_LETTERS
from streams.ports import Record
from streams.transport.dead_letter_limit import WINDOW_HEADER

FORGOTTEN_MS: Final = DAY_MS
"""A letter older than this says nothing about the feed of today."""
PATIENCE_MS: Final = 5_000


async def stamp_of_last_letter(connection: Mapping[str, Any], now_ms: int) -> bytes:
    """b"" where there is none, or where it is a day old."""
    consumer = AIOKafkaConsumer(**connection, group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        place = TopicPartition(DEAD_LETTERS.name, 0)
        consumer.assign([place])
        begin = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        if begin >= end:
            return b""
        consumer.seek(place, end - 1)
        fetched = await consumer.getmany(place, timeout_ms=PATIENCE_MS)
    finally:
        await consumer.stop()
    records: Sequence[Record] = fetched.get(place, ())
    if not records or now_ms - records[-1].timestamp_ms > FORGOTTEN_MS:
        return b""
    return dict(records[-1].headers).get(WINDOW_HEADER, b"")
