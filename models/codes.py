"""Scopes of accounts as numbers, for sums over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats


class Codes:
    """Scope of each account as a number: `ids[codes[i]]`. "" stands for none."""

    def __init__(self, scope_of: Sequence[str | None]) -> None:
        ids, codes = np.unique(np.array([scope or "" for scope in scope_of], dtype=np.str_), return_inverse=True)
        self.ids: list[str] = ids.tolist()
        self.codes: NDArray[np.intp] = codes.reshape(-1)

    @classmethod
    def of(cls, ids: list[str], codes: NDArray[np.intp]) -> Codes:
        """Numbers that are known already."""
        one = cls([])
        one.ids, one.codes = ids, codes
        return one

    def sums(self, values: Floats) -> Floats:
        """(scopes,) sums of (n,) values."""
        return np.bincount(self.codes, values, len(self.ids)).astype(np.float64)

    def contains(self, scope_ids: set[str]) -> Flags:
        """(n,) accounts inside one of those scopes."""
        inside = np.array([scope_id in scope_ids for scope_id in self.ids], bool)
        return np.asarray(inside[self.codes]) if self.codes.size else np.zeros(0, bool)
