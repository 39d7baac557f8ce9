"""Where a name still stands in Kafka after an erasure, until when at the latest, and how the facts go at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from infra.feeds.connection import client_options, reaching
from infra.privacy.held import Kind
from infra.privacy.reading import PATIENCE_SECONDS, records_of, texts_of
from schemas.personal import personal_fields
from schemas.topics import ACCOUNTS, COMPACTED_WITHIN_MS, DAY_MS, FACTS, REGION_STATE, REPS, SINK_GROUP, TOPICS, Topic

PERSONAL_TOPICS: Final = tuple(topic for topic in TOPICS if personal_fields(topic))
"""Every topic whose records may say who somebody is."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Records of a topic that still hold one of the names; `gone_by` says what takes them away."""

    topic: str
    read: int
    records: int
    gone_by: str


def traces(
    bootstrap: str, names: Sequence[str], options: dict[str, Any] | None = None, patience: float = PATIENCE_SECONDS
) -> Iterator[Trace]:
    """Read, one after the other, every topic that can carry a name, and count records with one of `names`.

    Raises UnavailableError: what was yielded before holds.
    """
    needles = {form for name in names for form in _spellings(name)}
    for topic in PERSONAL_TOPICS:
        read = found = 0
        for record in records_of(bootstrap, topic, options, patience):
            read += 1
            found += any(needle in text for text in texts_of(record.value) for needle in needles)
        yield Trace(topic.name, read, found, gone_by(topic))


def names_in(bootstrap: str, kind: Kind, identity: str, options: dict[str, Any] | None = None) -> tuple[str, ...]:
    """The names that Kafka still knows of an account or rep, where ClickHouse has erased them. Raises UnavailableError."""
    found: set[str] = set()
    for topic in (ACCOUNTS if kind == "account" else REPS, FACTS):
        for record in records_of(bootstrap, topic, options):
            if record.key == identity.encode() and b'"name"' in (record.value or b""):
                found.add(_name(record.value, topic, kind))
    return tuple(sorted(found - {""}))


def gone_by(topic: Topic) -> str:
    """What takes away a record that said who somebody was, and until when."""
    within = f"compaction within {COMPACTED_WITHIN_MS // DAY_MS} days"
    if topic == REGION_STATE:
        return f"{within} of the next snapshot of its regions, once they have let go of it"
    if topic.compacted:
        return f"{within}: a newer record of the same key is there"
    return f"retention, {topic.retention_ms // DAY_MS} days after it was written"


def _spellings(name: str) -> Iterator[bytes]:
    """As JSON writes it, in both ways, and as it is."""
    for ascii_only in (True, False):
        yield json.dumps(name, ensure_ascii=ascii_only)[1:-1].encode()
    yield name.encode()


def _name(value: bytes, topic: Topic, kind: Kind) -> str:
    """Of the event, or of a row of `names` of that kind."""
    try:
        told = json.loads(value)
    except ValueError:
        return ""
    if not isinstance(told, dict) or (topic == FACTS and told.get("kind") != kind):
        return ""
    return str(told.get("name", ""))


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
