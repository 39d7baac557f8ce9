"""The compiled loops over the bytes of fetched records.

The layout of a record of Kafka's message format 2: length, attributes, timestamp delta, offset delta, key, value, number
of headers; the lengths and deltas as zigzag varints.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
READ, HAS_HEADERS, CORRUPT = 0, 1, 2
_OPENS, _CLOSES, _ESCAPE, _DELETE, _NEWLINE = ord("{"), ord("}"), ord("\\"), 0x7F, ord("\n")
_MOST_SHIFT = 63


@numba.njit(cache=True)
def read_records(
    payload: Bytes,
    offsets: Ints,
    timestamps: Ints,
    key_starts: Ints,
    key_ends: Ints,
    value_starts: Ints,
    value_ends: Ints,
) -> int:
    """Fill the columns from as many records as they are long; offsets and timestamps are deltas, no text has end -1.

    READ, or HAS_HEADERS at the first record that has some, or CORRUPT where the bytes are not that many whole records.
    """
    size = len(payload)
    at = 0
    for number in range(len(offsets)):
        length, at = _varint(payload, at)
        if length < 1 or length > size - at:
            return CORRUPT
        end = at + length
        timestamps[number], at = _varint(payload, at + 1)
        offsets[number], at = _varint(payload, at)
        key_starts[number], key_ends[number], at = _text(payload, at, end)
        if at < 0:
            return CORRUPT
        value_starts[number], value_ends[number], at = _text(payload, at, end)
        if at < 0:
            return CORRUPT
        headers, at = _varint(payload, at)
        if headers > 0:
            return HAS_HEADERS
        if headers < 0 or at != end:
            return CORRUPT
    return READ if at == size else CORRUPT


@numba.njit(cache=True)
def _varint(payload: Bytes, at: int) -> tuple[int, int]:
    """The number, and where it ends. Beyond the end of the bytes: a length nothing has, and that end."""
    number = 0
    shift = 0
    while at < len(payload) and shift <= _MOST_SHIFT:
        letter: Any = np.int64(payload[at])
        at += 1
        number |= (letter & 0x7F) << shift
        if letter < 0x80:
            return (number >> 1) & 0x7FFFFFFFFFFFFFFF ^ -(number & 1), at
        shift += 7
    return 1 << 62, at


@numba.njit(cache=True)
def _text(payload: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """Where a text begins and ends, and where to read on; -1 where it would end behind its record."""
    length, at = _varint(payload, at)
    if length == -1:
        return 0, -1, at
    if length < 0 or length > end - at:
        return 0, -1, -1
    return at, at + length, at + length


@numba.njit(cache=True)
def join_lines(payload: Bytes, starts: Ints, ends: Ints, at: Ints, lines: Bytes) -> bool:
    """Write the texts `at` into `lines`, each with a newline behind it, and say whether all are plain JSON objects by their look.

    Those begin with { and end with }, and hold neither escape nor DEL.
    """
    to = 0
    plain = True
    for number in at:
        start, end = starts[number], ends[number]
        plain &= end > start and payload[start] == _OPENS and payload[end - 1] == _CLOSES
        odd = 0
        for place in range(start, end):
            letter = payload[place]
            lines[to] = letter
            odd += (letter == _ESCAPE) | (letter == _DELETE)
            to += 1
        plain &= odd == 0
        lines[to] = _NEWLINE
        to += 1
    return plain


@numba.njit(cache=True)
def equal_to(payload: Bytes, starts: Ints, ends: Ints, wanted: Bytes, found: NDArray[np.bool_]) -> None:
    """Mark the texts that are the wanted one."""
    for number in range(len(starts)):
        same = ends[number] - starts[number] == len(wanted)
        place = 0
        while same and place < len(wanted):
            same = payload[starts[number] + place] == wanted[place]
            place += 1
        found[number] = same
