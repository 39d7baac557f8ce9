"""Snapshots of a partition's regions, in pieces of the state topic. A torn one leaves the former whole.

A snapshot is taken at one moment, cut into pieces, and written a few pieces with each batch. Pieces that are as they
were in the former snapshot are not written again. Every piece has two places, and a new one goes into the place that
the present head does not name; the head, written last, names the places and what must lie there. With the batch after
it, all other places become empty.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Mapping
from hashlib import blake2b

import msgspec

from schemas.errors import TerradriftError

HEAD = b"head"
DIGEST_BYTES = 16
UNCHANGED_COST = 1 / 16
"""Of a piece that is only compared, against one that is compressed and written."""


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Where a piece lies, and the digest of its bytes."""

    slot: str
    digest: bytes


class Head(msgspec.Struct, frozen=True):
    """`form` names what wrote the pieces and can read them; `next_offset` is the first record they have not seen."""

    form: str
    next_offset: int
    pieces: dict[str, Place]


_encode = msgspec.msgpack.Encoder().encode
_head = msgspec.msgpack.Decoder(Head).decode


class Snapshots:
    """The snapshots of one partition: reads the newest whole one, writes the next one piece by piece."""

    def __init__(self, store: Mapping[bytes, bytes], form: str) -> None:
        """`store` holds the state topic as it was read; nothing of it is kept here. Raises on a damaged head."""
        self._form = form
        self._head = _read_head(store)
        self._keys = set(store) - {HEAD}
        self._places: dict[str, Place] = {}
        self._waiting: deque[tuple[str, bytes | memoryview]] = deque()
        self._next_offset = 0
        self._tidy = self.foreign_form is not None  # what another version wrote is left alone

    @property
    def foreign_form(self) -> str | None:
        """The form of a snapshot that is there and cannot be read here; None when all is well."""
        return self._head.form if self._head is not None and self._head.form != self._form else None

    @property
    def next_offset(self) -> int:
        """The first record to be read after the newest readable snapshot."""
        return self._head.next_offset if self._head is not None and self._head.form == self._form else 0

    @property
    def writing(self) -> bool:
        return bool(self._places or self._waiting)

    def read(self, store: Mapping[bytes, bytes]) -> dict[str, bytes] | None:
        """Name -> bytes of the newest snapshot, in its order; None without a readable one. Raises when it is damaged."""
        if self._head is None or self._head.form != self._form:
            return None
        return {name: _read_piece(store, name, place) for name, place in self._head.pieces.items()}

    def begin(self, next_offset: int, pieces: Iterable[tuple[str, bytes | memoryview]]) -> None:
        """Take a snapshot; its pieces must not change any more."""
        self._next_offset, self._places, self._waiting = next_offset, {}, deque(pieces)

    def write(self, budget_bytes: int) -> dict[bytes, bytes | None]:
        """State records for about that many bytes of pieces; when nothing is left to write, the head comes last."""
        if not self.writing:
            return {}
        records: dict[bytes, bytes | None] = dict.fromkeys(self._needless()) if not self._places else {}
        spent = 0.0
        while self._waiting and spent < budget_bytes:
            name, raw = self._waiting.popleft()
            digest = blake2b(raw, digest_size=DIGEST_BYTES).digest()
            before = self._head.pieces.get(name) if self._head is not None else None
            if before is not None and before.digest == digest:
                self._places[name] = before
                spent += len(raw) * UNCHANGED_COST
                continue
            place = Place("b" if before is not None and before.slot == "a" else "a", digest)
            records[_key(place.slot, name)] = zlib.compress(raw, 1)
            self._places[name] = place
            spent += len(raw)
        self._keys |= records.keys() - {key for key, value in records.items() if value is None}
        if not self._waiting:
            self._head = Head(self._form, self._next_offset, self._places)
            self._places = {}
            records[HEAD] = _encode(self._head)
            self._tidy = False
        return records

    def forget(self) -> dict[bytes, bytes | None]:
        """Tombstones of what the present head does not name: state records for the batch after the head, else none.

        The former place of a piece may not wait for the piece to change again: it may place somebody who was erased.
        """
        if self._tidy or self.writing:
            return {}
        self._tidy = True
        return dict.fromkeys(self._needless())

    def _needless(self) -> list[bytes]:
        """Keys of pieces that the present head does not name, now no longer counted as there."""
        pieces = self._head.pieces.items() if self._head is not None else ()
        known = {_key(place.slot, name) for name, place in pieces}
        needless = sorted(self._keys - known)
        self._keys &= known
        return needless


def _read_head(store: Mapping[bytes, bytes]) -> Head | None:
    if HEAD not in store:
        return None
    try:
        return _head(store[HEAD])
    except msgspec.ValidationError:
        return Head("older", 0, {})
    except msgspec.DecodeError as error:
        raise _damaged(f"its head is broken ({error})") from None


def _read_piece(store: Mapping[bytes, bytes], name: str, place: Place) -> bytes:
    try:
        raw = zlib.decompress(store.get(_key(place.slot, name), b""))
    except zlib.error as error:
        raise _damaged(f"piece {name!r} is broken ({error})") from None
    if blake2b(raw, digest_size=DIGEST_BYTES).digest() != place.digest:
        raise _damaged(f"piece {name!r} is of another snapshot")
    return raw


def _damaged(what: str) -> TerradriftError:
    return TerradriftError(
        f"the snapshot of the regions is damaged: {what}; "
        "delete the region-state topic to rebuild it from the region log, if that is still whole"
    )


def _key(slot: str, name: str) -> bytes:
    return f"{slot}|{name}".encode()
