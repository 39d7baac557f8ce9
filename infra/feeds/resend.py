"""Sending single records again, and saying where each came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.feeds.outbox import Outbox
from infra.feeds.record import FeedRecord


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its topic."""

    partition: int
    offset: int


def send_located(records: Sequence[FeedRecord], bootstrap: str, options: dict[str, Any] | None = None) -> list[Place]:
    """Send the records in order and return their places; the key decides the partition, as everywhere.

    Raises UnavailableError when Kafka does not acknowledge them all (some may have arrived), RefusedError for one
    larger than Kafka takes.
    """
    with Outbox(bootstrap, options) as outbox:
        answers = [outbox.send(record) for record in records]
        outbox.flush()
        return [Place(answer.value.partition, answer.value.offset) for answer in answers]
