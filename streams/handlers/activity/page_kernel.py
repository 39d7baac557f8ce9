"""The pages of a batch changed in a compiled loop: each is read, gets its new events, and is written anew. See `pages`."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from streams.handlers.activity.pages import COUNT_BYTES, DAY, PAGE_DAYS, VISITED
from streams.handlers.activity.sightings import ENTRY_BYTES

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_DAY, _VISITED = DAY.itemsize, VISITED.itemsize
_CENTS, _ORDERS, _VISITS = range(3)
_LAST_PLACE = PAGE_DAYS - 1
MOST_ADDED = _DAY + _VISITED + ENTRY_BYTES
"""Bytes that one event adds to its page, at most."""


@numba.njit(cache=True)
def fold_pages(
    old: Bytes, starts: Ints, counts_at: Ints, ends: Ints, by_page: Ints, bounds: Ints, days: Ints, new: Flags, entry_of: Ints,
    added: Ints, minutes: Floats, sightings: Bytes, said: Ints, said_minutes: Floats, pages: Bytes, page_ends: Ints,
) -> None:  # fmt: skip
    """Write the pages `old[starts[i]:ends[i]]` into `pages` up to `page_ends[i]`, with the events `by_page[bounds[i]:bounds[i + 1]]`.

    A page that ends where its counts would be is empty. `days` and `new` are of all events, as are the rows of `added` (cents,
    orders, visits), `minutes` (there and on the way; no rows where nobody visits) and `sightings`. `entry_of` an event is the
    row of `said` and `said_minutes` that gets the totals of its day; below 0 for an event that says nothing.
    """
    totals = np.zeros((PAGE_DAYS, 3), dtype=np.int64)
    spent = np.zeros((PAGE_DAYS, 2), dtype=np.float64)
    there = np.zeros(PAGE_DAYS, dtype=np.bool_)
    to = 0
    for page in range(len(starts)):
        there[:] = False
        rest = _read_days(old, counts_at[page], ends[page], totals, spent, there)
        for at in range(bounds[page], bounds[page + 1]):
            event = by_page[at]
            if entry_of[event] < 0:
                continue
            place = days[event] & _LAST_PLACE
            if not there[place]:
                there[place] = True
                totals[place] = 0
                spent[place] = 0.0
            if new[event]:
                totals[place] += added[event]
                if len(minutes):
                    spent[place] += minutes[event]
            said[entry_of[event]] = totals[place]
            said_minutes[entry_of[event]] = spent[place]
        to = _copy(old, starts[page], counts_at[page], pages, to)
        to = _write_days(totals, spent, there, pages, to)
        to = _copy(old, rest, ends[page], pages, to)
        for at in range(bounds[page], bounds[page + 1]):
            if new[by_page[at]]:
                to = _copy(sightings, by_page[at] * ENTRY_BYTES, (by_page[at] + 1) * ENTRY_BYTES, pages, to)
        page_ends[page] = to


@numba.njit(cache=True)
def _read_days(old: Bytes, at: int, end: int, totals: Ints, spent: Floats, there: Flags) -> int:
    """The days of a page, and where its entries begin."""
    if at == end:
        return end
    days, visited = np.int64(old[at]), np.int64(old[at + 1])
    at += COUNT_BYTES
    for _ in range(days):
        place = old[at]
        there[place] = True
        totals[place, _CENTS] = np.int64(_word(old, at + 1, 8))
        totals[place, _ORDERS] = np.int64(_word(old, at + 9, 4))
        totals[place, _VISITS] = 0
        spent[place] = 0.0
        at += _DAY
    for _ in range(visited):
        place = old[at]
        totals[place, _VISITS] = np.int64(_word(old, at + 1, 4))
        spent[place, 0], spent[place, 1] = _float(old, at + 5), _float(old, at + 13)
        at += _VISITED
    return at


@numba.njit(cache=True)
def _write_days(totals: Ints, spent: Floats, there: Flags, pages: Bytes, to: int) -> int:
    counts = to
    to += COUNT_BYTES
    days = visited = 0
    for place in range(PAGE_DAYS):
        if there[place]:
            pages[to] = place
            _put_word(pages, to + 1, np.uint64(totals[place, _CENTS]), 8)
            _put_word(pages, to + 9, np.uint64(totals[place, _ORDERS]), 4)
            to += _DAY
            days += 1
    for place in range(PAGE_DAYS):
        if there[place] and totals[place, _VISITS]:
            pages[to] = place
            _put_word(pages, to + 1, np.uint64(totals[place, _VISITS]), 4)
            _put_float(pages, to + 5, spent[place, 0])
            _put_float(pages, to + 13, spent[place, 1])
            to += _VISITED
            visited += 1
    pages[counts], pages[counts + 1] = days, visited
    return to


@numba.njit(cache=True, inline="always")
def _copy(old: Bytes, start: int, end: int, pages: Bytes, to: int) -> int:
    first, size, there = np.uint64(start), np.uint64(end - start), np.uint64(to)
    for step in range(size):  # without a sign, bytes are copied many at once: an index with one may count from the end
        pages[there + step] = old[first + step]
    return to + end - start


@numba.njit(cache=True, inline="always")
def _word(old: Bytes, at: int, size: int) -> np.uint64:
    word, first = np.uint64(0), np.uint64(at)
    for place in range(np.uint64(size)):
        word |= np.uint64(old[first + place]) << (np.uint64(8) * place)
    return word


@numba.njit(cache=True, inline="always")
def _put_word(pages: Bytes, to: int, word: np.uint64, size: int) -> None:
    first = np.uint64(to)
    for place in range(np.uint64(size)):
        pages[first + place] = (word >> (np.uint64(8) * place)) & np.uint64(0xFF)


@numba.njit(cache=True)
def _float(old: Bytes, at: int) -> float:
    word = np.empty(1, dtype=np.uint64)
    word[0] = _word(old, at, 8)
    return float(word.view(np.float64)[0])


@numba.njit(cache=True)
def _put_float(pages: Bytes, to: int, number: float) -> None:
    word = np.empty(1, dtype=np.float64)
    word[0] = number
    _put_word(pages, to, word.view(np.uint64)[0], 8)
