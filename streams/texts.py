"""Keys or values of many records, in the bytes they came in: each becomes a bytes object only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

import numpy as np

from streams.hash_kernel import Ids, hash_texts
from streams.record_kernel import Bytes, Ints, equal_to, join_lines


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[bytes | None]):
    """Text `i` is `payload[starts[i]:ends[i]]`; None where the end is -1."""

    payload: Bytes
    starts: Ints
    ends: Ints

    @classmethod
    def of(cls, texts: Sequence[bytes | None]) -> Texts:
        if isinstance(texts, Texts):
            return texts
        sizes = np.array([-1 if text is None else len(text) for text in texts], dtype=np.int64)
        room = np.maximum(sizes, 0)
        starts = np.cumsum(room) - room
        payload = np.frombuffer(bytearray(b"".join([text or b"" for text in texts])), dtype=np.uint8)
        return cls(payload, starts, np.where(sizes < 0, -1, starts + sizes))

    @classmethod
    def together(cls, parts: Sequence[Texts]) -> Texts:
        """One after the other."""
        if len(parts) == 1:
            return parts[0]
        before = list(accumulate((len(part.payload) for part in parts), initial=0))
        return cls(
            np.concatenate([part.payload for part in parts]),
            np.concatenate([part.starts + moved for part, moved in zip(parts, before, strict=False)]),
            np.concatenate(
                [np.where(part.ends < 0, -1, part.ends + moved) for part, moved in zip(parts, before, strict=False)]
            ),
        )

    def some(self, at: Ints) -> Texts:
        """Those at these places, in this order."""
        return Texts(self.payload, self.starts[at], self.ends[at])

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> bytes | None: ...
    @overload
    def __getitem__(self, at: slice) -> Texts: ...
    def __getitem__(self, at: int | slice) -> bytes | Texts | None:
        if isinstance(at, slice):
            return Texts(self.payload, self.starts[at], self.ends[at])
        end = self.ends[at]
        return None if end < 0 else self.payload[self.starts[at] : end].tobytes()

    def __iter__(self) -> Iterator[bytes | None]:
        first, last = (int(self.starts.min()), int(self.ends.max())) if len(self) else (0, 0)
        held = self.payload[first : max(first, last)].tobytes()
        for start, end in zip((self.starts - first).tolist(), (self.ends - first).tolist(), strict=True):
            yield None if end < -first else held[start:end]

    def text(self, at: int) -> bytes:
        """The one at a place where there is one. Raises LookupError."""
        text = self[at]
        if text is None:
            raise LookupError(f"there is no text {at}")
        return text

    def hashes(self) -> Ids:
        """Of each its XXH64; none hashes as an empty one."""
        hashes = np.empty(len(self), dtype=np.uint64)
        hash_texts(self.payload, self.starts, self.ends, hashes)
        return hashes

    def sizes(self) -> Ints:
        """In bytes; below 0 where there is none."""
        return np.where(self.ends < 0, -1, self.ends - self.starts)

    def equal_to(self, text: bytes) -> list[int]:
        """Where this text stands."""
        found = np.empty(len(self), dtype=np.bool_)
        equal_to(self.payload, self.starts, self.ends, np.frombuffer(bytearray(text), dtype=np.uint8), found)
        where: list[int] = np.flatnonzero(found).tolist()
        return where

    def plain_lines(self, at: Ints, most_bytes: int) -> Bytes | None:
        """The texts at these places, each a line; None unless each is there, not too long, and by its look a JSON object without escapes."""
        sizes = self.sizes()[at]
        if not len(sizes) or int(sizes.min()) < 1 or int(sizes.max()) > most_bytes:
            return None
        lines = np.empty(int(sizes.sum()) + len(sizes), dtype=np.uint8)
        return lines if join_lines(self.payload, self.starts, self.ends, at, lines) else None
