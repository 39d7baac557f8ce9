"""The compiled loops of `table`: a hash table of places in a heap of blocks.

Open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L); blocks of geometric sizes,
eight to each doubling, and a list of the free ones of each size (segregated fits: Wilson et al. 1995, Dynamic Storage Allocation).

A slot is FREE, GONE, or the place of a block with the upper bits of its key's hash above it, so that other keys are seldom
looked at. A block is the number of its size (1 byte), the lengths of key and value (4 each), the key, the value, and room.
A free block holds the place of the next free one of its size.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Ids = NDArray[np.uint64]
FREE, GONE = 0, -1
HEADER_BYTES = 9
FIRST_PLACE = 8
"""Place 0 would look like a free slot."""
SIZES = 256
END, TAKEN, LIVE = range(3)
"""What `counts` holds: where the heap ends, how many slots are not FREE, how many keys there are."""
_PLACE_BITS = np.uint64(44)
_PLACE = np.int64((1 << 44) - 1)
_TAG_BITS = np.uint64(45)
"""The tag of a slot is 19 bits of the hash: with the place below it a slot is never negative."""


@numba.njit(cache=True)
def find_values(
    slots: Ints, heap: Bytes, keys: Bytes, key_starts: Ints, key_ends: Ints, hashes: Ids, starts: Ints, sizes: Ints
) -> int:
    """Where in the heap the value of each key begins and how long it is, -1 where there is none; how long all are."""
    mask = np.uint64(len(slots) - 1)
    for number in range(len(hashes)):  # loads that do not wait for each other
        starts[number] = slots[hashes[number] & mask]
    total = 0
    for number in range(len(hashes)):
        slot = _slot_from(starts[number], slots, heap, keys, key_starts[number], key_ends[number], hashes[number])
        sizes[number] = -1
        if slot >= 0:
            place = slots[slot] & _PLACE
            starts[number] = place + HEADER_BYTES + _size(heap, place + 1)
            sizes[number] = _size(heap, place + 5)
            total += sizes[number]
    return total


@numba.njit(cache=True)
def find_value(slots: Ints, heap: Bytes, key: Bytes, hashed: np.uint64) -> tuple[int, int]:
    """Where in the heap the value of one key begins and how long it is, -1 where there is none."""
    first = slots[hashed & np.uint64(len(slots) - 1)]
    slot = _slot_from(first, slots, heap, key, 0, len(key), hashed)
    if slot < 0:
        return 0, -1
    place = slots[slot] & _PLACE
    return place + HEADER_BYTES + _size(heap, place + 1), _size(heap, place + 5)


@numba.njit(cache=True)
def copy_values(heap: Bytes, places: Ints, sizes: Ints, payload: Bytes, starts: Ints, ends: Ints) -> None:
    """The values found, one after the other in `payload`; the end of none is -1."""
    to = 0
    for number in range(len(places)):
        starts[number], ends[number] = to, -1
        if sizes[number] >= 0:
            to = _copy(heap, places[number], sizes[number], payload, to)
            ends[number] = to


@numba.njit(cache=True)
def put_values(
    slots: Ints, heap: Bytes, free: Ints, counts: Ints, keys: Bytes, key_starts: Ints, key_ends: Ints, hashes: Ids,
    values: Bytes, value_starts: Ints, value_ends: Ints,
) -> None:  # fmt: skip
    """Write each value under its key; a key whose value ends at -1 goes. Slots and heap must have room for all to be new."""
    mask = np.uint64(len(slots) - 1)
    for number in range(len(hashes)):
        key_start, key_size = key_starts[number], key_ends[number] - key_starts[number]
        first = slots[hashes[number] & mask]
        slot = _slot_from(first, slots, heap, keys, key_start, key_ends[number], hashes[number])
        size = value_ends[number] - value_starts[number]
        if value_ends[number] < 0:
            if slot >= 0:
                _give_back(heap, free, slots[slot] & _PLACE)
                slots[slot] = GONE
                counts[LIVE] -= 1
            continue
        needed = HEADER_BYTES + key_size + size
        if slot >= 0 and _room(heap[slots[slot] & _PLACE]) >= needed:
            place = slots[slot] & _PLACE
        else:
            wanted = needed
            if slot >= 0:
                _give_back(heap, free, slots[slot] & _PLACE)
                wanted += needed // 2  # what has grown will grow: else each step leaves a block that few others need
            else:
                slot = _free_slot(slots, hashes[number])
                counts[TAKEN] += slots[slot] == FREE
                counts[LIVE] += 1
            place = _take_block(heap, free, counts, wanted)
            slots[slot] = _tagged(place, hashes[number])
            _put_word(heap, place + 1, key_size, 4)
            _copy(keys, key_start, key_size, heap, place + HEADER_BYTES)
        _put_word(heap, place + 5, size, 4)
        _copy(values, value_starts[number], size, heap, place + HEADER_BYTES + key_size)


@numba.njit(cache=True)
def move_slots(slots: Ints, hashes: Ids, places: Ints) -> None:
    """Enter the places of `live_blocks`, with the hashes of their keys, into new slots."""
    for number in range(len(places)):
        slots[_free_slot(slots, hashes[number])] = _tagged(places[number], hashes[number])


@numba.njit(cache=True)
def live_blocks(slots: Ints, heap: Bytes, places: Ints, key_ends: Ints, value_ends: Ints) -> None:
    """The place of every block that is in use, and where its key and its value end."""
    to = 0
    for slot in slots:
        if slot > 0:
            place = slot & _PLACE
            places[to] = place
            key_ends[to] = place + HEADER_BYTES + _size(heap, place + 1)
            value_ends[to] = key_ends[to] + _size(heap, place + 5)
            to += 1


@numba.njit(cache=True)
def room_for(sizes: Ints) -> int:
    """Bytes of the heap that blocks of these sizes, headers left out, take at most."""
    total = 0
    for size in sizes:
        total += _room(_number_of((size + HEADER_BYTES) * 3 // 2))
    return total


@numba.njit(cache=True)
def _slot_from(first: int, slots: Ints, heap: Bytes, keys: Bytes, start: int, end: int, hashed: np.uint64) -> Any:
    """The slot of a key whose first slot holds `first`; -1 where there is none."""
    mask = np.uint64(len(slots) - 1)
    at = hashed & mask
    found: Any = first
    while found != FREE:
        if found != GONE and (found & ~_PLACE) == _tagged(0, hashed):
            place: Any = found & _PLACE
            same = _size(heap, place + 1) == end - start
            if same and _equal(heap, place + HEADER_BYTES, keys, start, end - start):
                return np.int64(at)
        at = (at + np.uint64(1)) & mask
        found = slots[at]
    return -1


@numba.njit(cache=True, inline="always")
def _tagged(place: Any, hashed: np.uint64) -> Any:
    return np.int64((hashed >> _TAG_BITS) << _PLACE_BITS) | place


@numba.njit(cache=True)
def _free_slot(slots: Ints, hashed: np.uint64) -> Any:
    mask = np.uint64(len(slots) - 1)
    at = hashed & mask
    while slots[at] > 0:
        at = (at + np.uint64(1)) & mask
    return np.int64(at)


@numba.njit(cache=True)
def _take_block(heap: Bytes, free: Ints, counts: Ints, needed: int) -> Any:
    number = _number_of(needed)
    place = free[number]
    if place:
        free[number] = _word(heap, place, 8)
    else:
        place = counts[END]
        counts[END] += _room(number)
    heap[place] = number
    return place


@numba.njit(cache=True)
def _give_back(heap: Bytes, free: Ints, place: Any) -> None:
    number = heap[place]
    _put_word(heap, place, free[number], 8)
    free[number] = place


@numba.njit(cache=True, inline="always")
def _number_of(needed: int) -> int:
    """The least size that holds so many bytes, at least HEADER_BYTES: the upper four bits of what is below it, and how far they are up."""
    shift = 0
    while (needed - 1) >> shift >= 16:
        shift += 1
    return 8 * shift + ((needed - 1) >> shift) - 7


@numba.njit(cache=True, inline="always")
def _room(number: int) -> int:
    """Bytes of a block of that size."""
    shift = (number - 1) // 8
    return (number - 8 * shift + 8) << shift


@numba.njit(cache=True, inline="always")
def _size(heap: Bytes, at: int) -> Any:
    return _word(heap, at, 4)


@numba.njit(cache=True, inline="always")
def _word(heap: Bytes, at: int, size: int) -> Any:
    word = np.uint64(0)
    place = np.uint64(at)
    for step in range(np.uint64(size)):
        word |= np.uint64(heap[place + step]) << (np.uint64(8) * step)
    return np.int64(word)


@numba.njit(cache=True, inline="always")
def _put_word(heap: Bytes, at: int, number: int, size: int) -> None:
    word, place = np.uint64(number), np.uint64(at)
    for step in range(np.uint64(size)):
        heap[place + step] = (word >> (np.uint64(8) * step)) & np.uint64(0xFF)


@numba.njit(cache=True, inline="always")
def _copy(source: Bytes, start: int, size: int, target: Bytes, to: int) -> int:
    """Copy and say where it ends. Indices without a sign are copied many bytes at once: those with one may count from the end."""
    first, there = np.uint64(start), np.uint64(to)
    for step in range(np.uint64(size)):
        target[there + step] = source[first + step]
    return to + size


@numba.njit(cache=True, inline="always")
def _equal(heap: Bytes, at: int, keys: Bytes, start: int, size: int) -> bool:
    place, first = np.uint64(at), np.uint64(start)
    for step in range(np.uint64(size)):  # noqa: SIM110 - compiled
        if heap[place + step] != keys[first + step]:
            return False
    return True
