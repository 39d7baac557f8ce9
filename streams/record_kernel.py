"""The compiled loops over the bytes of records, fetched or to be written.

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
def write_records(
    keys: Bytes, key_starts: Ints, key_ends: Ints, values: Bytes, value_starts: Ints, value_ends: Ints, first: int,
    payload: Bytes,
) -> tuple[int, int]:  # fmt: skip
    """Write records without headers, all of one time, from number `first` on: the next number, and the bytes they take.

    An end of -1 is no text. As many as the payload has room for; none where the first one may be too large for it.
    """
    at = 0
    number = first
    while number < len(key_starts):
        key, value = key_ends[number] - key_starts[number], value_ends[number] - value_starts[number]
        if key_ends[number] < 0:
            key = -1
        if value_ends[number] < 0:
            value = -1
        body = 3 + _varint_size(number - first) + _varint_size(key) + max(key, 0) + _varint_size(value) + max(value, 0)
        if at + _varint_size(body) + body > len(payload):
            break
        at = _put_varint(payload, at, body)
        payload[at] = payload[at + 1] = 0  # attributes, time since the first
        at = _put_varint(payload, at + 2, number - first)
        at = _put_text(payload, at, keys, key_starts[number], key)
        at = _put_text(payload, at, values, value_starts[number], value)
        payload[at] = 0  # headers
        at += 1
        number += 1
    return number, at


@numba.njit(cache=True, inline="always")
def _varint_size(number: int) -> int:
    left = (number << 1) ^ (number >> 63)
    size = 1
    while left >= 0x80:
        left >>= 7
        size += 1
    return size


@numba.njit(cache=True, inline="always")
def _put_varint(payload: Bytes, at: int, number: int) -> int:
    left = (number << 1) ^ (number >> 63)
    while left >= 0x80:
        payload[at] = left & 0x7F | 0x80
        left >>= 7
        at += 1
    payload[at] = left
    return at + 1


@numba.njit(cache=True, inline="always")
def _put_text(payload: Bytes, at: int, text: Bytes, start: int, size: int) -> int:
    """A text behind its size; -1 is the size of none."""
    at = _put_varint(payload, at, size)
    there, first = np.uint64(at), np.uint64(start)
    for step in range(
        np.uint64(max(size, 0))
    ):  # without a sign, bytes are copied many at once: an index with one may count from the end
        payload[there + step] = text[first + step]
    return at + max(size, 0)


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
    to: Any = 0
    plain = True
    for number in at:
        start, end = starts[number], ends[number]
        plain &= end > start and payload[start] == _OPENS and payload[end - 1] == _CLOSES
        odd = 0
        # without a sign, bytes are copied many at once: an index with one may count from the end
        first, there, size = np.uint64(start), np.uint64(to), np.uint64(max(end - start, 0))
        for step in range(size):
            letter = payload[first + step]
            lines[there + step] = letter
            odd += (letter == _ESCAPE) | (letter == _DELETE)
        plain &= odd == 0
        to += np.int64(size) + 1
        lines[to - 1] = _NEWLINE
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
