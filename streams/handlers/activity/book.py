"""The open pages of a batch: loaded once, said as account days of their regions, written once."""

from __future__ import annotations

from collections import defaultdict

from schemas.region_log import AccountDays, DayTotals
from streams.handlers.activity.memory import Memory, Watermark
from streams.handlers.activity.pages import EPOCH_ORDINAL, Page, Totals, decode_page, encode_page, page_key
from streams.ports import Store

MOST_DAYS = 5_000
"""Account days in one message of a region's log: some 300 kB."""


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
