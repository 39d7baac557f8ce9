"""Compile the loops over records and orders before they are needed: `python -m streams.ready`, once after installation.

The machine code is kept beside the source (or where NUMBA_CACHE_DIR says). A worker reads it in at its start, which takes a
second or two; without it there, twenty seconds of CPU.
"""

from __future__ import annotations

import numpy as np

from schemas.settings import Company, Settings
from schemas.topics import ORDERS
from streams.handlers.activity.order_columns import OrderColumns
from streams.handlers.activity.stage import ActivityStage
from streams.ports import Record
from streams.record_kernel import read_records
from streams.table import LEAST_SLOTS, Table
from streams.texts import Texts
from streams.transport.upstream.packed import pack

_ORDER = b'{"event_id":"e","occurred_at":"2026-01-01T00:00:00Z","order_id":"o","account_id":"a","amount":"1.00","currency":"EUR"}'
_LATER_MS = 1_800_000_000_000


def make_ready() -> None:
    """Read a batch without records and two texts; take an order from its reading to the packing of its state; let a table grow."""
    read_records(np.empty(0, dtype=np.uint8), *np.empty((6, 0), dtype=np.int64))
    texts = Texts.of([b"{}", b"[]"])
    texts.equal_to(b"{}")
    texts.plain_lines(np.arange(2), 10)
    if OrderColumns.read(Texts.of([_ORDER]), np.arange(1), "EUR") is None:
        raise RuntimeError("the compiled reader does not take a plain order")
    creating = Settings(company=Company(unknown_accounts="create"))
    activity = ActivityStage(creating, "ready").open(0, Table())
    pack(activity.handle([Record(ORDERS.name, 0, 0, _LATER_MS, b"a", _ORDER)]).state, 10_000)
    Table().apply({b"%d" % number: b"" for number in range(LEAST_SLOTS)})


if __name__ == "__main__":
    make_ready()
