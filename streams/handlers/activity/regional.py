"""Values that begin with the region they belong to: two bytes say how long it is, then comes its name, then the rest.

So the region of many values is read side by side, without looking at the rest.
"""

from __future__ import annotations

SIZE_BYTES = 2


def regional(region_id: str, rest: bytes) -> bytes:
    """The value of a region; "" for none yet."""
    name = region_id.encode()
    return len(name).to_bytes(SIZE_BYTES, "little") + name + rest


def region_in(value: bytes) -> str:
    return value[SIZE_BYTES : rest_at(value)].decode()


def rest_at(value: bytes) -> int:
    """Where the rest begins."""
    return SIZE_BYTES + int.from_bytes(value[:SIZE_BYTES], "little")
