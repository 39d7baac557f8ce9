"""Snapshots: plain values and named arrays as bytes, with the kind and version of their writer.

Layout: magic, length of the header, header (JSON), then the arrays one after the other. The same content gives the same
bytes. A reader refuses what another kind or version wrote, so a model never starts from numbers it would misread.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.errors import TerradriftError

_MAGIC = b"TDS1"
_LENGTH = struct.Struct("<I")
PIECE_BYTES = 128_000


class SnapshotError(TerradriftError):
    """The bytes are not a snapshot of this kind and version; rebuild the state by replaying its log."""


def pack(kind: str, version: str, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Values must be JSON; arrays any fixed-size dtype."""
    solid = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    header = {
        "kind": kind,
        "version": version,
        "values": dict(values),
        "arrays": [[name, array.dtype.str, list(array.shape)] for name, array in solid.items()],
    }
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    return b"".join([_MAGIC, _LENGTH.pack(len(text)), text, *(array.data for array in solid.values())])


def cut(data: bytes, size: int = PIECE_BYTES) -> dict[str, memoryview]:
    """What `pack` made, in named pieces of about `size` bytes that give it again when joined in order.

    Cuts lie at the bounds of arrays and of their first index: a ring of weeks that took one more week differs from its
    former self in one piece, not in all of them. Array names hold no "@".
    """
    view = memoryview(data)
    first = len(_MAGIC) + _LENGTH.size
    at = first + _LENGTH.unpack_from(data, len(_MAGIC))[0]
    pieces = {"@": view[:at]}
    group, group_at = "", at  # neighbours too small for a piece of their own
    for name, dtype_text, shape in json.loads(data[first:at])["arrays"]:
        end = at + math.prod(shape) * np.dtype(dtype_text).itemsize
        if end - at < size:
            group, at = group or name, end
            if at - group_at < size:
                continue
        if group:
            pieces[group] = view[group_at:at]
        step = _step((end - at) // max(shape[0], 1) if shape else 0, size)
        pieces |= {f"{name}@{i - at}": view[i : min(i + step, end)] for i in range(at, end, step)}
        group, group_at, at = "", end, end
    if group:
        pieces[group] = view[group_at:at]
    return pieces


def _step(row_bytes: int, size: int) -> int:
    """Whole rows, as many as fit; parts of a row that is very long."""
    return row_bytes * max(size // row_bytes, 1) if 0 < row_bytes <= 2 * size else size


def unpack(kind: str, version: str, data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The values and (writable) arrays of `pack`.

    Raises SnapshotError when the bytes are damaged or of another kind or version.
    """
    start = len(_MAGIC) + _LENGTH.size
    if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
        raise SnapshotError(f"not a snapshot of {kind}: it does not begin with {_MAGIC!r}")
    at = start + _LENGTH.unpack_from(data, len(_MAGIC))[0]
    try:
        header = json.loads(data[start:at])
    except ValueError as error:
        raise SnapshotError(f"the header of a snapshot of {kind} is damaged: {error}") from None
    if (header["kind"], header["version"]) != (kind, version):
        raise SnapshotError(
            f"a snapshot of {header['kind']} version {header['version']} cannot be read as {kind} version {version}"
        )
    arrays: dict[str, NDArray[Any]] = {}
    for name, dtype_text, shape in header["arrays"]:
        dtype = np.dtype(dtype_text)
        count = math.prod(shape)
        if at + count * dtype.itemsize > len(data):
            raise SnapshotError(f"a snapshot of {kind} ends inside the array {name!r}")
        arrays[name] = np.frombuffer(data, dtype, count, at).reshape(shape).copy()
        at += count * dtype.itemsize
    return header["values"], arrays
