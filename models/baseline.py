"""Each account's usual week, cleaned of what the whole market does.

The usual week moves slowly (2 % of the way a week) and stands still while an alarm about the account stands, so that a
lasting drop is not learnt away before anybody has seen it. It travels with the account: a territory that is handed an
account gets its usual week with it, and no false drop or rise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Flags, Floats

ESTABLISHED_WEEKS = 8
_STEP = 0.02
_FEW_SCOPES = 5
_COLUMNS = {"usual": Column(np.float64, 0), "age": Column(np.int64, 0)}


class Baseline:
    """Usual weekly EUR per row, and the market's factor of the week."""

    def __init__(self) -> None:
        self._columns = Columns(_COLUMNS)
        self.market = 1.0

    @property
    def usual(self) -> Floats:
        """(n,) EUR per week in a market at factor 1."""
        return np.asarray(self._columns["usual"])

    def reach(self, rows: int) -> None:
        while self._columns.rows < rows:
            self._columns.add()

    def established(self, active: Flags) -> Flags:
        """(n,) accounts whose usual week means something."""
        return np.asarray(active & (self._columns["age"] >= ESTABLISHED_WEEKS))

    def factor(self, observed: Floats, active: Flags, scopes: Codes) -> float:
        """The market of the week: the middle one of the scopes' ratios of observed to usual, so that one scope in
        trouble does not pull the market down; of all accounts together where there are only a few scopes."""
        rows = self.established(active)
        usual, seen = self.usual[rows], observed[rows]
        if usual.sum() <= 0:
            return 1.0
        of = scopes.codes[rows]
        base = np.bincount(of, usual, len(scopes.ids))
        sold = np.bincount(of, seen, len(scopes.ids))
        large = base > 0.2 * base.sum() / max(np.count_nonzero(base), 1)
        if large.sum() < _FEW_SCOPES:
            return float(seen.sum() / usual.sum())
        return float(np.median(sold[large] / base[large]))

    def learn(self, observed: Floats, active: Flags, frozen: Flags) -> None:
        """Move towards the week, market removed. The market's factor must have been set for this week."""
        age, usual = self._columns["age"], self._columns["usual"]
        begun = active & ((age > 0) | (observed > 0))
        age[begun] += 1
        step = np.maximum(_STEP, 1 / np.maximum(age, 1))
        moving = begun & ~frozen
        usual[moving] += (step * (observed / max(self.market, 0.05) - usual))[moving]

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"market": self.market, "rows": self._columns.rows}, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.market = values["market"]
        self._columns = Columns.restored(_COLUMNS, values["rows"], arrays)


class Codes:
    """Scope of each account as a number: `ids[codes[i]]`. "" stands for none."""

    def __init__(self, scope_of: Sequence[str | None]) -> None:
        ids, codes = np.unique(np.array([scope or "" for scope in scope_of], dtype=np.str_), return_inverse=True)
        self.ids: list[str] = ids.tolist()
        self.codes: NDArray[np.intp] = codes.reshape(-1)

    def sums(self, values: Floats) -> Floats:
        """(scopes,) sums of (n,) values."""
        return np.bincount(self.codes, values, len(self.ids)).astype(np.float64)

    def contains(self, scope_ids: set[str]) -> Flags:
        """(n,) accounts inside one of those scopes."""
        inside = np.array([scope_id in scope_ids for scope_id in self.ids], bool)
        return np.asarray(inside[self.codes]) if self.codes.size else np.zeros(0, bool)
