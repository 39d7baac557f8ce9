"""How good the forecasts were: prequential sums by horizon and segment, against a naive benchmark.

Every figure compares a stored forecast with the revenue that came, never a forecast made afterwards. Sums and counts
are kept so that ratios add up over regions; ratios are never averaged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.history import Flags, Floats

_WINDOW_WEEKS = 52
_RECENT_WEEKS = 8
_WORSE = 1.25


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One week's sums of one horizon and segment; `segment` "" means all."""

    horizon_weeks: int
    segment: str
    forecasts: int
    actual_eur: float
    error_eur: float  # forecast minus actual, signed
    abs_error_eur: float
    naive_abs_error_eur: float
    intervals: int
    covered: int

    @property
    def wape(self) -> float:
        """Sum of absolute errors over sum of revenue; NaN without revenue."""
        return self.abs_error_eur / self.actual_eur if self.actual_eur > 0 else float("nan")

    @property
    def naive_wape(self) -> float:
        return self.naive_abs_error_eur / self.actual_eur if self.actual_eur > 0 else float("nan")

    @property
    def bias(self) -> float:
        """Positive: forecasts were too high."""
        return self.error_eur / self.actual_eur if self.actual_eur > 0 else float("nan")

    @property
    def coverage(self) -> float:
        return self.covered / self.intervals if self.intervals else float("nan")


@dataclass(frozen=True, slots=True)
class Scored:
    """What one closed week made comparable: arrays (n,); NaN where there was no forecast."""

    horizon_weeks: int
    actual: Floats
    forecast: Floats
    naive: Floats
    low: Floats | None = None
    high: Floats | None = None


class QualityBook:
    """This week's rows and rolling sums over a year, per horizon. Fixed size."""

    def __init__(self) -> None:
        self._rows: list[QualityRow] = []
        self._rolling: dict[int, tuple[_RollingSums, _RollingSums]] = {}

    @property
    def rows(self) -> Sequence[QualityRow]:
        """Rows of the newest closed week: what to publish."""
        return tuple(self._rows)

    def close_week(self, scored: Sequence[Scored], segments: NDArray[np.str_], active: Flags) -> None:
        """Replace the rows by those of the week just closed."""
        self._rows = []
        for one in scored:
            known = active & np.isfinite(one.forecast)
            if not known.any():
                continue
            for segment in ["", *sorted(set(segments[known].tolist()) - {""})]:
                self._rows.append(_row(one, segment, known if segment == "" else known & (segments == segment)))
        for row in self._rows:
            if row.segment == "":
                for sums in self._sums(row.horizon_weeks):
                    sums.update(row)

    def rolling(self, horizon_weeks: int) -> tuple[float, float]:
        """WAPE of the model and of the naive benchmark over the last 52 scored weeks; NaN before the first."""
        return self._sums(horizon_weeks)[0].wapes()

    def drifting(self, horizon_weeks: int = 4) -> bool:
        """The last 8 weeks are clearly worse than the year, and worse than the naive forecast: mistrust the model."""
        year, recent = (sums.wapes() for sums in self._sums(horizon_weeks))
        return bool(recent[0] > _WORSE * year[0] and recent[0] > recent[1])

    def _sums(self, horizon_weeks: int) -> tuple[_RollingSums, _RollingSums]:
        fresh = (_RollingSums(_WINDOW_WEEKS), _RollingSums(_RECENT_WEEKS))
        return self._rolling.setdefault(horizon_weeks, fresh)

    def state(self) -> dict[str, Any]:
        rows = [[getattr(row, f.name) for f in fields(row)] for row in self._rows]
        return {"rows": rows, "rolling": {str(h): year.state() for h, (year, _) in self._rolling.items()}}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> QualityBook:
        book = cls()
        book._rows = [QualityRow(*row) for row in state["rows"]]
        for horizon, triples in state["rolling"].items():
            for sums in book._sums(int(horizon)):
                for triple in triples:
                    sums.add(triple)
        return book


class _RollingSums:
    """The last weeks' (absolute error, naive absolute error, actual) in EUR, summed afresh: no rounding piles up."""

    def __init__(self, weeks: int) -> None:
        self._window: deque[tuple[float, float, float]] = deque(maxlen=weeks)

    def update(self, row: QualityRow) -> None:
        self.add((row.abs_error_eur, row.naive_abs_error_eur, row.actual_eur))

    def add(self, triple: Sequence[float]) -> None:
        self._window.append((triple[0], triple[1], triple[2]))

    def wapes(self) -> tuple[float, float]:
        error, naive, actual = (sum(one[k] for one in self._window) for k in range(3))
        return (error / actual, naive / actual) if actual > 0 else (float("nan"), float("nan"))

    def state(self) -> list[list[float]]:
        return [list(triple) for triple in self._window]


def _row(one: Scored, segment: str, rows: Flags) -> QualityRow:
    actual, forecast = one.actual[rows], one.forecast[rows]
    intervals = covered = 0
    if one.low is not None and one.high is not None:
        intervals = actual.size
        covered = int(((one.low[rows] <= actual) & (actual <= one.high[rows])).sum())
    return QualityRow(
        horizon_weeks=one.horizon_weeks,
        segment=segment,
        forecasts=int(actual.size),
        actual_eur=float(actual.sum()),
        error_eur=float((forecast - actual).sum()),
        abs_error_eur=float(np.abs(forecast - actual).sum()),
        naive_abs_error_eur=float(np.abs(one.naive[rows] - actual).sum()),
        intervals=intervals,
        covered=covered,
    )
