"""Which events were seen: an entry of 17 bytes each, in the value they belong to.

An entry is a hash of the event's id, a hash of its content, and the offset that brought it. The offset tells a record
that comes again after a crash (and must be said again) from another record with the same event (which must not).
"""

from __future__ import annotations

from enum import Enum

from xxhash import xxh3_64_digest, xxh32_digest

ID_BYTES, CONTENT_BYTES, OFFSET_BYTES = 8, 4, 5
ENTRY_BYTES = ID_BYTES + CONTENT_BYTES + OFFSET_BYTES


class Sighting(Enum):
    NEW = "new"
    REPLAYED = "replayed"  # this very record was applied before a crash
    DUPLICATE = "duplicate"  # the same event came in another record
    CONFLICT = "conflict"  # the same id with other content


def entry_of(event_id: str, content: str, offset: int) -> bytes:
    """The entry of an event. `content` is everything that must be equal in a repetition."""
    return xxh3_64_digest(event_id) + xxh32_digest(content) + offset.to_bytes(OFFSET_BYTES, "big")


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
