"""From the records of a batch to its orders or visits in columns: decoded and checked all at once where that is possible.

What the fast way does not take is looked at carefully, one by one: taken after all, or buried with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas.errors import RefusedError
from schemas.events import Order, Tick
from schemas.settings import Settings
from streams.columns import RecordColumns
from streams.handlers.activity.dated import ORDER, Kind, read_tick
from streams.handlers.activity.heard import Dated, StructSource
from streams.handlers.activity.order_columns import OrderColumns
from streams.handlers.activity.times import UNREAD, Ints, ms_of, read_times
from streams.handlers.parsing import parse
from streams.ports import Record
from streams.texts import Texts

Bury = Callable[[Record, RefusedError], None]


class DatedReader:
    """Reads for one partition; `bury` takes what is refused."""

    def __init__(self, settings: Settings, bury: Bury) -> None:
        self._settings = settings
        self._bury = bury
        calendar = settings.calendar
        a_day = timedelta(days=1)  # of distance to the limits, which are years of the event's own time zone
        self._earliest_ms = ms_of(datetime(calendar.earliest_year, 1, 1, tzinfo=UTC) + a_day)
        self._latest_ms = ms_of(datetime(calendar.latest_year, 12, 31, tzinfo=UTC) - a_day)
        self._future_ms = int(calendar.max_future_hours * 3_600_000)

    def read(self, kind: Kind, records: RecordColumns, at: Ints, currency: str) -> Dated | None:
        """The events at these indices. `currency` is what orders must have, "" for any. None when nothing is left."""
        columns = self._in_columns(kind, records.values, at, currency)
        if columns is not None and self._are_timely(columns.times, records, at):
            return Dated.of(columns, at)
        events = self._decode_all(kind, records.values, at)
        if events is None:
            most_bytes = self._settings.feed.max_message_bytes
            events = [_decode_one(kind, records.values[i], most_bytes) for i in at.tolist()]
        else:
            times = read_times([event.occurred_at for event in events])
            if kind.effects(events, currency).plain.all() and self._are_timely(times, records, at):
                return Dated.of(StructSource(kind, events, times), at)
        return self._read_singly(kind, records, at, events, currency)

    def _in_columns(self, kind: Kind, values: Texts, at: Ints, currency: str) -> OrderColumns | None:
        fast = kind is ORDER and int(values.sizes()[at].max()) <= self._settings.feed.max_message_bytes
        return OrderColumns.read(values, at, currency) if fast else None

    def _are_timely(self, times: Ints, records: RecordColumns, at: Ints) -> bool:
        """Whether all are of the years we know, and none from a future after it was received."""
        good = (times > self._earliest_ms) & (times < self._latest_ms)
        return bool((good & (times < records.timestamps_ms[at] + self._future_ms)).all())

    def tick_ms(self, record: Record) -> int | None:
        """When a tick was; None when it was refused and is buried."""
        if is_plain(record.value, self._settings.feed.max_message_bytes):
            try:
                at_ms = ms_of(read_tick(record.value or b"").occurred_at)
                if self._earliest_ms < at_ms < min(self._latest_ms, record.timestamp_ms + self._future_ms):
                    return at_ms
            except msgspec.MsgspecError:
                pass
        try:
            return ms_of(parse(Tick, record, self._settings).occurred_at)
        except RefusedError as refused:
            self._bury(record, refused)
            return None

    def _decode_all(self, kind: Kind, values: Texts, at: Ints) -> list[Any] | None:
        """The events, read at once as lines; None where some value needs a look of its own.

        Each value begins with { and ends with }, and there are as many lines with something in them as there are values:
        so each value is one line.
        """
        lines = values.plain_lines(at, self._settings.feed.max_message_bytes)
        if lines is None:
            return None
        try:
            events = kind.read_lines(lines)
        except msgspec.MsgspecError:
            return None
        return events if len(events) == len(at) else None

    def _read_singly(
        self, kind: Kind, records: RecordColumns, at: Ints, events: Sequence[Any], currency: str
    ) -> Dated | None:
        """Some need the careful look: so each is judged by itself."""
        kept: list[int] = []
        taken: list[Any] = []
        careful: set[int] = set()
        for index, event in zip(at.tolist(), events, strict=True):
            if event is None or not self._is_plain(kind, event, int(records.timestamps_ms[index]), currency):
                event = self._look_carefully(kind, records[index], currency)
                if event is None:
                    continue
                careful.add(len(kept))
            kept.append(index)
            taken.append(event)
        if not kept:
            return None
        plain = kind.effects(taken, "").plain
        if not plain.all():
            wrong = kept[int(np.argmin(plain))]
            raise RuntimeError(f"{records.topic} at offset {records.offsets[wrong]}: accepted, but without an effect")
        times = _times([event.occurred_at for event in taken])
        return Dated.of(StructSource(kind, taken, times, frozenset(careful)), np.array(kept, dtype=np.int64))

    def _is_plain(self, kind: Kind, event: Any, received_ms: int, currency: str) -> bool:
        at_ms = int(read_times([event.occurred_at])[0])
        in_time = self._earliest_ms < at_ms < min(self._latest_ms, received_ms + self._future_ms)
        return in_time and bool(kind.effects([event], currency).plain[0])

    def _look_carefully(self, kind: Kind, record: Record, currency: str) -> Any:
        """The event as the authority reads it; None when it was refused and is buried."""
        try:
            trusted = parse(kind.authority, record, self._settings)
            if isinstance(trusted, Order) and currency and trusted.currency != currency:
                raise foreign_currency(trusted.currency, currency)
        except RefusedError as refused:
            self._bury(record, refused)
            return None
        return kind.from_authority(trusted)


def foreign_currency(currency: str, expected: str) -> RefusedError:
    return RefusedError("foreign_currency", f"{currency} where the company's orders are in {expected}", "currency")


def has_escapes(text: bytes) -> bool:
    """Whether there is a character that needs a look: an escape, or DEL."""
    return b"\\" in text or b"\x7f" in text


def is_plain(value: bytes | None, most_bytes: int) -> bool:
    """Whether the fast reader may have it: it is there, not too long, and without escapes."""
    return value is not None and 0 < len(value) <= most_bytes and not has_escapes(value)


def _decode_one(kind: Kind, value: bytes | None, most_bytes: int) -> Any:
    if is_plain(value, most_bytes):
        try:
            return kind.read(value or b"")
        except msgspec.MsgspecError:
            return None
    return None


def _times(texts: Sequence[str]) -> NDArray[np.int64]:
    """As `read_times`, of times that are known to be good, in whatever form."""
    times = read_times(texts)
    for i in np.flatnonzero(times == UNREAD).tolist():
        times[i] = ms_of(datetime.fromisoformat(texts[i]))
    return times
