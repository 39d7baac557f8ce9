"""The pages of a partition, and the ids of all events in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.region_log import AccountDays, DayTotals
from streams.changes import Changes
from streams.handlers.activity.known_ids import Ids, KnownIds, ids_of
from streams.handlers.activity.memory import Memory, Watermark
from streams.handlers.activity.pages import PAGE_PREFIX, days_in, entries_in, moved, page_keys
from streams.handlers.activity.sightings import ENTRY_BYTES, ID_BYTES
from streams.ports import Store
from streams.texts import Texts

MOST_DAYS = 5_000
"""Account days in one message of a region's log: some 300 kB."""
AT_ONCE = 16_000_000
"""Bytes of entries held while the ids of a store are collected."""


class Book:
    """Pages of one partition. `watermark` knows between which numbers pages exist."""

    def __init__(self, store: Store, memory: Memory, watermark: Watermark) -> None:
        self._memory = memory
        self._watermark = watermark
        self._moved: defaultdict[int, dict[str, tuple[str, DayTotals]]] = defaultdict(dict)
        self._ids = ids_in(store)

    def pages(self, keys: Texts) -> Texts:
        """The values of pages as they were before this batch."""
        return self._memory.pages(keys)

    def beginnings(self, accounts: Texts) -> Texts:
        """Of each account a value that begins as its empty page does; None where nobody knows the account."""
        return self._memory.values_of(accounts)

    def beginning(self, account: bytes) -> bytes | None:
        """As `beginnings`, of one."""
        return self._memory.value_of(account)

    def keep(self, pages: Changes) -> None:
        """Write the pages of a batch into the memory."""
        self._memory.put_pages(pages)

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
        numbers = range(self._watermark.first_page, self._watermark.last_page + 1)
        keys = page_keys(Texts.of([account_id.encode()] * len(numbers)), np.array(numbers, dtype=np.int64))
        for number, key in zip(numbers, keys, strict=True):
            page = self._memory.get(key) if key else None
            if key and page:
                self._memory.put(key, moved(page, region_id))
                for day in days_in(page, account_id, number):
                    self._moved[day.day][account_id] = region_id, day

    def said(self) -> list[AccountDays]:
        """The days of accounts that moved since the last call: by region, oldest day first."""
        by_region: defaultdict[str, list[DayTotals]] = defaultdict(list)
        for _, told in sorted(self._moved.items()):
            for region_id, day in told.values():
                by_region[region_id].append(day)
        self._moved.clear()
        return account_days(by_region)


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
    seen: list[bytes] = []
    size = 0
    for key, value in store.items():
        if key.startswith(PAGE_PREFIX):
            seen.append(entries_in(value))
            size += len(seen[-1])
        if size > AT_ONCE:
            known.add(_identities(seen))
            seen, size = [], 0
    known.add(_identities(seen))
    return known


def _identities(seen: Sequence[bytes]) -> Ids:
    entries = np.frombuffer(b"".join(seen), dtype=np.uint8).reshape(-1, ENTRY_BYTES)
    return ids_of(entries[:, :ID_BYTES].tobytes())
