"""Which events a partition has ever accepted, asked a batch at a time: a hash table of 64-bit ids in one array.

A page knows the events of its own 32 days; this knows that an id exists at all, so that an event which comes again under
another date is found out. It is made anew from the pages when a partition is opened. Open addressing with linear probing
(Knuth, The Art of Computer Programming 3, 6.4, algorithm L), every step for all ids of the batch at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]
FREE = np.uint64(0)
LEAST_SLOTS = 1 << 12


def ids_of(digests: bytes) -> Ids:
    """Concatenated 8-byte digests as ids. The one digest that would mean a free slot becomes 1."""
    ids: Ids = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    ids[ids == FREE] = 1
    return ids


class KnownIds:
    """At most half of the slots are taken: 16 to 32 bytes an id."""

    def __init__(self) -> None:
        self._slots: Ids = np.zeros(LEAST_SLOTS, dtype=np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def hold(self, ids: Ids) -> NDArray[np.bool_]:
        """For each id whether it is known."""
        mask = np.uint64(len(self._slots) - 1)
        found = np.zeros(len(ids), dtype=np.bool_)
        open_, at = np.arange(len(ids)), ids & mask
        while len(open_):
            there = self._slots[at]
            found[open_[there == ids[open_]]] = True
            going = (there != FREE) & (there != ids[open_])
            open_, at = open_[going], (at[going] + np.uint64(1)) & mask
        return found

    def add(self, ids: Ids) -> None:
        """Remember ids; known ones change nothing."""
        if (self._count + len(ids)) * 2 > len(self._slots):
            self._grow(self._count + len(ids))
        self._count += self._insert(ids)

    def _insert(self, ids: Ids) -> int:
        mask = np.uint64(len(self._slots) - 1)
        left, at, added = ids, ids & mask, 0
        while len(left):
            free = self._slots[at] == FREE
            added += len(np.unique(at[free]))
            self._slots[at[free]] = left[free]  # of several for one slot the last stays
            going = self._slots[at] != left
            left, at = left[going], (at[going] + np.uint64(1)) & mask
        return added

    def _grow(self, needed: int) -> None:
        old = self._slots[self._slots != FREE]
        slots = len(self._slots)
        while needed * 2 > slots:
            slots *= 2
        self._slots = np.zeros(slots, dtype=np.uint64)
        self._insert(old)
