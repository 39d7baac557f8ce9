"""Where a name still stands in Kafka after an erasure, until when at the latest, and how the facts go at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec

from infra.feeds.connection import client_options, reaching
from schemas.topics import ACCOUNTS, COMPACTED_WITHIN_MS, DAY_MS, FACTS, REPS, SINK_GROUP, Topic

POLL_MS = 2_000


@dataclass(frozen=True, slots=True)
class Trace:
    """Records of a topic that still hold one of the names; `gone_by` says what takes them away."""

    topic: str
    read: int
    records: int
    gone_by: str


def traces(bootstrap: str, names: Sequence[str], options: dict[str, Any] | None = None) -> list[Trace]:
    """Read the topics that carry names from begin to end and count records with one of `names`. Raises UnavailableError."""
    needles = [
        json.dumps(name, ensure_ascii=ascii_only)[1:-1].encode() for name in names for ascii_only in (True, False)
    ]
    return [_trace(bootstrap, topic, needles, options) for topic in (ACCOUNTS, REPS, FACTS)]


def _trace(bootstrap: str, topic: Topic, needles: Sequence[bytes], options: dict[str, Any] | None) -> Trace:
    read = found = 0
    with reaching(bootstrap):
        consumer = KafkaConsumer(
            **client_options(bootstrap, options), enable_auto_commit=False, consumer_timeout_ms=POLL_MS
        )
        try:
            partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            consumer.seek_to_beginning(*partitions)
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                batches = consumer.poll(timeout_ms=POLL_MS)
                for record in (record for batch in batches.values() for record in batch):
                    read += 1
                    found += any(needle in (record.value or b"") for needle in needles)
        finally:
            consumer.close()
    gone = (
        f"compaction within {COMPACTED_WITHIN_MS // DAY_MS} days: a newer record of the same key is there"
        if topic.compacted
        else f"retention, {topic.retention_ms // DAY_MS} days after it was written"
    )
    return Trace(topic.name, read, found, gone)


def drop_facts(bootstrap: str, options: dict[str, Any] | None = None) -> int:
    """Delete from the facts topic whatever ClickHouse has for certain: all before what the sink has committed.

    Returns how many records went; the rest is younger than the wish. Raises UnavailableError.
    """
    with reaching(bootstrap):
        admin = KafkaAdminClient(**client_options(bootstrap, options))
        try:
            partitions = [TopicPartition(FACTS.name, number) for number in range(FACTS.partitions)]
            committed = admin.list_group_offsets({SINK_GROUP: partitions})[SINK_GROUP]
            done = {tp: committed[tp].offset for tp in partitions if tp in committed and committed[tp].offset > 0}
            if not done:
                return 0
            before = {
                tp: found.offset
                for tp, found in admin.list_partition_offsets(dict.fromkeys(done, OffsetSpec.EARLIEST)).items()
            }
            admin.delete_records(done)
            return sum(max(offset - before[tp], 0) for tp, offset in done.items())
        finally:
            admin.close()
