"""What is known to move a stream on a given day (weekday, promotion, holidays), learnt per stream and taken off.

A cell is one combination, such as "Tuesday with promotion". Each stream keeps an offset for each of its cells beside
one level for all; both move slowly. Source of the scheme: seasonal states of exponential smoothing (Winters 1960).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Floats

MOST_CELLS = 64
_LEVEL_STEP = 0.05
_OFFSET_STEP = 0.03


class KnownEffects:
    """Offsets of up to `cells` cells for each stream; rows never change."""

    level_step: ClassVar[float] = _LEVEL_STEP

    def __init__(self, cells: int) -> None:
        if not 1 <= cells <= MOST_CELLS:
            raise ValueError(f"cells must lie between 1 and {MOST_CELLS}, not {cells}")
        self._cells = cells
        self._kinds = {
            "level": Column(np.float64, np.nan),
            "offset": Column(np.float32, np.nan, (cells,)),
            "times": Column(np.int32, 0, (cells,)),
        }
        self._columns = Columns(self._kinds)

    def remove(self, values: Floats, cell: NDArray[np.intp]) -> Floats:
        """(streams,) log values of one period without their cells' effect; then learns from them.

        `cell`: (streams,) which combination holds for each stream. NaN stays NaN and teaches nothing. Where there is one
        cell only, nothing is taken off: its offset would learn a lasting change away.
        """
        if self._cells == 1:
            return values.astype(np.float64)
        while self._columns.rows < values.size:
            self._columns.add()
        level, offset, times = (self._columns[name] for name in self._kinds)
        rows = np.flatnonzero(np.isfinite(values))
        y, at = values[rows], (cell[rows], rows)
        level[rows] = np.where(np.isnan(level[rows]), y, level[rows])
        known = offset[at].astype(np.float64)
        known = np.where(np.isnan(known), y - level[rows], known)
        cleaned = y - known
        level[rows] += _LEVEL_STEP * (cleaned - level[rows])
        times[at] += 1
        step = np.maximum(_OFFSET_STEP, 1 / times[at])
        offset[at] = known + step * (y - level[rows] - known)
        out = np.full(values.size, np.nan)
        out[rows] = cleaned
        return out

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"rows": self._columns.rows}, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._columns = Columns.restored(self._kinds, values["rows"], arrays)
