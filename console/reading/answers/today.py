"""Today: the figures of the flash page and their past, the feeds, and how far everything has come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer
from schemas.topics import ORDERS, VISIT_REPORTS

REGULAR: Final = frozenset({ORDERS.name, VISIT_REPORTS.name})
"""Feeds that come every working day; the others come when something happens."""
SHORTEST_SILENCE: Final = timedelta(hours=72)
PAUSES: Final = 1.5
"""Times its longest pause that a feed may be silent."""
TRENDS_OLD: Final = timedelta(minutes=30)
"""Trends are made every ten minutes: older ones have missed two turns."""
OLD_WHEN_IT_CAME: Final = timedelta(days=30)
"""Age of the newest event when it was written, from which it belongs to a replayed history."""


class Figure(Answer):
    """One figure of the flash page. `as_of` is event time."""

    position: int
    name: str
    value: float | None
    unit: str
    target: float | None
    numerator: float | None
    denominator: float | None
    as_of: AwareDatetime


class TrendPoint(Answer):
    """A figure of the flash page as it was on a day."""

    name: str
    ends_on: date
    value: float


class TrendsMade(Answer):
    """When the past of the figures was last made. `as_of` is event time, `made_at` the clock on the wall; None: not since the
    database was started."""

    as_of: AwareDatetime | None
    made_at: AwareDatetime | None

    def is_old(self, now: datetime) -> bool:
        """Whether making them has stopped: the figures beside the lines are then of today and the lines are not."""
        return self.made_at is None or now - self.made_at > TRENDS_OLD


class FeedState(Answer):
    """An input: accepted events, the newest one, how far that is behind the watermark, and how many were refused.

    `longest_pause_hours`: its own rhythm, the longest pause in the 90 days before its newest event; None for feeds that come
    only when something happens. `arrived`: when the sink last wrote some of it, by the clock on the wall; None where that is
    longer ago than the ledger remembers.
    """

    topic: str
    accepted: int
    newest: AwareDatetime
    hours_behind: int | None
    longest_pause_hours: int | None = None
    arrived: AwareDatetime | None = None
    refused: int

    def is_late(self, now: datetime) -> bool:
        """Whether it has been silent for much longer than it ever is. `now` is the clock on the wall.

        The watermark alone would not do: it is made of these feeds, and stands still when all of them stop. A history that
        is replayed is old by design, and told by its newest event having been old when it came: it is measured by the watermark.
        """
        if self.topic not in REGULAR or not self.accepted or self.hours_behind is None:
            return False
        replayed = self.arrived is not None and self.newest < self.arrived - OLD_WHEN_IT_CAME
        silent = timedelta(hours=self.hours_behind) if replayed else now - self.newest
        pause = timedelta(hours=self.longest_pause_hours or 0)
        return silent > max(SHORTEST_SILENCE, PAUSES * pause)


class Waiting(Answer):
    """How many suggestions wait for a decision."""

    waiting: int


class Published(Answer):
    """Whether figures of what reps did are told of the company, and of how many reps such a figure must speak at least."""

    conduct: bool
    fewest: int

    @property
    def hides(self) -> bool:
        """Whether they are held back; without settings (`fewest` 0) nothing has been reckoned yet."""
        return not self.conduct and self.fewest > 0


class Standing(Answer):
    """How far everything has come. Two equal standings show the same pages. `waiting`: suggestions of the whole company."""

    as_of: AwareDatetime
    closed_week: date
    alert_changes: int
    suggestion_changes: int
    decisions: int
    waiting: int
    currency: str | None
    tolerance: float | None
