"""Compile the loops over records and orders before they are needed: `python -m streams.ready`, once after installation.

The machine code is kept beside the source (or where NUMBA_CACHE_DIR says). A worker reads it in at its start, which takes a
second; without it there, a quarter of a minute.
"""

from __future__ import annotations

import numpy as np

from streams.handlers.activity.order_columns import OrderColumns
from streams.record_kernel import read_records
from streams.texts import Texts
from streams.transport.packed import pack

_ORDER = b'{"event_id":"e","occurred_at":"2026-01-01T00:00:00Z","order_id":"o","account_id":"a","amount":"1.00","currency":"EUR"}'


def make_ready() -> None:
    """Read a batch without records, two texts and an order; pack a record."""
    read_records(np.empty(0, dtype=np.uint8), *np.empty((6, 0), dtype=np.int64))
    pack({b"key": None}, 1_000)
    texts = Texts.of([b"{}", b"[]"])
    texts.equal_to(b"{}")
    texts.plain_lines(np.arange(2), 10)
    orders = OrderColumns.read(Texts.of([_ORDER]), np.arange(1), "EUR")
    if orders is None:
        raise RuntimeError("the compiled reader does not take a plain order")
    orders.rows(np.arange(1), orders.accounts()[1], ["0"], np.arange(1))


if __name__ == "__main__":
    make_ready()
