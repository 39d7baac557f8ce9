"""Pages: what the activity stage remembers of one account and 32 days, in one value.

A page holds the totals of its days and an entry for every event that is in them. Totals and entries change together, so
a page is whole by itself: whatever a crash left of its neighbours, no event of the page counts twice or never.

Its bytes are the region where its days are said (see `regional`), how many days there are and how many of them were visited
(a byte each), then each `DAY`, each `VISITED`, and the entries (see `sightings`). `page_kernel` changes them.
"""

from __future__ import annotations

import numpy as np

from schemas.region_log import DayTotals
from streams.handlers.activity.keys import joined
from streams.handlers.activity.regional import regional, rest_at
from streams.handlers.activity.times import Ints
from streams.texts import Texts

PAGE_DAYS = 32
PAGE_PREFIX = b"p|"
EPOCH_ORDINAL = 719_163
"""`date(1970, 1, 1).toordinal()`: days are counted from 1970 here."""
DAY = np.dtype([("place", "u1"), ("cents", "<i8"), ("orders", "<u4")])
VISITED = np.dtype([("place", "u1"), ("visits", "<u4"), ("visit_minutes", "<f8"), ("travel_minutes", "<f8")])
"""`place` is the day within its page; of the days with visits, that part of their totals."""
COUNT_BYTES = 2


def page_keys(accounts: Texts, numbers: Ints) -> Texts:
    """Of each account and number; `number` is the day since 1970 divided by PAGE_DAYS."""
    different, which = np.unique(numbers, return_inverse=True)
    return joined(PAGE_PREFIX, accounts, Texts.of([b"|%d" % number for number in different.tolist()]).some(which))


def moved(page: bytes, region_id: str) -> bytes:
    """The page in another region."""
    return regional(region_id, page[rest_at(page) :])


def entries_in(page: bytes) -> bytes:
    """The entries of its events."""
    counts = rest_at(page)
    return page[counts + COUNT_BYTES + page[counts] * DAY.itemsize + page[counts + 1] * VISITED.itemsize :]


def days_in(page: bytes, account_id: str, number: int) -> list[DayTotals]:
    """Its days as a region hears them."""
    counts = rest_at(page)
    days_at = counts + COUNT_BYTES
    days = np.frombuffer(page, DAY, page[counts], days_at)
    visited = np.frombuffer(page, VISITED, page[counts + 1], days_at + days.nbytes)
    visits = {place: visit for place, *visit in visited.tolist()}
    first = number * PAGE_DAYS + EPOCH_ORDINAL
    return [DayTotals(account_id, first + place, *totals, *visits.get(place, ())) for place, *totals in days.tolist()]
