"""Bytes by bytes in two arrays: the store of a partition in memory, asked for many keys at once.

A dictionary keeps two objects for each key, far from each other, and is asked for one key at a time; with a million
accounts that was most of what an order cost. Here a batch is looked up and written in compiled loops (see `table_kernel`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from xxhash import xxh64_intdigest

from streams.changes import Changes
from streams.hash_kernel import Bytes, Ints
from streams.table_kernel import (
    END,
    FIRST_PLACE,
    HEADER_BYTES,
    LIVE,
    SIZES,
    TAKEN,
    copy_values,
    find_value,
    find_values,
    live_blocks,
    move_slots,
    put_values,
    room_for,
)
from streams.texts import Texts

LEAST_SLOTS, LEAST_BYTES = 1 << 10, 1 << 16
TOGETHER = 50_000
"""Keys and values that are made into objects at once when everything is asked for."""


class Table:
    """Keys and values up to 2 GiB each. At most two thirds of the slots are taken."""

    def __init__(self) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self._slots: Ints = np.zeros(LEAST_SLOTS, dtype=np.int64)
        self._heap: Bytes = np.empty(LEAST_BYTES, dtype=np.uint8)
        self._free: Ints = np.zeros(SIZES, dtype=np.int64)
        self._counts: Ints = np.array([FIRST_PLACE, 0, 0], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._counts[LIVE])

    def get(self, key: bytes, /) -> bytes | None:
        """As `find`, without the columns."""
        wanted = np.frombuffer(bytearray(key), dtype=np.uint8)
        place, size = find_value(self._slots, self._heap, wanted, np.uint64(xxh64_intdigest(key)))
        return None if size < 0 else self._heap[place : place + size].tobytes()

    def find(self, keys: Sequence[bytes | None]) -> Texts:
        """The value of each key, None where there is none."""
        wanted = Texts.of(keys)
        places, sizes, starts, ends = np.empty((4, len(wanted)), dtype=np.int64)
        total = find_values(
            self._slots, self._heap, wanted.payload, wanted.starts, wanted.ends, wanted.hashes(), places, sizes
        )
        payload = np.empty(total, dtype=np.uint8)
        copy_values(self._heap, places, sizes, payload, starts, ends)
        return Texts(payload, starts, ends)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything there is at the call, in any order."""
        keys, values = self._all()
        for start in range(0, len(keys), TOGETHER):
            yield from zip(keys[start : start + TOGETHER], values[start : start + TOGETHER], strict=True)

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Write the changes of a batch; None takes a key away."""
        keys, values = Changes.of(changes).columns
        self._make_slots(len(keys))
        self._make_room(room_for(np.maximum(keys.sizes(), 0) + np.maximum(values.sizes(), 0)))
        put_values(
            self._slots, self._heap, self._free, self._counts, keys.payload, keys.starts, keys.ends, keys.hashes(),
            values.payload, values.starts, values.ends,
        )  # fmt: skip

    def _all(self) -> tuple[Texts, Texts]:
        places, key_ends, value_ends = np.empty((3, len(self)), dtype=np.int64)
        live_blocks(self._slots, self._heap, places, key_ends, value_ends)
        order = np.argsort(places)
        return self._keys(places[order], key_ends[order]), Texts(self._heap, key_ends[order], value_ends[order])

    def _make_slots(self, more: int) -> None:
        """For so many new keys; slots of keys that went are swept away with it."""
        if (int(self._counts[TAKEN]) + more) * 3 <= len(self._slots) * 2:
            return
        slots = len(self._slots)
        while (len(self) + more) * 3 > slots * 2:
            slots *= 2
        places, key_ends, _ = np.empty((3, len(self)), dtype=np.int64)
        live_blocks(self._slots, self._heap, places, key_ends, _)
        self._slots = np.zeros(slots, dtype=np.int64)
        move_slots(self._slots, self._keys(places, key_ends).hashes(), places)
        self._counts[TAKEN] = len(self)

    def _keys(self, places: Ints, key_ends: Ints) -> Texts:
        return Texts(self._heap, places + HEADER_BYTES, key_ends)

    def _make_room(self, more: int) -> None:
        """For so many more bytes. What is beyond the end is not touched, and takes no memory yet."""
        end = int(self._counts[END])
        if end + more > len(self._heap):
            heap = np.empty(max(end + more, len(self._heap) * 3 // 2), dtype=np.uint8)
            heap[:end] = self._heap[:end]
            self._heap = heap
