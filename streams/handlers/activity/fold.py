"""The fold of orders and visits at the rate they come: read, checked, seen once, added to their day, said as a row.

A batch is read as a whole, asked as a whole whether its ids are known, and then folded record by record. The two loops
are what a worker does most of its time: they do without the calls they can do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from xxhash import xxh3_64_digest, xxh32_digest

from schemas.errors import RefusedError
from schemas.events import Order, Tick
from schemas.settings import Settings
from schemas.topics import TICK_KEY
from streams.handlers.activity.accounts import Accounts
from streams.handlers.activity.book import Book
from streams.handlers.activity.clock import MS_PER_DAY, PartitionClock
from streams.handlers.activity.dated import ORDER, Effect, Kind, read_tick
from streams.handlers.activity.pages import PAGE_DAYS, Page, Totals
from streams.handlers.activity.sightings import OFFSET_BYTES, Sighting
from streams.handlers.activity.voice import Voice
from streams.handlers.parsing import parse
from streams.ports import Record

NEW = Sighting.NEW
NOTHING: Effect = ("", 0, 0, None)
Reading = tuple[Record, Any, int, Effect, bytes]
"""A record, its event (None: a tick), the event's time in ms, its effect, and the digest of its id (b"" for a tick)."""


class DatedFold:
    """Orders and visits of one partition. `must_mark`: the mark of the present closing may have been lost in a crash."""

    def __init__(self, accounts: Accounts, book: Book, clock: PartitionClock, voice: Voice, settings: Settings) -> None:
        self._accounts = accounts
        self._book = book
        self._clock = clock
        self._voice = voice
        self._settings = settings
        calendar = settings.calendar
        a_day = timedelta(days=1)  # of distance to the limits, which are years of the event's own time zone
        self._earliest_ms = _ms(datetime(calendar.earliest_year, 1, 1, tzinfo=UTC) + a_day)
        self._latest_ms = _ms(datetime(calendar.latest_year, 12, 31, tzinfo=UTC) - a_day)
        self._future_ms = int(calendar.max_future_hours * 3_600_000)
        self.must_mark = False

    def take(self, kind: Kind, records: Sequence[Record]) -> None:
        """Fold a batch of one topic, ticks among it."""
        done = 0
        while kind is ORDER and not self._currency and done < len(records):  # the first order accepted decides
            self._fold(kind, self._read(kind, records[done : done + 1]))
            done += 1
        if done < len(records):
            self._fold(kind, self._read(kind, records[done:]))

    def _read(self, kind: Kind, records: Sequence[Record]) -> list[Reading]:
        """What the records say; those that are refused are buried and left out."""
        read, effect_of, currency = kind.read, kind.effect, self._currency
        earliest, latest, future = self._earliest_ms, self._latest_ms, self._future_ms
        plain = are_plain(records, self._settings.feed.max_message_bytes)
        readings: list[Reading] = []
        for record in records:
            if record.key == TICK_KEY:
                readings.append((record, None, 0, NOTHING, b""))
                continue
            effect: Effect | None = None
            if plain or are_plain((record,), self._settings.feed.max_message_bytes):
                try:
                    event = read(record.value)  # type: ignore[arg-type] # no value is a TypeError
                    at_ms = int(event.occurred_at.timestamp() * 1000)
                    if earliest < at_ms < latest and at_ms < record.timestamp_ms + future:
                        effect = effect_of(event, at_ms, currency)
                except (msgspec.MsgspecError, TypeError):
                    pass
            if effect is None:
                found = self._look_carefully(kind, record)
                if found is None:
                    continue
                event, at_ms, effect = found
            readings.append((record, event, at_ms, effect, xxh3_64_digest(f"{event.account_id}|{event.event_id}")))
        return readings

    def _fold(self, kind: Kind, readings: Sequence[Reading]) -> None:
        topic, clock, book, voice = kind.topic.name, self._clock, self._book, self._voice
        newest_ms, pages_by_number, touched_by_day = clock.watermark.newest_ms, book.pages, book.touched
        newest, closing, closed = newest_ms.get(topic, -1), clock.closes_at(topic), clock.closed_day
        row_of, partition, log_id = kind.row, voice.partition, voice.log_id
        doubtful = book.doubtful(b"".join([reading[4] for reading in readings]))
        accepted: list[bytes] = []
        rows: list[tuple[Any, ...]] = []
        number = late = duplicates = 0
        day = -1  # of the event before: most events share it
        pages: dict[str, Page] = {}
        touched: dict[str, Page] = {}
        for record, event, at_ms, effect, identity in readings:
            if event is None:
                if newest >= 0:
                    newest_ms[topic] = newest
                self._tick(record)
                newest, closing, closed, day = newest_ms.get(topic, -1), clock.closes_at(topic), clock.closed_day, -1
                continue
            if at_ms // MS_PER_DAY != day:
                day = at_ms // MS_PER_DAY
                pages, touched = pages_by_number[day // PAGE_DAYS], touched_by_day[day]
            account_id = event.account_id
            page = pages.get(account_id) or self._open_page(event, day // PAGE_DAYS, record)
            if page is None:
                number += identity != b""
                continue
            content, cents, orders, visit = effect
            entry = identity + xxh32_digest(content) + record.offset.to_bytes(OFFSET_BYTES, "big")
            sighting = NEW if not doubtful[number] else book.sight(page, entry, accepted)
            number += 1
            if sighting is NEW:
                accepted.append(identity)
                page.seen += entry
                totals = page.days.get(day)
                if totals is None:
                    totals = page.days[day] = Totals()
                totals.revenue_cents += cents
                totals.orders += orders
                if visit is not None:
                    totals.visits += 1
                    totals.visit_minutes += visit[0]
                    totals.travel_minutes += visit[1]
                if day <= closed:
                    late += 1
            elif sighting is Sighting.DUPLICATE:
                duplicates += 1
                continue
            elif sighting is Sighting.CONFLICT:
                voice.bury(record, _conflict(event.event_id))
                continue
            else:
                self._repeat(event, at_ms, newest, record)
            touched[account_id] = page
            if not record.restored:
                rows.append(row_of(event, page.region_id, record.offset, log_id, partition))
            if at_ms > newest:
                newest = at_ms
                if at_ms >= closing:
                    self._advance(topic, at_ms)
                    closing, closed, day = clock.closes_at(topic), clock.closed_day, -1
        if newest >= 0:
            newest_ms[topic] = newest
        if kind is ORDER and rows and not clock.watermark.currency:
            clock.watermark.currency = readings[-1][1].currency  # the first order that was accepted
        book.remember(b"".join(accepted))
        voice.say_rows(kind.table, kind.columns, rows)
        voice.output.count("late_events", topic, late)
        voice.output.count("duplicates", topic, duplicates)

    def flush(self) -> None:
        """Say the touched days."""
        for message in self._book.said():
            self._voice.tell(message.region_id, message)

    def mark(self) -> None:
        """Tell every region which day is over here, after everything that belongs to it."""
        self.flush()
        closed = self._clock.closed
        if closed is not None:
            self._voice.tell_closed(closed)
        self.must_mark = False

    @property
    def _currency(self) -> str:
        """The currency orders must have; "" before the first order where the first one decides."""
        configured = self._settings.company.currency
        return self._clock.watermark.currency or ("" if configured == "auto" else configured)

    def _look_carefully(self, kind: Kind, record: Record) -> tuple[Any, int, Effect] | None:
        """The event as the authority reads it, with its time and effect; None when it was refused and is buried."""
        try:
            trusted = parse(kind.authority, record, self._settings)
            if isinstance(trusted, Order):
                self._check_currency(trusted)
        except RefusedError as refused:
            self._voice.bury(record, refused)
            return None
        event = kind.from_authority(trusted)
        at_ms = int(event.occurred_at.timestamp() * 1000)
        effect = kind.effect(event, at_ms, self._currency or getattr(event, "currency", ""))
        if effect is None:
            raise RuntimeError(f"{record.topic} at offset {record.offset}: accepted, but without an effect")
        return event, at_ms, effect

    def _check_currency(self, order: Order) -> None:
        expected = self._currency
        if expected and order.currency != expected:
            raise RefusedError(
                "foreign_currency", f"{order.currency} where the company's orders are in {expected}", "currency"
            )

    def _open_page(self, event: Any, number: int, record: Record) -> Page | None:
        """The page of the event; None when the account is unknown and must not be, and the record is buried."""
        page = self._book.open(event.account_id, number)
        if page is None:
            try:
                self._accounts.known(event.account_id, event.occurred_at, record)
            except RefusedError as refused:
                self._voice.bury(record, refused)
                return None
            page = self._book.open(event.account_id, number)
        return page

    def _repeat(self, event: Any, at_ms: int, newest: int, record: Record) -> None:
        """A record that came again after a crash: what it once caused to be said may have been lost."""
        self._accounts.known(event.account_id, event.occurred_at, record)
        if at_ms == newest:  # it moved the clock last
            self.must_mark = True

    def _tick(self, record: Record) -> None:
        at_ms = self._tick_ms(record)
        if at_ms is None:
            return
        if self._clock.is_newest(record.topic, at_ms):
            self.must_mark = True
        self._advance(record.topic, at_ms)

    def _tick_ms(self, record: Record) -> int | None:
        """When a tick was; None when it was refused and is buried."""
        if are_plain((record,), self._settings.feed.max_message_bytes):
            try:
                at_ms = int(read_tick(record.value or b"").occurred_at.timestamp() * 1000)
                if self._earliest_ms < at_ms < min(self._latest_ms, record.timestamp_ms + self._future_ms):
                    return at_ms
            except msgspec.MsgspecError:
                pass
        try:
            return int(parse(Tick, record, self._settings).occurred_at.timestamp() * 1000)
        except RefusedError as refused:
            self._voice.bury(record, refused)
            return None

    def _advance(self, topic: str, at_ms: int) -> None:
        if self._clock.advance(topic, at_ms) is not None:
            self.mark()
            self._voice.say_clock(self._clock.watermark.closed, self._clock.watermark_seconds)


def are_plain(records: Sequence[Record], most_bytes: int) -> bool:
    """Whether the values hold no character that needs a look: no escape, no DEL; and none is too long."""
    values = [record.value or b"" for record in records]
    together = b"".join(values)
    return b"\\" not in together and b"\x7f" not in together and max(map(len, values), default=0) <= most_bytes


def _conflict(event_id: str) -> RefusedError:
    return RefusedError("duplicate_id", f"{event_id!r} was seen before with other content", "event_id")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
