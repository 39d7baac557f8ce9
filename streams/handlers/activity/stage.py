"""The activity stage: one partition's orders, visits, accounts and assignments become account days of region logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from schemas.errors import RefusedError
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, ACTIVITY_STATE, ASSIGNMENTS, ORDERS, VISIT_REPORTS
from streams.handlers.activity.accounts import Accounts
from streams.handlers.activity.book import Book
from streams.handlers.activity.catching_up import CatchingUp
from streams.handlers.activity.clock import PartitionClock
from streams.handlers.activity.dated import KINDS
from streams.handlers.activity.fold import DatedFold
from streams.handlers.activity.memory import Memory
from streams.handlers.activity.voice import Voice
from streams.ports import Output, Record, Store

TICKING = tuple(topic.name for topic in (ORDERS, VISIT_REPORTS) if topic.carries_ticks)


class Activity:
    """Handler of one partition. A day's mark follows everything that belongs to the day."""

    def __init__(self, partition: int, store: Store, settings: Settings, log_id: str) -> None:
        self._memory = Memory(store)
        watermark = self._memory.watermark()
        self._book = Book(store, self._memory, watermark)
        self._clock = PartitionClock(watermark, TICKING, settings.calendar.lateness_hours)
        self._catching_up = CatchingUp(watermark)
        self._voice = Voice(partition, log_id)
        accounts = Accounts(partition, self._memory, self._book, self._voice, settings, log_id)
        self._fold = DatedFold(accounts, self._book, self._clock, self._voice, settings)
        self._rare: Mapping[str, Callable[[Record], None]] = {
            ACCOUNTS.name: accounts.hear,
            ASSIGNMENTS.name: accounts.assign,
        }

    def start_offset(self, topic: str, committed: int) -> int | None:
        self._catching_up.begin(topic, committed)
        return None

    def known_until(self, topic: str) -> int | None:
        return self._clock.watermark.applied.get(topic, 0)

    def handle(self, records: Sequence[Record]) -> Output:
        output = self._voice.begin(holds_marks=self._catching_up.is_under_way)
        if not records:
            return output
        topic = records[0].topic
        output.count("messages", topic, len(records))
        if topic in KINDS:
            self._fold.take(KINDS[topic], records)
        else:
            self._hear_all(self._rare[topic], records)
            for message in self._book.said():
                self._voice.tell(message.region_id, message)
        if self._catching_up.heard(topic, records[-1].offset + 1):
            self._voice.holds_marks, self._fold.must_mark = False, True
        if self._fold.must_mark:
            self._fold.mark()
        self._memory.keep_watermark(self._clock.watermark)
        output.state = self._memory.take_changes()
        return output

    def newest_event(self) -> datetime | None:
        """The newest event time of this partition."""
        newest = self._clock.watermark.newest_ms
        return datetime.fromtimestamp(max(newest.values()) / 1000, UTC) if newest else None

    def _hear_all(self, hear: Callable[[Record], None], records: Sequence[Record]) -> None:
        for record in records:
            try:
                hear(record)
            except RefusedError as refused:
                self._voice.bury(record, refused)


class ActivityStage:
    """All partitions of the activity stage."""

    name = "activity"
    topics = (ORDERS.name, VISIT_REPORTS.name, ACCOUNTS.name, ASSIGNMENTS.name)
    state_topic = ACTIVITY_STATE.name
    state_first = True

    def __init__(self, settings: Settings, log_id: str) -> None:
        self._settings = settings
        self._log_id = log_id
        self._opened: dict[int, Activity] = {}

    def open(self, partition: int, store: Store) -> Activity:
        self._opened[partition] = Activity(partition, store, self._settings, self._log_id)
        return self._opened[partition]

    def newest_event(self) -> datetime | None:
        """The newest event time seen on any partition opened here, ticks included."""
        return max(
            (t for activity in self._opened.values() if (t := activity.newest_event()) is not None), default=None
        )
