"""How far the consumer groups are behind: end of the log minus committed offset."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from infra.feeds.connection import client_options, reaching
from infra.kafka.knock import knock
from schemas.errors import UnavailableError
from schemas.topics import ENGINE_GROUP, INPUTS, REGION_EVENTS, SINK_GROUP, SINK_TOPICS

Lags = dict[str, dict[str, int]]
GROUPS: Mapping[str, tuple[str, ...]] = {
    ENGINE_GROUP: (*(topic.name for topic in INPUTS), REGION_EVENTS.name),
    SINK_GROUP: tuple(topic.name for topic in SINK_TOPICS),
}
PARTITIONS_KNOWN_FOR_SECONDS = 60.0
PATIENCE_SECONDS = 20.0
RETRY_SECONDS = 0.25


def total(lags: Lags) -> int:
    """Records not yet consumed, over all groups and topics."""
    return sum(sum(topics.values()) for topics in lags.values())


class LagMeter:
    """A long-lived client that reads lags; a reading is three or four small requests, some milliseconds.

    Not thread-safe. Raises UnavailableError when Kafka does not answer or a topic does not exist; when made, also
    SettingsError when Kafka does not let us in.
    """

    def __init__(
        self,
        bootstrap: str,
        groups: Mapping[str, Sequence[str]] = GROUPS,
        options: dict[str, Any] | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._groups = {group: tuple(topics) for group, topics in groups.items()}
        self._partitions: dict[str, tuple[TopicPartition, ...]] = {}
        self._known_at = float("-inf")
        self._options = client_options(bootstrap, options)
        knock(bootstrap, options)
        with reaching(bootstrap):
            self._admin = KafkaAdminClient(**self._options)

    def read(self) -> Lags:
        """Lag in records by group and topic. A group that has committed nothing lags from the start of the log.

        Passing trouble (a new cluster electing coordinators, a leader on the move) is waited out for some seconds.
        """
        give_up = time.monotonic() + PATIENCE_SECONDS
        with reaching(self._bootstrap):
            while True:
                try:
                    return self._reading()
                except KafkaError as error:
                    if not error.retriable or time.monotonic() > give_up:
                        raise
                time.sleep(RETRY_SECONDS)
                self._reopen()

    def _reading(self) -> Lags:
        self._learn_partitions()
        ends = self._offsets(self._everything(), OffsetSpec.LATEST)
        committed = {group: self._committed(group) for group in self._groups}
        starts = self._starts(committed, ends)

        def behind(group: str, tp: TopicPartition) -> int:
            done = committed[group][tp]
            return max(0, ends[tp] - (done if done >= 0 else starts.get(tp, 0)))

        return {
            group: {topic: sum(behind(group, tp) for tp in self._partitions[topic]) for topic in topics}
            for group, topics in self._groups.items()
        }

    def _reopen(self) -> None:
        """A fresh client: the old one would go on asking the coordinator it once learned of."""
        self._admin.close()
        self._admin = KafkaAdminClient(**self._options)

    def close(self) -> None:
        self._admin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _everything(self) -> list[TopicPartition]:
        return [tp for partitions in self._partitions.values() for tp in partitions]

    def _learn_partitions(self) -> None:
        if time.monotonic() - self._known_at < PARTITIONS_KNOWN_FOR_SECONDS:
            return
        topics = sorted({topic for names in self._groups.values() for topic in names})
        described = {entry["name"]: entry for entry in self._admin.describe_topics(topics)}
        counts = {topic: len(described.get(topic, {}).get("partitions", ())) for topic in topics}
        missing = [topic for topic, count in counts.items() if not count]
        if missing:
            raise UnavailableError(f"Kafka at {self._bootstrap} has no topic {', '.join(missing)}")
        self._partitions = {topic: tuple(TopicPartition(topic, p) for p in range(n)) for topic, n in counts.items()}
        self._known_at = time.monotonic()

    def _offsets(self, partitions: Sequence[TopicPartition], spec: OffsetSpec) -> dict[TopicPartition, int]:
        if not partitions:
            return {}
        found = self._admin.list_partition_offsets(dict.fromkeys(partitions, spec))
        return {tp: offset.offset for tp, offset in found.items()}

    def _committed(self, group: str) -> dict[TopicPartition, int]:
        """Committed offset of every partition the group reads, -1 for none."""
        wanted = [tp for topic in self._groups[group] for tp in self._partitions[topic]]
        found = self._admin.list_group_offsets({group: wanted})[group]
        return {tp: found[tp].offset if tp in found else -1 for tp in wanted}

    def _starts(
        self, committed: Mapping[str, Mapping[TopicPartition, int]], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """First offsets, asked only where nothing is committed on a partition that holds something."""
        open_ones = {
            tp for offsets in committed.values() for tp, offset in offsets.items() if offset < 0 and ends[tp] > 0
        }
        return self._offsets(sorted(open_ones), OffsetSpec.EARLIEST)


def lags(bootstrap: str, groups: Mapping[str, Sequence[str]] = GROUPS) -> Lags:
    """One reading with a client of its own; to read repeatedly keep a LagMeter."""
    with LagMeter(bootstrap, groups) as meter:
        return meter.read()
