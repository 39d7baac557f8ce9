"""How well the visit frequency is held: a decayed count per account against its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

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
        for kind, ids in scopes.items():
            done_by: dict[str, float] = {}
            due_by: dict[str, float] = {}
            for row, scope_id in enumerate(ids):
                if scope_id:
                    done_by[scope_id] = done_by.get(scope_id, 0.0) + float(self.recent[row])
                    due_by[scope_id] = due_by.get(scope_id, 0.0) + float(due[row])
            found |= {(kind, one): done_by[one] / due_by[one] for one in done_by if due_by[one] > 0}
        return found
