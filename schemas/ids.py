"""Ids derive from inputs: the same event and the same state give the same id, so a replay repeats itself exactly."""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32


def derived(*parts: object) -> str:
    """A 128-bit hex id of the parts, in order. Parts are separated, so ("a", "bc") and ("ab", "c") differ."""
    text = "\x1f".join(str(part) for part in parts)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def short_hash(data: bytes, size: int) -> bytes:
    """The first `size` bytes of a hash, for compact memories of what was seen."""
    return blake2b(data, digest_size=size).digest()


def region_partition(region_id: str, partitions: int) -> int:
    """The partition of a region's log. Only Terradrift writes region logs, so the hash is ours to choose."""
    return crc32(region_id.encode()) % partitions
