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
        self._most = 0  # ids that may be here: those that were added twice count twice until the slots are counted

    def __len__(self) -> int:
        return int(np.count_nonzero(self._slots))

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
        if (self._most + len(ids)) * 2 > len(self._slots):
            self._most = len(self)
            self._grow(self._most + len(ids))
        self._most += len(ids)
        self._insert(ids)

    def _insert(self, ids: Ids) -> None:
        mask = np.uint64(len(self._slots) - 1)
        left, at = ids, ids & mask
        while len(left):
            free = self._slots[at] == FREE
            self._slots[at[free]] = left[free]  # of several for one slot the last stays
            going = self._slots[at] != left
            left, at = left[going], (at[going] + np.uint64(1)) & mask

    def _grow(self, needed: int) -> None:
        slots = len(self._slots)
        while needed * 2 > slots:
            slots *= 2
        if slots > len(self._slots):
            old = self._slots[self._slots != FREE]
            self._slots = np.zeros(slots, dtype=np.uint64)
            self._insert(old)
