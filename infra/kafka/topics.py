"""Topics on the broker as `schemas.topics` declares them: created where missing, refused where they differ."""

from __future__ import annotations

from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from infra.feeds.connection import client_options, reaching
from schemas.errors import SettingsError
from schemas.topics import TOPICS, Topic


def cluster_id(bootstrap: str, security: dict[str, Any] | None = None) -> str:
    """The cluster's own identity. Raises UnavailableError."""
    with reaching(bootstrap):
        admin = KafkaAdminClient(**client_options(bootstrap, security))
        try:
            return str(admin.describe_cluster()["cluster_id"])
        finally:
            admin.close()


def provision(bootstrap: str, security: dict[str, Any] | None = None, replication: int = 1) -> list[str]:
    """Create the topics that are missing; their names.

    Raises SettingsError when a topic has another number of partitions than declared, UnavailableError without a broker.
    """
    with reaching(bootstrap):
        admin = KafkaAdminClient(**client_options(bootstrap, security))
        try:
            present = partition_counts(admin)
            missing = [topic for topic in TOPICS if topic.name not in present]
            for topic in missing:
                _create(admin, topic, replication)
        finally:
            admin.close()
    check(present)
    return [topic.name for topic in missing]


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
    """Broker settings of a topic."""
    if topic.direction == "state":
        return {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2", "max.message.bytes": "2000000"}
    policy = "compact,delete" if topic.compacted else "delete"
    return {"cleanup.policy": policy, "retention.ms": str(topic.retention_ms), "max.message.bytes": "2000000"}


def _create(admin: KafkaAdminClient, topic: Topic, replication: int) -> None:
    try:
        admin.create_topics([NewTopic(topic.name, topic.partitions, replication, topic_configs=configuration(topic))])
    except TopicAlreadyExistsError:
        pass
    except KafkaError as error:
        raise SettingsError(f"topic {topic.name} cannot be created: {error}") from error
