"""Keys made of parts, for a whole batch at once."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from streams.texts import Texts

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


def joined(prefix: bytes, texts: Texts, tails: Texts | None = None) -> Texts:
    """The prefix, each text, and its tail. Each text and tail is there."""
    count = len(texts)
    tails = tails or Texts.of([b""]).some(np.zeros(count, dtype=np.int64))
    payload = np.empty(len(prefix) * count + int(texts.sizes().sum() + tails.sizes().sum()), dtype=np.uint8)
    ends = np.empty(count, dtype=np.int64)
    before = np.frombuffer(bytearray(prefix), dtype=np.uint8)
    _join(before, texts.payload, texts.starts, texts.ends, tails.payload, tails.starts, tails.ends, payload, ends)
    return Texts(payload, np.concatenate((np.zeros(min(count, 1), dtype=np.int64), ends[:-1])), ends)


@numba.njit(cache=True)
def _join(
    prefix: Bytes, texts: Bytes, starts: Ints, stops: Ints, tails: Bytes, tail_starts: Ints, tail_stops: Ints, payload: Bytes,
    ends: Ints,
) -> None:  # fmt: skip
    to = np.uint64(0)
    for number in range(len(starts)):
        to = _copy(prefix, 0, len(prefix), payload, to)
        to = _copy(texts, starts[number], stops[number], payload, to)
        to = _copy(tails, tail_starts[number], tail_stops[number], payload, to)
        ends[number] = to


@numba.njit(cache=True, inline="always")
def _copy(source: Bytes, start: int, end: int, target: Bytes, to: np.uint64) -> np.uint64:
    """Indices without a sign are copied many bytes at once: those with one may count from the end."""
    first, size = np.uint64(start), np.uint64(end - start)
    for step in range(size):
        target[to + step] = source[first + step]
    return to + size
