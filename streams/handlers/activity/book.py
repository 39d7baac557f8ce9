"""The open pages of a batch: loaded once, said as account days of their regions, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountDays, DayTotals
from streams.handlers.activity.known_ids import Ids, KnownIds, ids_of
from streams.handlers.activity.memory import Memory, Watermark
from streams.handlers.activity.pages import EPOCH_ORDINAL, PAGE_PREFIX, Page, Totals, decode_page, encode_page, page_key
from streams.handlers.activity.sightings import ENTRY_BYTES, ID_BYTES
from streams.ports import Store

MOST_DAYS = 5_000
"""Account days in one message of a region's log: some 300 kB."""
AT_ONCE = 16_000_000
"""Bytes of entries held while the ids of a store are collected."""


class Book:
    """Pages of one partition. `watermark` knows between which numbers pages exist."""

    def __init__(self, store: Store, memory: Memory, watermark: Watermark) -> None:
        self._store = store
        self._memory = memory
        self._watermark = watermark
        self._pages: dict[bytes, Page] = {}
        self._moved: defaultdict[int, dict[str, Page]] = defaultdict(dict)
        self._ids = ids_in(store)

    def open(self, account_id: str, number: int) -> Page | None:
        """Open the page of a known account; None where nobody knows the account."""
        key = page_key(account_id, number)
        page = self._pages.get(key) or self._stored(key)
        if page is None:
            region_id = self._memory.region_of(account_id)
            if region_id is None:
                return None
            page = Page(region_id, bytearray(), {})
        self._pages[key] = page
        return page

    def widen(self, first: int, last: int) -> None:
        """Pages of these numbers, and of those between, may exist now."""
        mark = self._watermark
        if mark.last_page < mark.first_page:
            mark.first_page, mark.last_page = first, last
        mark.first_page, mark.last_page = min(mark.first_page, first), max(mark.last_page, last)

    def known(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of the ids this partition has ever accepted."""
        return self._ids.hold(ids)

    def remember(self, ids: Ids) -> None:
        """Ids that were applied."""
        self._ids.add(ids)

    def move(self, account_id: str, region_id: str) -> None:
        """The account has come to another region: its whole history is said there."""
        for number in range(self._watermark.first_page, self._watermark.last_page + 1):
            key = page_key(account_id, number)
            page = self._pages.get(key) or self._stored(key)
            if page is not None:
                page.region_id = region_id
                self._pages[key] = page
                for day in page.days:
                    self._moved[day][account_id] = page

    def said(self) -> list[AccountDays]:
        """The days of accounts that moved since the last call: by region, oldest day first."""
        by_region: dict[str, list[DayTotals]] = {}
        for day, pages in sorted(self._moved.items()):
            for account_id, page in pages.items():
                told = by_region.setdefault(page.region_id, [])
                told.append(day_totals(account_id, day + EPOCH_ORDINAL, page.days.get(day)))
        self._moved.clear()
        return account_days(by_region)

    def close(self) -> None:
        """Write every open page into the memory."""
        for key, page in self._pages.items():
            self._memory.put(key, encode_page(page))
        self._pages.clear()

    def _stored(self, key: bytes) -> Page | None:
        raw = self._store.get(key)
        return decode_page(raw) if raw is not None else None


def account_days(by_region: Mapping[str, Sequence[DayTotals]]) -> list[AccountDays]:
    """The messages that say these days."""
    return [
        AccountDays(region_id, tuple(days[start : start + MOST_DAYS]))
        for region_id, days in by_region.items()
        for start in range(0, len(days), MOST_DAYS)
    ]


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
