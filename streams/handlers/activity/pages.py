"""Pages: what the activity stage remembers of one account and 32 days, in one value.

A page holds the totals of its days and an entry for every event that is in them. Totals and entries change together, so
a page is whole by itself: whatever a crash left of its neighbours, no event of the page counts twice or never.
"""

from __future__ import annotations

import msgspec

PAGE_DAYS = 32
PAGE_PREFIX = b"p|"
EPOCH_ORDINAL = 719_163
"""`date(1970, 1, 1).toordinal()`: days are counted from 1970 here."""


class Totals(msgspec.Struct, array_like=True, gc=False):
    """One day of one account."""

    revenue_cents: int = 0
    orders: int = 0
    visits: int = 0
    visit_minutes: float = 0.0
    travel_minutes: float = 0.0


class Page(msgspec.Struct, array_like=True, gc=False):
    """`seen` are the entries of events (see sightings), `days` totals by day since 1970, `region_id` where they are said."""

    region_id: str
    seen: bytearray
    days: dict[int, Totals]


encode_page = msgspec.msgpack.Encoder().encode
decode_page = msgspec.msgpack.Decoder(Page).decode


def page_key(account_id: str, number: int) -> bytes:
    """`number` is the day since 1970 divided by PAGE_DAYS."""
    return PAGE_PREFIX + b"%s|%d" % (account_id.encode(), number)
