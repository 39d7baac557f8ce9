"""The open pages of a batch: loaded once, said as account days of their regions, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountDays, DayTotals
from streams.handlers.activity.known_ids import Ids, KnownIds, ids_of
from streams.handlers.activity.memory import Memory, Watermark
from streams.handlers.activity.pages import EPOCH_ORDINAL, PAGE_PREFIX, Page, Totals, decode_page, encode_page, page_key
from streams.handlers.activity.sightings import ENTRY_BYTES, ID_BYTES, Sighting, look_up
from streams.ports import Store

MOST_DAYS = 5_000
"""Account days in one message of a region's log: some 300 kB."""
AT_ONCE = 16_000_000
"""Bytes of entries held while the ids of a store are collected."""


class Book:
    """Pages of one partition. `watermark` knows between which numbers pages exist.

    `pages` are open, by number and account. `touched` are account days to be said, changed or not, by day and account.
    """

    def __init__(self, store: Store, memory: Memory, watermark: Watermark) -> None:
        self._store = store
        self._memory = memory
        self._watermark = watermark
        self.pages: defaultdict[int, dict[str, Page]] = defaultdict(dict)
        self.touched: defaultdict[int, dict[str, Page]] = defaultdict(dict)
        self._ids = ids_in(store)

    def open(self, account_id: str, number: int) -> Page | None:
        """Open the page of a known account; None where nobody knows the account."""
        raw = self._store.get(page_key(account_id, number))
        if raw is not None:
            page = decode_page(raw)
        else:
            account = self._memory.account(account_id)
            if account is None:
                return None
            page = Page(account.region_id, bytearray(), {})
            self._widen(number)
        self.pages[number][account_id] = page
        return page

    def doubtful(self, digests: bytes) -> NDArray[np.bool_]:
        """Of the ids (8 bytes each) of a batch: those that are known, or stand before in the same batch."""
        ids = ids_of(digests)
        doubtful = self._ids.hold(ids)
        first = np.unique(ids, return_index=True)[1]
        if len(first) < len(ids):
            again = np.ones(len(ids), dtype=np.bool_)
            again[first] = False
            doubtful |= again
        return doubtful

    def sight(self, page: Page, entry: bytes, accepted: Sequence[bytes]) -> Sighting:
        """What an event is whose id is doubtful. `accepted` are the ids of this batch that have been applied."""
        sighting = look_up(page.seen, entry)
        if sighting is not Sighting.NEW:
            return sighting
        identity = entry[:ID_BYTES]
        elsewhere = identity in accepted or bool(self._ids.hold(ids_of(identity))[0])
        return Sighting.CONFLICT if elsewhere else Sighting.NEW

    def remember(self, digests: bytes) -> None:
        """Ids that were applied."""
        self._ids.add(ids_of(digests))

    def move(self, account_id: str, region_id: str) -> None:
        """The account has come to another region: its whole history is said there."""
        for number in range(self._watermark.first_page, self._watermark.last_page + 1):
            page = self.pages[number].get(account_id) or self._stored(account_id, number)
            if page is not None:
                page.region_id = region_id
                self.pages[number][account_id] = page
                for day in page.days:
                    self.touched[day][account_id] = page

    def said(self) -> list[AccountDays]:
        """The days touched since the last call: by region, oldest day first."""
        by_region: dict[str, list[DayTotals]] = {}
        for day, pages in sorted(self.touched.items()):
            ordinal = day + EPOCH_ORDINAL
            for account_id, page in pages.items():
                told = by_region.get(page.region_id)
                if told is None:
                    told = by_region[page.region_id] = []
                told.append(day_totals(account_id, ordinal, page.days.get(day)))
        self.touched.clear()
        return [
            AccountDays(region_id, tuple(days[start : start + MOST_DAYS]))
            for region_id, days in by_region.items()
            for start in range(0, len(days), MOST_DAYS)
        ]

    def close(self) -> None:
        """Write every open page into the memory."""
        for number, pages in self.pages.items():
            for account_id, page in pages.items():
                self._memory.put(page_key(account_id, number), encode_page(page))
        self.pages.clear()

    def _stored(self, account_id: str, number: int) -> Page | None:
        raw = self._store.get(page_key(account_id, number))
        return decode_page(raw) if raw is not None else None

    def _widen(self, number: int) -> None:
        mark = self._watermark
        if mark.last_page < mark.first_page:
            mark.first_page = mark.last_page = number
        mark.first_page = min(mark.first_page, number)
        mark.last_page = max(mark.last_page, number)


def ids_in(store: Store) -> KnownIds:
    """Every id in every page."""
    known = KnownIds()
    seen: list[bytearray] = []
    size = 0
    for key, value in store.items():
        if key.startswith(PAGE_PREFIX):
            seen.append(decode_page(value).seen)
            size += len(seen[-1])
        if size > AT_ONCE:
            known.add(_identities(seen))
            seen, size = [], 0
    known.add(_identities(seen))
    return known


def _identities(seen: Sequence[bytearray]) -> Ids:
    entries = np.frombuffer(b"".join(seen), dtype=np.uint8).reshape(-1, ENTRY_BYTES)
    return ids_of(entries[:, :ID_BYTES].tobytes())


def day_totals(account_id: str, ordinal: int, totals: Totals | None) -> DayTotals:
    """A day as a region hears it; without totals it is nothing, as after a cancelled order alone."""
    if totals is None:
        return DayTotals(account_id, ordinal)
    return DayTotals(
        account_id,
        ordinal,
        totals.revenue_cents,
        totals.orders,
        totals.visits,
        totals.visit_minutes,
        totals.travel_minutes,
    )
