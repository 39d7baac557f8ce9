"""Publishing through outages: the steps of `infra.feeds.publish`, but a Kafka that is away is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from confluent_kafka import Producer

from infra.feeds.lag import LagMeter, Lags, total
from infra.feeds.plan import Send, Settle, TickEverywhere, plan, tick_record
from infra.feeds.publish import input_lag
from infra.feeds.record import Feed, FeedRecord
from schemas.errors import UnavailableError
from schemas.topics import BY_NAME, ENGINE_GROUP, INPUTS, TICKED

READING_INPUTS = {ENGINE_GROUP: tuple(topic.name for topic in INPUTS)}
PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.1
ANY_PARTITION = -1


def producer_of(bootstrap: str) -> Producer:
    """A patient producer: idempotent, in order, and with the partitioner of Java's clients."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "message.timeout.ms": int(PATIENCE_SECONDS * 1000),
            "reconnect.backoff.max.ms": 500,
            "linger.ms": 5,
            "log_level": 0,
        }
    )


def publish_patiently(feed: Feed, bootstrap: str, window: int) -> None:
    """Everything acknowledged, and never more than `window` records ahead of the engine."""
    with PatientPublisher(bootstrap, window) as publisher:
        publisher.run(feed)


class PatientPublisher:
    def __init__(self, bootstrap: str, window: int) -> None:
        self._bootstrap = bootstrap
        self._producer = producer_of(bootstrap)
        self._window = window
        self._chunk = max(1, window // 8)
        self._unmeasured = 0
        self._failures: list[str] = []
        self._meter: LagMeter | None = None

    def run(self, feed: Feed) -> None:
        for step in plan(feed):
            match step:
                case Send(record):
                    self._send(record)
                case TickEverywhere(at):
                    for topic in sorted(TICKED):
                        for partition in range(BY_NAME[topic].partitions):
                            self._send(tick_record(topic, partition, at), partition)
                case Settle():
                    self._hold(lambda lags: input_lag(lags) == 0)
        self._flush()

    def _send(self, record: FeedRecord, partition: int = ANY_PARTITION) -> None:
        if self._unmeasured >= self._chunk:
            self._hold(lambda lags: total(lags) + self._chunk <= self._window)
        while True:
            try:
                self._producer.produce(
                    record.topic, record.value, record.key, partition, self._delivered, headers=list(record.headers)
                )
                break
            except BufferError:
                self._producer.poll(POLL_SECONDS)
        self._producer.poll(0)
        self._unmeasured += 1

    def _hold(self, may_go_on: Callable[[Lags], bool]) -> None:
        self._flush()
        give_up = time.monotonic() + PATIENCE_SECONDS
        while (lags := self._lags()) is None or not may_go_on(lags):
            if time.monotonic() > give_up:
                raise UnavailableError(f"the engine does not take what is published: {lags}")
            time.sleep(POLL_SECONDS)
        self._unmeasured = 0

    def _lags(self) -> Lags | None:
        """None while Kafka is away."""
        try:
            self._meter = self._meter or LagMeter(self._bootstrap, READING_INPUTS)
            return self._meter.read()
        except UnavailableError:
            self._let_go()
            return None

    def _flush(self) -> None:
        unsent = self._producer.flush(PATIENCE_SECONDS)
        if unsent or self._failures:
            raise UnavailableError(f"{unsent} records were never acknowledged: {self._failures[:3]}")

    def _delivered(self, error: object, _message: object) -> None:
        if error is not None:
            self._failures.append(str(error))

    def _let_go(self) -> None:
        if self._meter is not None:
            self._meter.close()
        self._meter = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()
