"""Snapshots of a partition's regions, in two slots of the state topic: a torn one leaves the other whole.

A snapshot is a compressed value cut into chunks; the head, written last, names slot and checksum. Snapshots are taken
every so many records, not with every batch: recovery reads the newest one and then the log from its offset.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date

import msgspec

from schemas.errors import TerradriftError
from streams.handlers.region.state import RegionState

CHUNK_BYTES = 500_000
HEAD = b"head"


class RegionSnapshot(msgspec.Struct):
    state: RegionState
    learner: bytes


class PartitionSnapshot(msgspec.Struct):
    """`next_offset` is the first offset of the region log that the snapshot has not seen."""

    next_offset: int
    marks: dict[int, date]
    regions: list[RegionSnapshot]


class Head(msgspec.Struct):
    slot: str
    chunks: int
    checksum: int


_encode = msgspec.msgpack.Encoder().encode
_head = msgspec.msgpack.Decoder(Head).decode
_snapshot = msgspec.msgpack.Decoder(PartitionSnapshot).decode


def write(snapshot: PartitionSnapshot, store: Mapping[bytes, bytes]) -> dict[bytes, bytes | None]:
    """The state records of a snapshot, in the slot that the present head does not use; the head comes last."""
    raw = zlib.compress(_encode(snapshot), 1)
    slot = "b" if HEAD in store and _head(store[HEAD]).slot == "a" else "a"
    chunks = [raw[i : i + CHUNK_BYTES] for i in range(0, len(raw), CHUNK_BYTES)]
    records: dict[bytes, bytes | None] = {_key(slot, i): chunk for i, chunk in enumerate(chunks)}
    records[HEAD] = _encode(Head(slot, len(chunks), zlib.crc32(raw)))
    return records


def read(store: Mapping[bytes, bytes]) -> PartitionSnapshot | None:
    """The newest whole snapshot; None where there is none yet. Raises TerradriftError when it is damaged."""
    if HEAD not in store:
        return None
    head = _head(store[HEAD])
    raw = b"".join(store.get(_key(head.slot, i), b"") for i in range(head.chunks))
    if zlib.crc32(raw) != head.checksum:
        raise TerradriftError(
            "the snapshot of the regions is damaged; delete the region-state topic to rebuild it from the region log"
        )
    return _snapshot(zlib.decompress(raw))


def _key(slot: str, index: int) -> bytes:
    return f"{slot}|{index:06d}".encode()
