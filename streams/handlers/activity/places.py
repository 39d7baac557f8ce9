"""Where the events of a batch belong: their accounts, days and pages, looked up once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from schemas.errors import RefusedError
from streams.columns import RecordColumns
from streams.handlers.activity.accounts import Accounts
from streams.handlers.activity.book import Book
from streams.handlers.activity.clock import MS_PER_DAY
from streams.handlers.activity.heard import Dated
from streams.handlers.activity.ordering import runs, stable_order
from streams.handlers.activity.pages import PAGE_DAYS, page_keys
from streams.handlers.activity.times import Ints
from streams.handlers.activity.voice import Voice
from streams.ports import Emit

SPAN, MIDDLE = 1 << 20, 1 << 19
"""Of page numbers, which may be negative: so many numbers each account has."""


@dataclass(slots=True)
class Places:
    """`codes` number the `accounts` in the order of their first event; `page_of` numbers the pages of this batch.

    `by_page` are the numbers of the events, page by page and by offset, those of page i from `bounds[i]` to `bounds[i + 1]`;
    `page_codes` and `page_numbers` say which account and which 32 days a page is of.

    `asides` is what must be said before the days of accounts that were made, by the index of the record that made them.
    `refused` are the codes of accounts nobody knows and nobody may make, each with the reason.
    """

    accounts: list[bytes]
    codes: Ints
    days: Ints
    page_of: Ints
    by_page: Ints
    bounds: Ints
    page_codes: Ints
    page_numbers: Ints
    asides: list[tuple[int, list[Emit]]] = field(default_factory=list)
    refused: dict[int, RefusedError] = field(default_factory=dict)

    def kept(self) -> list[int]:
        """The events whose account is not refused."""
        keep: list[int] = np.flatnonzero(~np.isin(self.codes, list(self.refused))).tolist()
        return keep


@dataclass(frozen=True, slots=True)
class Found:
    """The pages of some places as they were: key and value of each. A page that is not there yet is `fresh`: its value is its account's."""

    keys: list[bytes]
    values: list[bytes]
    fresh: list[bool]


def places_of(dated: Dated) -> Places:
    """Of each event; nothing is looked up yet."""
    codes, days = dated.codes, dated.times // MS_PER_DAY
    page_keys = codes * SPAN + (days // PAGE_DAYS + MIDDLE)
    by_page = stable_order(page_keys)
    keys, starts = runs(page_keys[by_page])
    bounds = np.append(starts, len(codes))
    page_of = np.empty(len(codes), dtype=np.int64)
    page_of[by_page] = np.repeat(np.arange(len(keys)), np.diff(bounds))
    return Places(dated.accounts, codes, days, page_of, by_page, bounds, keys // SPAN, keys % SPAN - MIDDLE)


def find_pages(
    places: Places, dated: Dated, records: RecordColumns, book: Book, accounts: Accounts, voice: Voice
) -> Found:
    """The page of every event, without those of accounts that are refused. An account nobody knows is made by its first event."""
    names = places.accounts
    codes, numbers = places.page_codes.tolist(), places.page_numbers.tolist()
    keys = page_keys([names[code] for code in codes], numbers)
    values = book.pages(keys)
    fresh = [value is None for value in values]
    missing = [page for page, is_fresh in enumerate(fresh) if is_fresh]
    beginnings = book.beginnings([names[codes[page]] for page in missing])
    for page, beginning in zip(missing, beginnings, strict=True):
        values[page] = beginning
    if numbers:
        book.widen(min(numbers), max(numbers))
    unknown = [page for page in missing if values[page] is None]
    for first, page in sorted((int(places.by_page[places.bounds[page]]), page) for page in unknown):
        values[page] = _beginning_made(places, codes[page], first, dated, records, book, accounts, voice)
    there = [page for page, code in enumerate(codes) if code not in places.refused]
    return Found(
        [keys[page] for page in there], [values[page] or b"" for page in there], [fresh[page] for page in there]
    )


def _beginning_made(
    places: Places,
    code: int,
    first: int,
    dated: Dated,
    records: RecordColumns,
    book: Book,
    accounts: Accounts,
    voice: Voice,
) -> bytes | None:
    """Let the event `first` make its account, if none before it has. None where that is refused."""
    name, index = places.accounts[code], int(dated.at[first])
    if code in places.refused:
        return None
    (beginning,) = book.beginnings([name])
    if beginning is None:
        try:
            with voice.aside() as said:
                accounts.known(name.decode(), dated.occurred_at(first), records[index])
        except RefusedError as refused:
            places.refused[code] = refused
            return None
        places.asides.append((index, said))
        (beginning,) = book.beginnings([name])
    if beginning is None:
        raise RuntimeError(f"account {name.decode()!r} was made and is not known")
    return beginning
