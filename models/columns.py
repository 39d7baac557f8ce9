"""Arrays that share one row per account and grow together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """One value per account, or a block of them (`leading`), and what a new account starts with."""

    dtype: DTypeLike
    fill: float
    leading: tuple[int, ...] = ()


class Columns:
    """Named arrays whose last axis is the account; reading gives a writable view of the rows in use.

    >>> columns = Columns({"level": Column(np.float64, 0.0)})
    >>> columns.add(), columns.add()
    (0, 1)
    >>> columns["level"][:] = [3, 4]
    >>> columns["level"]
    array([3., 4.])
    """

    def __init__(self, kinds: Mapping[str, Column]) -> None:
        self._kinds = kinds
        self.rows = 0
        self._capacity = 0
        self._arrays: dict[str, NDArray[Any]] = {
            name: np.empty((*kind.leading, 0), kind.dtype) for name, kind in kinds.items()
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][..., : self.rows]

    def whole(self, name: str) -> NDArray[Any]:
        """The array with its spare rows, contiguous: what compiled loops are fast on."""
        return self._arrays[name]

    def add(self) -> int:
        if self.rows == self._capacity:
            self._grow(max(16, self.rows + self.rows // 4))
        self.rows += 1
        return self.rows - 1

    def _grow(self, capacity: int) -> None:
        for name, kind in self._kinds.items():
            array = np.full((*kind.leading, capacity), kind.fill, kind.dtype)
            array[..., : self.rows] = self[name]
            self._arrays[name] = array
        self._capacity = capacity

    def state(self) -> dict[str, NDArray[Any]]:
        """The arrays with their spare rows: a new account then changes its own places in a snapshot and no other."""
        return dict(self._arrays)

    @classmethod
    def restored(cls, kinds: Mapping[str, Column], rows: int, arrays: Mapping[str, NDArray[Any]]) -> Columns:
        columns = cls(kinds)
        columns._arrays = {name: arrays[name] for name in kinds}
        columns.rows = rows
        columns._capacity = min((array.shape[-1] for array in columns._arrays.values()), default=rows)
        return columns
