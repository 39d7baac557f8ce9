"""The order of a publication, as plain steps: where ticks go and where the publisher must wait. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.feeds.record import Feed, FeedRecord
from schemas.events import Tick
from schemas.ids import derived
from schemas.topics import ACCOUNTS, ASSIGNMENTS, DECISIONS, MARKET_EVENTS, REPS, TICK_KEY, TICKED

# Structural and rare: each must stand in the region's log after the days before it and before the days that follow.
BARRIERS = frozenset(topic.name for topic in (REPS, MARKET_EVENTS, DECISIONS, ACCOUNTS, ASSIGNMENTS))
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Send:
    record: FeedRecord


@dataclass(frozen=True, slots=True)
class TickEverywhere:
    """One tick to every partition of every topic that carries ticks: everything before `at` has been sent."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Settle:
    """Go on only when the engine has consumed all that was sent."""


Step = Send | TickEverywhere | Settle


def start_of_day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def plan(feed: Feed, lateness_hours: float = 24, closing_tick: bool = True) -> Iterator[Step]:
    """The steps that publish a feed.

    The roster goes first, topic after topic, settled after each. Among the events a tick follows each change of UTC day
    (of the topics that carry ticks; an older event later in the feed is a late event and ticks nothing), and runs of
    barrier records are settled before and after. The closing tick lies `lateness_hours` after the last day's end.
    """
    yield from _settled_by_topic(feed.roster)
    newest: datetime | None = None
    open_barrier = ""
    for record in feed.events:
        barrier = record.topic if record.topic in BARRIERS else ""
        if barrier != open_barrier:
            yield Settle()
        open_barrier = barrier
        if record.topic in TICKED:
            day = start_of_day(record.at)
            if newest is not None and day > newest:
                yield TickEverywhere(day)
            newest = day if newest is None else max(newest, day)
        yield Send(record)
    if open_barrier:
        yield Settle()
    if closing_tick and newest is not None:
        yield TickEverywhere(newest + ONE_DAY + timedelta(hours=lateness_hours, seconds=1))


def tick_record(topic: str, partition: int, at: datetime) -> FeedRecord:
    """The tick of one partition; the same partition and time give the same id."""
    tick = Tick(event_id=derived("tick", topic, partition, at.isoformat()), occurred_at=at)
    return FeedRecord(topic, TICK_KEY, tick.model_dump_json(exclude_defaults=True).encode(), at)


def _settled_by_topic(roster: Iterable[FeedRecord]) -> Iterator[Step]:
    current = ""
    for record in roster:
        if current and record.topic != current:
            yield Settle()
        current = record.topic
        yield Send(record)
    if current:
        yield Settle()
