"""Topics on the broker as `schemas.topics` declares them: created where missing, refused where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from infra.feeds.connection import client_options, reaching
from infra.kafka.knock import knock
from schemas.errors import SettingsError
from schemas.topics import COMPACTED_WITHIN_MS, TOPICS, Topic


def cluster_id(bootstrap: str, security: dict[str, Any] | None = None) -> str:
    """The cluster's own identity.

    Raises UnavailableError when no broker can be reached, SettingsError when one can, but not in this way.
    """
    with _administration(bootstrap, security) as admin:
        return str(admin.describe_cluster()["cluster_id"])


def expect(bootstrap: str, security: dict[str, Any] | None = None) -> None:
    """Return when every declared topic is there as declared.

    Raises SettingsError naming the topics that are not, and otherwise as `cluster_id`.
    """
    with _administration(bootstrap, security) as admin:
        present = partition_counts(admin)
    check(present)
    missing = [topic.name for topic in TOPICS if topic.name not in present]
    if missing:
        raise SettingsError(
            f"Kafka at {bootstrap} has no topic {', '.join(missing)}; `terradrift provision` creates what is missing"
        )


def provision(bootstrap: str, security: dict[str, Any] | None = None, replication: int = 1) -> list[str]:
    """Create the topics that are missing; their names.

    Raises SettingsError when a topic has another number of partitions than declared (then none is created), and otherwise
    as `cluster_id`.
    """
    with _administration(bootstrap, security) as admin:
        present = partition_counts(admin)
        check(present)
        missing = [topic for topic in TOPICS if topic.name not in present]
        for topic in missing:
            _create(admin, topic, replication)
    return [topic.name for topic in missing]


@contextmanager
def _administration(bootstrap: str, security: dict[str, Any] | None) -> Iterator[KafkaAdminClient]:
    """An admin client, once a knock has shown that we are let in."""
    knock(bootstrap, security)
    with reaching(bootstrap):
        admin = KafkaAdminClient(**client_options(bootstrap, security))
        try:
            yield admin
        finally:
            admin.close()


def check(present: dict[str, int]) -> None:
    """Raise SettingsError naming every topic whose partitions are not those declared."""
    wrong = [
        f"topic {topic.name} has {present[topic.name]} partitions, not {topic.partitions}"
        for topic in TOPICS
        if topic.name in present and present[topic.name] != topic.partitions
    ]
    if wrong:
        raise SettingsError("; ".join(wrong) + ": keys would move to other partitions; make new topics and replay")


def partition_counts(admin: KafkaAdminClient) -> dict[str, int]:
    """Partitions of every declared topic that exists."""
    described = admin.describe_topics([topic.name for topic in TOPICS])
    return {entry["name"]: len(entry["partitions"]) for entry in described if entry.get("partitions")}


def configuration(topic: Topic) -> dict[str, str]:
    """Broker settings of a topic. Compaction may not wait: what has been replaced may name somebody who was erased."""
    common = {"max.message.bytes": "2000000"}
    if topic.compacted:
        common["max.compaction.lag.ms"] = str(COMPACTED_WITHIN_MS)
    if topic.direction == "state":
        return {**common, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2"}
    policy = "compact,delete" if topic.compacted else "delete"
    return {**common, "cleanup.policy": policy, "retention.ms": str(topic.retention_ms)}


def _create(admin: KafkaAdminClient, topic: Topic, replication: int) -> None:
    try:
        admin.create_topics([NewTopic(topic.name, topic.partitions, replication, topic_configs=configuration(topic))])
    except TopicAlreadyExistsError:
        pass
    except KafkaError as error:
        raise SettingsError(f"topic {topic.name} cannot be created: {error}") from error
