"""Today: the figures of the flash page and their past, the feeds, and how far everything has come."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from console.reading.answers.answer import Answer


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
    """Values of the flash page as they were on a day."""

    ends_on: date
    value: float | None = None
    travel_per_client: float | None = None
    cost_per_visit: float | None = None
    weighted_coverage: float | None = None
    frequency_adherence: float | None = None


class FeedState(Answer):
    """An input: accepted events, the newest one, how far that is behind the watermark, and how many were refused."""

    topic: str
    accepted: int
    newest: AwareDatetime
    hours_behind: int | None
    refused: int


class Standing(Answer):
    """How far everything has come. Two equal standings show the same pages."""

    as_of: AwareDatetime
    closed_week: date
    alert_changes: int
    suggestion_changes: int
    decisions: int
    waiting: int
    currency: str | None
    tolerance: float | None
