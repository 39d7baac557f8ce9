"""Orders of a batch in columns, read where they lie: no object is made of an order unless somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streams.handlers.activity.order_kernel import (
    ACCOUNT_ID,
    CANCELLED,
    CURRENCY,
    EVENT_ID,
    OCCURRED_AT,
    ORDER_ID,
    PLACED,
    VERSION,
    read_orders,
)
from streams.handlers.activity.row_kernel import FIXED_BYTES, write_rows
from streams.hash_kernel import Bytes, Ids, Ints, hash_texts, number_texts
from streams.texts import Texts

_IN_A_ROW = [EVENT_ID, OCCURRED_AT, ORDER_ID, ACCOUNT_ID, CURRENCY]


@dataclass(slots=True)
class OrderColumns:
    """See `heard.Source`. `amounts` are the cents of the messages, `statuses` numbers in `order_kernel.STATUSES`."""

    payload: Bytes
    field_starts: Ints
    field_ends: Ints
    amounts: Ints
    statuses: Ints
    times: Ints
    minutes: None = None

    @classmethod
    def read(cls, values: Texts, at: Ints, currency: str) -> OrderColumns | None:
        """The orders at these places; None where some needs a look of its own. `currency` is what all must have, "" for any."""
        count = len(at)
        starts, ends = np.empty((2, count, VERSION + 1), dtype=np.int64)
        amounts, statuses, times = np.empty((3, count), dtype=np.int64)
        wanted = np.frombuffer(bytearray(currency.encode()), dtype=np.uint8)
        read = read_orders(
            values.payload, values.starts, values.ends, at, starts, ends, amounts, statuses, times, wanted
        )  # fmt: skip
        return cls(values.payload, starts, ends, amounts, statuses, times) if read == count else None

    @property
    def cents(self) -> Ints:
        """What each order does to its day: a return takes back, whatever its sign; a cancelled order is nothing."""
        if not self.statuses.any():
            return self.amounts
        kinds = [self.statuses == PLACED, self.statuses == CANCELLED]
        effects: Ints = np.select(kinds, [self.amounts, np.zeros_like(self.amounts)], -np.abs(self.amounts))
        return effects

    @property
    def orders(self) -> Ints:
        orders: Ints = (self.statuses == PLACED).astype(np.int64)
        return orders

    def accounts(self) -> tuple[Texts, Ints]:
        starts, ends = self.field_starts[:, ACCOUNT_ID].copy(), self.field_ends[:, ACCOUNT_ID].copy()
        codes, firsts = np.empty_like(starts), np.empty_like(starts)
        slots = np.full(1 << len(starts).bit_length() + 1, -1, dtype=np.int64)
        known = number_texts(self.payload, starts, ends, self._hashes(ACCOUNT_ID), slots, codes, firsts)
        heads = firsts[:known]
        return Texts(self.payload, starts[heads], ends[heads]), codes

    def id_hashes(self) -> Ids:
        return self._hashes(EVENT_ID)

    def text_hashes(self) -> Ids:
        return self._hashes(ORDER_ID)

    def details(self) -> Ints:
        return self.amounts * 4 + self.statuses

    def event_id(self, number: int) -> str:
        return self._text(number, EVENT_ID)

    def occurred_at(self, number: int) -> str:
        return self._text(number, OCCURRED_AT)

    def currency(self, number: int) -> str:
        return self._text(number, CURRENCY)

    def rows(self, numbers: Ints, codes: Ints, middles: Sequence[str], offsets: Ints) -> bytes:
        texts = self.field_ends[numbers][:, _IN_A_ROW] - self.field_starts[numbers][:, _IN_A_ROW]
        middle_sizes = np.array([len(middle) for middle in middles], dtype=np.int64)
        room = int(texts.sum() + middle_sizes[codes].sum()) + FIXED_BYTES * len(numbers)
        together = np.frombuffer(bytearray("".join(middles).encode()), dtype=np.uint8)
        rows = np.empty(room, dtype=np.uint8)
        size = write_rows(
            self.payload, self.field_starts, self.field_ends, self.amounts, self.statuses, codes, numbers, together,
            np.cumsum(middle_sizes), offsets, rows,
        )  # fmt: skip
        return rows[:size].tobytes()

    def _hashes(self, field: int) -> Ids:
        hashes = np.empty(len(self.times), dtype=np.uint64)
        hash_texts(self.payload, self.field_starts[:, field].copy(), self.field_ends[:, field].copy(), hashes)
        return hashes

    def _text(self, number: int, field: int) -> str:
        return self.payload[self.field_starts[number, field] : self.field_ends[number, field]].tobytes().decode("ascii")
