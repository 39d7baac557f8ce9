"""A feed: records for the input topics, in the order in which a company would have sent them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge as heap_merge
from operator import attrgetter

from schemas.events import Event
from schemas.topics import RESTORED_HEADER, Topic

Header = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One record to publish. `at` is its place in time within the feed (UTC); `source` says where it came from."""

    topic: str
    key: bytes
    value: bytes
    at: datetime
    headers: tuple[Header, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """`roster`: accounts, reps, assignments and targets known before the first event. `events`: everything else, ordered by `at`.

    Both may be lazy; they are walked once by a publication.
    """

    roster: Iterable[FeedRecord] = field(default=())
    events: Iterable[FeedRecord] = field(default=())


def record_of(topic: Topic, event: Event, at: datetime | None = None, source: str = "") -> FeedRecord:
    """The record of an event: its key is the field the topic names, its value JSON without the fields left at default.

    `at` differs from the event's own time only where news travels late (a market event announced after the fact).
    """
    value = event.__pydantic_serializer__.to_json(event, exclude_defaults=True)
    key = str(getattr(event, topic.key)).encode()
    return FeedRecord(topic.name, key, value, at or event.occurred_at, (), source)


def restored(record: FeedRecord) -> FeedRecord:
    """The same record, marked as one whose row exists already: the engine learns it and no fact is written again."""
    return replace(record, headers=(*record.headers, (RESTORED_HEADER, b"1")))


def merge(*feeds: Iterable[FeedRecord]) -> Iterator[FeedRecord]:
    """One time-ordered sequence from several; at equal times the earlier argument comes first."""
    return heap_merge(*feeds, key=attrgetter("at"))
