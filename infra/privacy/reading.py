"""Reading a whole topic, from its first record to what was its end when the reading began."""

from __future__ import annotations

import base64
import re
import time
import zlib
from collections.abc import Iterator
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from infra.feeds.connection import client_options, reaching
from schemas.errors import UnavailableError
from schemas.topics import Topic

POLL_MS: Final = 2_000
PATIENCE_SECONDS: Final = 30.0
_INNER = re.compile(rb'"payload_base64":"([A-Za-z0-9+/=]+)"')


def records_of(
    bootstrap: str, topic: Topic, options: dict[str, Any] | None = None, patience: float = PATIENCE_SECONDS
) -> Iterator[ConsumerRecord]:
    """Every record that stands in the topic now. Raises UnavailableError, also when nothing comes for `patience` seconds."""
    with reaching(bootstrap):
        consumer = KafkaConsumer(
            **client_options(bootstrap, options), enable_auto_commit=False, consumer_timeout_ms=POLL_MS
        )
        try:
            partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            consumer.seek_to_beginning(*partitions)
            heard = time.monotonic()
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                for records in consumer.poll(timeout_ms=POLL_MS).values():
                    heard = time.monotonic()
                    yield from records
                if time.monotonic() - heard > patience:
                    raise UnavailableError(f"Kafka at {bootstrap}: nothing came of {topic.name} for {patience:.0f} s")
        finally:
            consumer.close()


def texts_of(value: bytes | None) -> Iterator[bytes]:
    """What a record says: its bytes, those of a refused message inside, those of a piece that is packed."""
    if value is None:
        return
    yield value
    for inner in _INNER.findall(value):
        yield base64.b64decode(inner)
    if value[:1] == b"x":  # how zlib begins
        try:
            yield zlib.decompress(value)
        except zlib.error:
            return
