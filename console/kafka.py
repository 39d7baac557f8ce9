"""The way of a decision into Kafka."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.feeds.record import record_of
from infra.feeds.resend import send_located
from schemas.events import Decision
from schemas.topics import DECISIONS


@dataclass(frozen=True, slots=True)
class KafkaPublisher:
    """Publishes decisions one at a time, each with a producer of its own: they are rare, and a broker may move."""

    bootstrap: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def publish(self, decision: Decision) -> None:
        """Return once all replicas in sync have it. Raises UnavailableError."""
        send_located([record_of(DECISIONS, decision)], self.bootstrap, dict(self.options))
