"""Account days written as JSON in a compiled loop: what msgspec makes of `DayTotals` without visits."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
_OPENING, _AFTER_NAME, _CLOSING = (
    np.frombuffer(text, dtype=np.uint8).copy() for text in (b'["', b'",', b",0,0.0,0.0],")
)
_COMMA, _MINUS, _ZERO = ord(","), ord("-"), ord("0")
FIXED_BYTES = 80
"""More than a day takes besides the name of its account: punctuation, three numbers and three noughts."""


@numba.njit(cache=True)
def write_days(
    names: Bytes, name_ends: Ints, codes: Ints, days: Ints, cents: Ints, orders: Ints, text: Bytes,
) -> int:  # fmt: skip
    """Days with their totals, a comma behind each; how many bytes of `text` they take. Account `code` is called as `names` say up to its end."""
    to = 0
    for number, code in enumerate(codes):
        to = _put(text, to, _OPENING, 0, len(_OPENING))
        to = _put(text, to, names, name_ends[code - 1] if code else 0, name_ends[code])
        to = _put(text, to, _AFTER_NAME, 0, len(_AFTER_NAME))
        to = _put_number(text, to, days[number])
        text[to] = _COMMA
        to = _put_number(text, to + 1, cents[number])
        text[to] = _COMMA
        to = _put_number(text, to + 1, orders[number])
        to = _put(text, to, _CLOSING, 0, len(_CLOSING))
    return to


@numba.njit(cache=True, inline="always")
def _put(text: Bytes, to: int, part: Bytes, start: int, end: int) -> int:
    first, size, there = np.uint64(start), np.uint64(end - start), np.uint64(to)
    for step in range(size):  # without a sign, bytes are copied many at once: an index with one may count from the end
        text[there + step] = part[first + step]
    return to + end - start


@numba.njit(cache=True)
def _put_number(text: Bytes, to: int, number: int) -> int:
    left = np.uint64(abs(number))
    if number < 0:
        text[to] = _MINUS
        to += 1
    digits = 1
    rest = left // np.uint64(10)
    while rest:
        rest //= np.uint64(10)
        digits += 1
    for place in range(to + digits - 1, to - 1, -1):
        text[place] = _ZERO + left % np.uint64(10)
        left //= np.uint64(10)
    return to + digits
