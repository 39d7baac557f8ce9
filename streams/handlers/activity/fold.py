"""The fold of orders and visits at the rate they come: read, checked, seen once, added to their day, said as a row.

A batch is folded in columns: what can be done for all events at once is (see `reading`, `sightings`, `passage`), and Python
loops only over what is left: finding pages, and the few events that need a look. The result is that of hearing
record by record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas.errors import RefusedError
from schemas.region_log import AccountDaysWritten
from schemas.row_ranges import SourceSpan
from schemas.settings import Settings
from schemas.topics import TICK_KEY
from streams.columns import RecordColumns
from streams.handlers.activity.accounts import Accounts
from streams.handlers.activity.book import Book
from streams.handlers.activity.clock import PartitionClock
from streams.handlers.activity.dated import ORDER, Kind
from streams.handlers.activity.days_said import DaysSaid
from streams.handlers.activity.heard import Dated
from streams.handlers.activity.open_pages import OpenPages
from streams.handlers.activity.passage import Passage
from streams.handlers.activity.places import Places, find_pages, places_of
from streams.handlers.activity.reading import DatedReader, foreign_currency
from streams.handlers.activity.repetitions import sight
from streams.handlers.activity.sightings import entries_of
from streams.handlers.activity.voice import MOST_ROWS, Voice
from streams.ports import Emit, Record

NO_EVENTS = np.empty(0, dtype=np.int64)
NONE_AGAIN = np.empty(0, dtype=np.bool_)


class DatedFold:
    """Orders and visits of one partition. `must_mark`: the mark of the present closing may have been lost in a crash."""

    def __init__(self, accounts: Accounts, book: Book, clock: PartitionClock, voice: Voice, settings: Settings) -> None:
        self._accounts = accounts
        self._book = book
        self._clock = clock
        self._voice = voice
        self._configured_currency = settings.company.currency
        self._reader = DatedReader(settings, voice.bury)
        self.must_mark = False

    def take(self, kind: Kind, records: Sequence[Record]) -> None:
        """Fold a batch of one topic, ticks among it."""
        self._fold(kind, RecordColumns.of(records))

    def mark(self) -> None:
        """Tell every region which day is over here, after everything that belongs to it."""
        closed = self._clock.closed
        if closed is not None:
            self._voice.tell_closed(closed)
        self.must_mark = False

    @property
    def _currency(self) -> str:
        """The currency orders must have; "" before the first order where the first one decides."""
        return self._clock.watermark.currency or (
            "" if self._configured_currency == "auto" else self._configured_currency
        )

    def _fold(self, kind: Kind, records: RecordColumns) -> None:
        ticks = records.keys.equal_to(TICK_KEY)
        self._voice.output.count("ticks", records.topic, len(ticks))
        at = np.delete(np.arange(len(records)), ticks) if ticks else np.arange(len(records))
        dated = self._reader.read(kind, records, at, self._currency) if len(at) else None
        if dated is not None and kind is ORDER and not self._currency:
            dated = self._with_first_currency(dated, records)
        passage = Passage(records.topic, self._clock)
        places = found = None
        if dated is not None:
            places = places_of(dated)
            found = find_pages(places, dated, records, self._book, self._accounts, self._voice)
            if places.refused:
                dated, places = self._without_strangers(dated, places, records)
        if dated is not None and places is not None and found is not None and len(dated.at):
            self._fold_events(kind, records, ticks, dated, places, OpenPages.of(found), passage)
        else:
            passage.go(ticks, lambda tick: self._reader.tick_ms(records[tick]), NO_EVENTS, NO_EVENTS, NONE_AGAIN)
            self._say(passage, [], [])
        if passage.ends:
            self.must_mark = False
            self._voice.say_clock(self._clock.watermark.closed, self._clock.watermark_seconds)
        self.must_mark |= passage.must_mark

    def _fold_events(
        self,
        kind: Kind,
        records: RecordColumns,
        ticks: list[int],
        dated: Dated,
        places: Places,
        pages: OpenPages,
        passage: Passage,
    ) -> None:
        ids = dated.ids
        entries = entries_of(ids, dated.contents, records.offsets[dated.at])
        sighted = sight(self._book.known(ids), ids, entries, places.page_of, pages.seen)
        for number in sighted.conflicts:
            self._voice.bury(records[int(dated.at[number])], _conflict(dated.event_id(number)))
        moving = sighted.new | sighted.again
        passage.go(
            ticks,
            lambda tick: self._reader.tick_ms(records[tick]),
            dated.at[moving],
            dated.times[moving],
            sighted.again[moving],
        )
        for number in np.flatnonzero(sighted.again).tolist():
            places.asides.append(self._repeat(dated, number, records))
        epochs = passage.epochs(dated.at)
        late = sighted.new & (places.days <= np.array(passage.closed)[epochs])
        days = DaysSaid.of(places, sighted, epochs)
        self._book.keep(pages.folded(dated, places, sighted, entries, days))
        self._book.remember(ids[sighted.new])
        self._say(passage, places.asides, days.messages(pages.region_of, pages.regions))
        self._say_rows(kind, records, dated, places, pages, np.flatnonzero(moving))
        self._voice.output.count("late_events", records.topic, int(late.sum()))
        self._voice.output.count("duplicates", records.topic, sighted.duplicates)

    def _with_first_currency(self, dated: Dated, records: RecordColumns) -> Dated:
        """The first order of an account that is or may be known decides; those in another currency are buried."""
        takes = [self._accounts.takes(account.decode()) for account in dated.accounts if account is not None]
        taken = [number for number, code in enumerate(dated.codes.tolist()) if takes[code]]
        if not taken:
            return dated
        currency = self._clock.watermark.currency = dated.currency(taken[0])
        foreign = [number for number in taken if dated.currency(number) != currency]
        for number in foreign:
            refused = foreign_currency(dated.currency(number), currency)
            self._voice.bury(records[int(dated.at[number])], refused)
        return dated.only(sorted(set(range(len(dated.at))).difference(foreign))) if foreign else dated

    def _without_strangers(self, dated: Dated, places: Places, records: RecordColumns) -> tuple[Dated, Places]:
        """Without the events of unknown accounts that may not be made; these are buried."""
        for number, code in enumerate(places.codes.tolist()):
            if code in places.refused:
                self._voice.bury(records[int(dated.at[number])], places.refused[code])
        left = dated.only(places.kept())
        return left, replace(places_of(left), asides=places.asides)

    def _repeat(self, dated: Dated, number: int, records: RecordColumns) -> tuple[int, list[Emit]]:
        """A record that came again after a crash: what it once caused to be said of its account may have been lost."""
        index = int(dated.at[number])
        with self._voice.aside() as said:
            self._accounts.known(dated.account_id(number), dated.occurred_at(number), records[index])
        return index, said

    def _say(
        self, passage: Passage, asides: list[tuple[int, list[Emit]]], days: Sequence[Sequence[AccountDaysWritten]]
    ) -> None:
        """Epoch by epoch: accounts that were made, the days touched, and the mark of the day that is over."""
        asides.sort(key=lambda aside: aside[0])
        done = 0
        for epoch, end in enumerate([*passage.ends, None]):
            while done < len(asides) and (end is None or asides[done][0] <= end):
                self._voice.output.emits += asides[done][1]
                done += 1
            for message in days[epoch] if epoch < len(days) else ():
                self._voice.tell(message.region_id, message)
            if end is not None:
                self._voice.tell_closed(passage.marks[epoch])

    def _say_rows(
        self,
        kind: Kind,
        records: RecordColumns,
        dated: Dated,
        places: Places,
        pages: OpenPages,
        numbers: NDArray[np.int64],
    ) -> None:
        """The rows of accepted events, some in a record; a restored event has its row already."""
        if records.headers is not None:
            fresh = [number for number in numbers.tolist() if not records.is_restored(int(dated.at[number]))]
            numbers = np.array(fresh, dtype=np.int64)
        source = f'{json.dumps(self._voice.log_id)},"{records.topic}",{self._voice.partition}'
        middles = [f"{json.dumps(region)},{source}" for region in pages.regions]
        for start in range(0, len(numbers), MOST_ROWS):
            some = numbers[start : start + MOST_ROWS]
            codes, offsets = pages.region_of[places.page_of[some]], records.offsets[dated.at[some]]
            span = SourceSpan(records.topic, self._voice.partition, int(offsets[0]), int(offsets[-1]), len(some))
            self._voice.say_rows(kind.table, kind.columns, dated.rows(some, codes, middles, offsets), span)


def _conflict(event_id: str) -> RefusedError:
    return RefusedError("duplicate_id", f"{event_id!r} was seen before with other content", "event_id")
