"""The producing side of a publication: an idempotent producer that counts what Kafka acknowledged."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Any, Self

from kafka import KafkaProducer

from infra.feeds.connection import client_options, reaching
from infra.feeds.plan import tick_record
from infra.feeds.record import FeedRecord
from schemas.errors import UnavailableError
from schemas.topics import TICKED

FLUSH_TIMEOUT_SECONDS = 60


class Outbox:
    """Sends records and ticks; `flush` returns only when each has been acknowledged by all replicas in sync.

    Records get the time of sending as Kafka timestamp, not the event's: retention would delete an old history at once.
    """

    def __init__(self, bootstrap: str, options: dict[str, Any] | None = None) -> None:
        self._bootstrap = bootstrap
        self._sent = 0
        self._acknowledged = 0
        self._failure: BaseException | None = None
        self._partitions: dict[str, int] = {}
        self.ticks = 0
        with reaching(bootstrap):
            self._producer = KafkaProducer(
                **client_options(bootstrap, options),
                enable_idempotence=True,
                acks="all",
                linger_ms=5,
                batch_size=256 * 1024,
                max_block_ms=20_000,
                delivery_timeout_ms=FLUSH_TIMEOUT_SECONDS * 1000,
                metrics_enabled=False,
            )

    def send(self, record: FeedRecord, partition: int | None = None) -> Any:
        """Hand a record to the producer; without a partition its key decides. Raises RefusedError if it is too large.

        Returns kafka-python's future: after `flush` its `value` says partition and offset.
        """
        with reaching(self._bootstrap):
            future = self._producer.send(
                record.topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers) or None,
                partition=partition,
            )
        self._sent += 1
        future.add_callback(self._on_acknowledged)
        future.add_errback(self._on_failed)
        return future

    def tick(self, at: datetime) -> int:
        """Send a tick to every partition of every topic that carries ticks; returns how many."""
        count = 0
        for topic in sorted(TICKED):
            for partition in range(self._partition_count(topic)):
                self.send(tick_record(topic, partition, at), partition)
                count += 1
        self.ticks += count
        return count

    def flush(self) -> None:
        """Wait for all acknowledgements. Raises UnavailableError if one is missing, with the first error."""
        with reaching(self._bootstrap):
            self._producer.flush(timeout=FLUSH_TIMEOUT_SECONDS)
        if self._failure is not None or self._acknowledged != self._sent:
            raise UnavailableError(
                f"Kafka at {self._bootstrap} acknowledged {self._acknowledged} of {self._sent} records: "
                f"{self._failure or 'no answer in time'}"
            )

    def close(self) -> None:
        self._producer.close(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _partition_count(self, topic: str) -> int:
        if topic not in self._partitions:
            with reaching(self._bootstrap):
                self._partitions[topic] = len(self._producer.partitions_for(topic))
        return self._partitions[topic]

    # Both run on the producer's own thread, one at a time; flush reads them after that thread has finished the batch.
    def _on_acknowledged(self, _: object) -> None:
        self._acknowledged += 1

    def _on_failed(self, error: BaseException) -> None:
        self._failure = self._failure or error
