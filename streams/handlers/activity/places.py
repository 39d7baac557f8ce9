"""Where the events of a batch belong: their accounts, days and pages, opened once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from schemas.errors import RefusedError
from streams.columns import RecordColumns
from streams.handlers.activity.accounts import Accounts
from streams.handlers.activity.book import Book
from streams.handlers.activity.clock import MS_PER_DAY
from streams.handlers.activity.heard import Dated
from streams.handlers.activity.ordering import runs, stable_order
from streams.handlers.activity.pages import PAGE_DAYS, Page
from streams.handlers.activity.times import Ints
from streams.handlers.activity.voice import Voice
from streams.ports import Emit

SPAN, MIDDLE = 1 << 20, 1 << 19
"""Of page numbers, which may be negative: so many a page key leaves to each account."""


@dataclass(slots=True)
class Places:
    """`codes` number the `accounts` in the order of their first event; `page_keys` name the `pages` of this batch.

    `by_page` are the numbers of the events, page by page and by offset.

    `asides` is what must be said before the days of accounts that were made, by the index of the record that made them.
    `refused` are the codes of accounts nobody knows and nobody may make, each with the reason.
    """

    accounts: list[str]
    codes: Ints
    days: Ints
    page_keys: Ints
    by_page: Ints
    pages: dict[int, Page] = field(default_factory=dict)
    asides: list[tuple[int, list[Emit]]] = field(default_factory=list)
    refused: dict[int, RefusedError] = field(default_factory=dict)

    def regions(self) -> list[str]:
        """The region of each account, by code."""
        regions = [""] * len(self.accounts)
        for key, page in self.pages.items():
            regions[key // SPAN] = page.region_id
        return regions


def places_of(dated: Dated) -> Places:
    """Of each event; nothing is opened yet."""
    days = dated.times // MS_PER_DAY
    page_keys = dated.codes * SPAN + (days // PAGE_DAYS + MIDDLE)
    return Places(dated.accounts, dated.codes, days, page_keys, stable_order(page_keys))


def open_pages(
    places: Places, dated: Dated, records: RecordColumns, book: Book, accounts: Accounts, voice: Voice
) -> None:
    """Open the page of every event. An account nobody knows is made by its first event, or refused."""
    keys, starts = runs(places.page_keys[places.by_page])
    unknown: list[tuple[int, int]] = []
    numbers = keys % SPAN - MIDDLE
    pages, names = places.pages, places.accounts
    for key, code, number, start in zip(
        keys.tolist(), (keys // SPAN).tolist(), numbers.tolist(), starts.tolist(), strict=True
    ):
        page = book.open(names[code], number)
        if page is None:
            unknown.append((int(places.by_page[start]), key))
        else:
            pages[key] = page
    if len(numbers):
        book.widen(int(numbers.min()), int(numbers.max()))
    for first, key in sorted(unknown):
        _open_unknown(places, key, first, dated, records, book, accounts, voice)


def _open_unknown(
    places: Places,
    key: int,
    first: int,
    dated: Dated,
    records: RecordColumns,
    book: Book,
    accounts: Accounts,
    voice: Voice,
) -> None:
    """Let the event `first` make the account of this page, if none before it has."""
    code, number = divmod(key, SPAN)
    account, index = places.accounts[code], int(dated.at[first])
    if code in places.refused:
        return
    page = book.open(account, number - MIDDLE)
    if page is None:
        try:
            with voice.aside() as said:
                accounts.known(account, dated.occurred_at(first), records[index])
        except RefusedError as refused:
            places.refused[code] = refused
            return
        places.asides.append((index, said))
        page = book.open(account, number - MIDDLE)
    if page is None:
        raise RuntimeError(f"account {account!r} was made and is not known")
    places.pages[key] = page


def kept(places: Places) -> list[int]:
    """The events whose account is not refused."""
    keep: list[int] = np.flatnonzero(~np.isin(places.codes, list(places.refused))).tolist()
    return keep


def narrowed(places: Places) -> Places:
    """Only the events that are kept."""
    numbers = kept(places)
    page_keys = places.page_keys[numbers]
    return replace(
        places,
        codes=places.codes[numbers],
        days=places.days[numbers],
        page_keys=page_keys,
        by_page=stable_order(page_keys),
        refused={},
    )
