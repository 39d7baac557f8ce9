"""How well the visit frequency is held: a decayed count per account against its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.codes import Codes

MEMORY_WEEKS = 13
DECAY = 1 - 1 / MEMORY_WEEKS
WEEKS_PER_YEAR = 52


class VisitBook:
    """`recent` is each account's visits of about the last 13 weeks, in the order of rows."""

    def __init__(self, recent: Sequence[float] = ()) -> None:
        self.recent: NDArray[np.float64] = np.array(recent, dtype=np.float64)

    def close_week(self, visits: NDArray[np.float64]) -> None:
        grown = np.zeros(visits.size)
        grown[: self.recent.size] = self.recent
        self.recent = grown * DECAY + visits

    def held(
        self, yearly_target: NDArray[np.float64], scopes: Mapping[str, Sequence[str | None]]
    ) -> dict[tuple[str, str], float]:
        """(scope kind, id) -> visits done over visits due. Empty where nobody reports visits: silence is no neglect."""
        if self.recent.sum() <= 0:
            return {}
        due = yearly_target * MEMORY_WEEKS / WEEKS_PER_YEAR
        found: dict[tuple[str, str], float] = {}
        for kind, scope_of in scopes.items():
            codes = Codes(scope_of)
            done_by, due_by = codes.sums(self.recent).tolist(), codes.sums(due).tolist()
            sums = zip(codes.ids, done_by, due_by, strict=True)
            found |= {(kind, scope_id): done / due for scope_id, done, due in sums if scope_id and due > 0}
        return found
