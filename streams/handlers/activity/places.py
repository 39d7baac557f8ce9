"""Where the events of a batch belong: their accounts, days and pages, looked up once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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
from streams.texts import Texts

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

    accounts: Texts
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

    keys: Texts
    values: Texts
    fresh: NDArray[np.bool_]


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
    codes, numbers = places.page_codes, places.page_numbers
    keys = page_keys(places.accounts.some(codes), numbers)
    values = book.pages(keys)
    fresh = values.ends < 0
    missing = np.flatnonzero(fresh)
    beginnings = book.beginnings(places.accounts.some(codes[missing]))
    values = _filled(values, missing, beginnings)
    if len(numbers):
        book.widen(int(numbers.min()), int(numbers.max()))
    unknown = missing[beginnings.ends < 0].tolist()
    made: dict[int, bytes | None] = dict.fromkeys(unknown)
    for first, page in sorted((int(places.by_page[places.bounds[page]]), page) for page in unknown):
        made[page] = _beginning_made(places, int(codes[page]), first, dated, records, book, accounts, voice)
    if made:
        values = _filled(values, np.array(unknown), Texts.of(list(made.values())))
    there = np.flatnonzero(~np.isin(codes, list(places.refused)))
    return Found(keys.some(there), values.some(there), fresh[there])


def _filled(texts: Texts, at: Ints, others: Texts) -> Texts:
    """The texts, with others at some places."""
    which = np.arange(len(texts))
    which[at] = len(texts) + np.arange(len(others))
    return Texts.together([texts, others]).some(which)


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
    name, index = places.accounts.text(code), int(dated.at[first])
    if code in places.refused:
        return None
    beginning = book.beginning(name)
    if beginning is None:
        try:
            with voice.aside() as said:
                accounts.known(name.decode(), dated.occurred_at(first), records[index])
        except RefusedError as refused:
            places.refused[code] = refused
            return None
        places.asides.append((index, said))
        beginning = book.beginning(name)
    if beginning is None:
        raise RuntimeError(f"account {name.decode()!r} was made and is not known")
    return beginning
