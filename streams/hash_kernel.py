"""XXH64 of parts of a buffer, compiled: the hash of `xxhash.xxh64_intdigest`, where the texts are no Python objects.

After Yann Collet's specification of xxHash (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), seed 0.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Ids = NDArray[np.uint64]
_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)
_STRIPE = 32


@numba.njit(cache=True)
def hash_texts(payload: Bytes, starts: Ints, ends: Ints, hashes: Ids) -> None:
    """The hash of each `payload[starts[i]:ends[i]]`."""
    for number in range(len(starts)):
        hashes[number] = _xxh64(payload, starts[number], ends[number])


@numba.njit(cache=True)
def _xxh64(payload: Bytes, start: int, end: int) -> np.uint64:
    at = start
    if end - start >= _STRIPE:
        first, second, third, fourth = _P1 + _P2, _P2, np.uint64(0), np.uint64(0) - _P1
        while at + _STRIPE <= end:
            first = _round(first, _word(payload, at, 8))
            second = _round(second, _word(payload, at + 8, 8))
            third = _round(third, _word(payload, at + 16, 8))
            fourth = _round(fourth, _word(payload, at + 24, 8))
            at += _STRIPE
        mixed = _turn(first, 1) + _turn(second, 7) + _turn(third, 12) + _turn(fourth, 18)
        for lane in (first, second, third, fourth):
            mixed = (mixed ^ _round(np.uint64(0), lane)) * _P1 + _P4
    else:
        mixed = _P5
    mixed += np.uint64(end - start)
    while at + 8 <= end:
        mixed = _turn(mixed ^ _round(np.uint64(0), _word(payload, at, 8)), 27) * _P1 + _P4
        at += 8
    if at + 4 <= end:
        mixed = _turn(mixed ^ (_word(payload, at, 4) * _P1), 23) * _P2 + _P3
        at += 4
    while at < end:
        mixed = _turn(mixed ^ (np.uint64(payload[at]) * _P5), 11) * _P1
        at += 1
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _P2
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _P3
    return mixed ^ (mixed >> np.uint64(32))


@numba.njit(cache=True, inline="always")
def _word(payload: Bytes, at: int, size: int) -> np.uint64:
    word, first = np.uint64(0), np.uint64(at)
    for place in range(np.uint64(size)):
        word |= np.uint64(payload[first + place]) << (np.uint64(8) * place)
    return word


@numba.njit(cache=True, inline="always")
def _turn(word: np.uint64, bits: int) -> np.uint64:
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))


@numba.njit(cache=True, inline="always")
def _round(lane: np.uint64, word: np.uint64) -> np.uint64:
    return _turn(lane + word * _P2, 31) * _P1


@numba.njit(cache=True)
def number_texts(payload: Bytes, starts: Ints, ends: Ints, hashes: Ids, slots: Ints, codes: Ints, firsts: Ints) -> int:
    """Number the different texts in the order they come first, and say how many there are.

    `codes` gets the number of each text, `firsts` where each different one is first. `slots`, all -1, is the working memory:
    a power of two, more than there are texts.
    """
    mask = np.uint64(len(slots) - 1)
    known = 0
    for number in range(len(starts)):
        slot = hashes[number] & mask
        while True:
            code = slots[slot]
            if code < 0:
                slots[slot] = code = known
                firsts[known] = number
                known += 1
                break
            if hashes[firsts[code]] == hashes[number] and _same(payload, starts, ends, firsts[code], number):
                break
            slot = (slot + np.uint64(1)) & mask
        codes[number] = code
    return known


@numba.njit(cache=True)
def _same(payload: Bytes, starts: Ints, ends: Ints, one: int, other: int) -> bool:
    size = ends[one] - starts[one]
    if ends[other] - starts[other] != size:
        return False
    for place in range(size):  # noqa: SIM110 - compiled
        if payload[starts[one] + place] != payload[starts[other] + place]:
            return False
    return True
