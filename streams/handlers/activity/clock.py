"""Event time of one partition: which days are over.

Every ticking topic has a newest event time; the partition's watermark is the oldest of these less the allowed
lateness. A day closes when the watermark has passed its end. Ticks move topics that have nothing to say.
"""

from __future__ import annotations

from datetime import date, timedelta

from streams.handlers.activity.memory import Watermark

MS_PER_DAY = 86_400_000
EPOCH = date(1970, 1, 1)


def closed_by(at_ms: int, lateness_ms: int) -> date:
    """The newest day that is over once everything up to `at_ms` has come, but for what is late."""
    return EPOCH + timedelta(days=(at_ms - lateness_ms) // MS_PER_DAY - 1)


class PartitionClock:
    def __init__(self, watermark: Watermark, ticking: tuple[str, ...], lateness_hours: float) -> None:
        self.watermark = watermark
        self._ticking = ticking
        self._lateness_ms = int(lateness_hours * 3_600_000)

    @property
    def closed(self) -> date | None:
        """The newest closed day; None before the first."""
        return date.fromordinal(self.watermark.closed) if self.watermark.closed else None

    @property
    def closed_day(self) -> int:
        """The newest closed day, counted from 1970."""
        return self.watermark.closed - EPOCH.toordinal()

    @property
    def watermark_seconds(self) -> float:
        """Event time (seconds since 1970) up to which this partition is taken as complete."""
        newest = self.watermark.newest_ms
        return (min(newest.values()) - self._lateness_ms) / 1000 if newest else 0.0

    def advance(self, topic: str, at_ms: int) -> date | None:
        """Move a topic's time on; the newest closed day if that closed any."""
        newest = self.watermark.newest_ms
        if at_ms <= newest.get(topic, -1):
            return None
        newest[topic] = at_ms
        if len(newest) < len(self._ticking):
            return None
        closed = closed_by(min(newest.values()), self._lateness_ms)
        if closed.toordinal() <= self.watermark.closed:
            return None
        self.watermark.closed = closed.toordinal()
        return closed

    def closes_at(self, topic: str) -> float:
        """The event time (ms) of this topic from which on `advance` may close a day, while the other topics stand still."""
        others = [at_ms for name, at_ms in self.watermark.newest_ms.items() if name != topic]
        if len(others) < len(self._ticking) - 1:
            return float("inf")
        if not self.watermark.closed:
            return float("-inf")
        end = (self.watermark.closed + 2 - EPOCH.toordinal()) * MS_PER_DAY + self._lateness_ms
        return end if min(others, default=end) >= end else float("inf")

    def newest(self, topic: str) -> int:
        """The newest event time (ms) of a topic; -1 before the first."""
        return self.watermark.newest_ms.get(topic, -1)

    def move(self, topic: str, at_ms: int) -> None:
        """Move a topic's time on where that closes no day (see `closes_at`)."""
        if at_ms > self.newest(topic):
            self.watermark.newest_ms[topic] = at_ms

    def is_newest(self, topic: str, at_ms: int) -> bool:
        """Whether this time moved the topic's clock last."""
        return self.watermark.newest_ms.get(topic) == at_ms
