"""Rows of orders written in a compiled loop, byte by byte from where the fields stand."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from streams.handlers.activity.order_kernel import ACCOUNT_ID, CURRENCY, EVENT_ID, OCCURRED_AT, ORDER_ID, STATUSES

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
_STATUS_WORDS = np.frombuffer(b"".join(STATUSES), dtype=np.uint8).copy()
_STATUS_ENDS = np.cumsum([len(word) for word in STATUSES])
_STATUS_STARTS = _STATUS_ENDS - np.array([len(word) for word in STATUSES])
_OPENING, _BETWEEN, _VERSION = (np.frombuffer(text, dtype=np.uint8).copy() for text in (b'["', b'","', b'",1,"'))
_QUOTE_COMMA, _COMMA = (np.frombuffer(text, dtype=np.uint8).copy() for text in (b'",', b","))
_CLOSE, _NEWLINE, _POINT, _MINUS, _ZERO = ord("]"), ord("\n"), ord("."), ord("-"), ord("0")
FIXED_BYTES = 96
"""More than a row takes besides its five texts and its middle: punctuation, status, amount and offset."""


@numba.njit(cache=True)
def write_rows(
    payload: Bytes, field_starts: Ints, field_ends: Ints, cents: Ints, statuses: Ints, codes: Ints, numbers: Ints,
    middles: Bytes, middle_ends: Ints, offsets: Ints, rows: Bytes,
) -> int:  # fmt: skip
    """JSON arrays of the orders `numbers`, a line each; how many bytes of `rows` they take.

    The middle of a row, from the region to the partition, is that of its code: `middles` up to `middle_ends[code]`.
    `codes` and `offsets` are those of the numbers, the other columns those of all orders.
    """
    to = 0
    for line, number in enumerate(numbers):
        begins, stops = field_starts[number], field_ends[number]
        if to:
            rows[to] = _NEWLINE
            to += 1
        to = _put(rows, to, _OPENING, 0, len(_OPENING))
        to = _put(rows, to, payload, begins[EVENT_ID], stops[EVENT_ID])
        to = _put(rows, to, _BETWEEN, 0, len(_BETWEEN))
        to = _put(rows, to, payload, begins[OCCURRED_AT], stops[OCCURRED_AT])
        to = _put(rows, to, _VERSION, 0, len(_VERSION))
        to = _put(rows, to, payload, begins[ORDER_ID], stops[ORDER_ID])
        to = _put(rows, to, _BETWEEN, 0, len(_BETWEEN))
        to = _put(rows, to, payload, begins[ACCOUNT_ID], stops[ACCOUNT_ID])
        to = _put(rows, to, _BETWEEN, 0, len(_BETWEEN))
        to = _put_amount(rows, to, cents[number])
        to = _put(rows, to, _BETWEEN, 0, len(_BETWEEN))
        to = _put(rows, to, payload, begins[CURRENCY], stops[CURRENCY])
        to = _put(rows, to, _BETWEEN, 0, len(_BETWEEN))
        status = statuses[number]
        to = _put(rows, to, _STATUS_WORDS, _STATUS_STARTS[status], _STATUS_ENDS[status])
        to = _put(rows, to, _QUOTE_COMMA, 0, len(_QUOTE_COMMA))
        code = codes[line]
        to = _put(rows, to, middles, middle_ends[code - 1] if code else 0, middle_ends[code])
        to = _put(rows, to, _COMMA, 0, len(_COMMA))
        to = _put_digits(rows, to, offsets[line], 1)
        rows[to] = _CLOSE
        to += 1
    return to


@numba.njit(cache=True, inline="always")
def _put(rows: Bytes, to: int, text: Bytes, start: int, end: int) -> int:
    first, size, there = np.uint64(start), np.uint64(end - start), np.uint64(to)
    for step in range(size):  # without a sign, bytes are copied many at once: an index with one may count from the end
        rows[there + step] = text[first + step]
    return to + end - start


@numba.njit(cache=True)
def _put_amount(rows: Bytes, to: int, cents: int) -> int:
    if cents < 0:
        rows[to] = _MINUS
        to += 1
    to = _put_digits(rows, to, abs(cents) // 100, 1)
    rows[to] = _POINT
    return _put_digits(rows, to + 1, abs(cents) % 100, 2)


@numba.njit(cache=True)
def _put_digits(rows: Bytes, to: int, number: int, least: int) -> int:
    digits = least
    while number >= 10**digits:
        digits += 1
    for place in range(to + digits - 1, to - 1, -1):
        rows[place] = _ZERO + number % 10
        number //= 10
    return to + digits
