"""Which events were seen: an entry of 17 bytes each, in the value they belong to.

An entry is a hash of the event's id, a hash of its content, and the offset that brought it. The offset tells a record
that comes again after a crash (and must be said again) from another record with the same event (which must not).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_digest, xxh32_digest, xxh64_intdigest

from streams.handlers.activity.known_ids import FREE, Ids
from streams.handlers.activity.times import Ints

ID_BYTES, CONTENT_BYTES, OFFSET_BYTES = 8, 4, 5
ENTRY_BYTES = ID_BYTES + CONTENT_BYTES + OFFSET_BYTES
ENTRY = np.dtype([("id", "<u8"), ("content", "<u4"), ("offset_high", "u1"), ("offset_low", ">u4")])
Entries = NDArray[np.void]


class Sighting(Enum):
    NEW = "new"
    REPLAYED = "replayed"  # this very record was applied before a crash
    DUPLICATE = "duplicate"  # the same event came in another record
    CONFLICT = "conflict"  # the same id with other content


def entry_of(event_id: str, content: str, offset: int) -> bytes:
    """The entry of an event. `content` is everything that must be equal in a repetition."""
    return xxh3_64_digest(event_id) + xxh32_digest(content) + offset.to_bytes(OFFSET_BYTES, "big")


def entries_of(ids: Ids, contents: Ids, offsets: Ints) -> Entries:
    """The entries of many events. Of the 64 bits of a content the upper half is kept."""
    entries = np.empty(len(ids), dtype=ENTRY)
    entries["id"], entries["content"] = ids, contents >> np.uint64(32)
    entries["offset_high"], entries["offset_low"] = offsets >> 32, offsets & 0xFFFFFFFF
    return entries


def hashes(texts: Sequence[str] | Sequence[bytes]) -> Ids:
    """64 bits of each text, as `hash_kernel.hash_texts`."""
    return np.fromiter(map(xxh64_intdigest, texts), np.uint64, len(texts))


def blend(first: Ids, second: Ids) -> Ids:
    """One hash of two, in this order; never that of a free slot of the table of known ids.

    The finisher of SplitMix64 (Steele, Lea, Flood 2014) mixes the bits.
    """
    mixed = first * np.uint64(0x9E3779B97F4A7C15) + second
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    mixed[mixed == FREE] = 1
    return mixed


def look_up(seen: bytes | bytearray, entry: bytes) -> Sighting:
    """Whether the entries hold this event."""
    at = find(seen, entry[:ID_BYTES])
    if at < 0:
        return Sighting.NEW
    if seen[at + ID_BYTES : at + ID_BYTES + CONTENT_BYTES] != entry[ID_BYTES : ID_BYTES + CONTENT_BYTES]:
        return Sighting.CONFLICT
    return Sighting.REPLAYED if seen[at : at + ENTRY_BYTES] == entry else Sighting.DUPLICATE


def find(seen: bytes | bytearray, identity: bytes) -> int:
    """The index of an id's entry, or -1; a chance match across entries is skipped."""
    at = seen.find(identity)
    while at >= 0 and at % ENTRY_BYTES:
        at = seen.find(identity, at + 1)
    return at
