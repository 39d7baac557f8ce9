"""A partition's state on disk, in RocksDB: a cache of the changelog, made anew at each assignment and removed afterwards.

The changelog is the truth; nothing here has to survive a crash. Hence no write-ahead log, and a folder that is emptied
before use: a state that was left behind can never be older or newer than the offsets it is used with.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from schemas.errors import UnavailableError


class RocksStore:
    """Bytes by bytes. One process may have a folder open."""

    def __init__(self, folder: Path) -> None:
        """Empties `folder` and opens it. Raises UnavailableError where that cannot be done."""
        self._folder = folder
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True  # type: ignore[method-assign,assignment] # the stub calls the property a method
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = Rdict(str(folder), options)
        except Exception as error:  # rocksdict raises plain exceptions
            raise UnavailableError(f"the state store in {folder} cannot be opened: {error}") from error

    def get(self, key: bytes, /) -> bytes | None:
        value: bytes | None = self._database.get(key)
        return value

    def find(self, keys: Sequence[bytes], /) -> Sequence[bytes | None]:
        """The value of each key, all asked for at once."""
        values: Any = self._database.get(list(keys))
        return list(values)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything, in the order of the keys."""
        yield from self._database.items()

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Write the changes as one batch; None takes a key away. Raises UnavailableError where the disk takes no more."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        try:
            self._database.write(batch, self._unlogged)
        except Exception as error:  # of a write in the background, too: the disk is full, or gone
            raise UnavailableError(
                f"the state store in {self._folder} cannot be written: {error}; nothing is lost: free the disk and start again"
            ) from error

    def close(self) -> None:
        """Close and remove the folder, also where the disk is full and RocksDB cannot write what it still holds: nobody reads it again."""
        with contextlib.suppress(Exception):  # rocksdict raises plain exceptions
            self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)
