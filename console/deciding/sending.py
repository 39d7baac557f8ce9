"""A decision goes to Kafka; what becomes of it is seen in ClickHouse, where everybody else sees it too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from console.access.rights import Sight
from console.reading.answers.decisions import DecisionState
from console.reading.reader import Reader
from schemas.events import Decision

PATIENCE_SECONDS: Final = 6.0
LOOK_EVERY_SECONDS: Final = 0.25


class Publisher(Protocol):
    def publish(self, decision: Decision) -> None:
        """Return once Kafka has it for good. Raises UnavailableError."""


def send(
    decision: Decision, publisher: Publisher, reader: Reader, sight: Sight, pause: Callable[[float], None] = time.sleep
) -> DecisionState:
    """Publish, then look until it has been applied or refused, a few seconds at most: afterwards it is on its way."""
    publisher.publish(decision)
    state = reader.decision(sight, decision.decision_id)
    for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
        if state.outcome in ("applied", "refused"):
            break
        pause(LOOK_EVERY_SECONDS)
        state = reader.decision(sight, decision.decision_id)
    return state
