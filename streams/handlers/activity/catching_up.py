"""What a partition reads a second time after a crash, before it may say again which days are over.

State is durable before what was said of it: after a crash the clock of a partition stands where its state stood, while of
each topic the newest batches may come again, because nobody knows whether what they caused to be said was written. A
mark says that everything of its day has been said. So no mark is told until every topic has come to where the state is.
"""

from __future__ import annotations

from streams.handlers.activity.memory import Watermark


class CatchingUp:
    """The topics of one partition that still read what the state knows already."""

    def __init__(self, watermark: Watermark) -> None:
        self._applied = watermark.applied
        self._until: dict[str, int] = {}

    def begin(self, topic: str, committed: int) -> None:
        """The topic will be read from `committed` on."""
        applied = self._applied.get(topic, 0)
        if committed < applied:
            self._until[topic] = applied

    @property
    def is_under_way(self) -> bool:
        return bool(self._until)

    def heard(self, topic: str, next_offset: int) -> bool:
        """All before `next_offset` was handled. Whether the last topic has caught up with that."""
        self._applied[topic] = max(next_offset, self._applied.get(topic, 0))
        if next_offset < self._until.get(topic, next_offset + 1):
            return False
        del self._until[topic]
        return not self._until
