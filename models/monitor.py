"""Many residual streams at once, each watched for a lasting drop and a lasting rise: one compiled pass per period.

A value is standardised by its stream's own slow level and spread and by the scale of the period (a day on which all
streams scatter counts less), clipped so that one odd day is no evidence of a lasting change, and summed on either
side: by a CUSUM where one size of change is looked for (Page 1954), else by a mixture of Shiryaev-Roberts statistics over
sizes (Pollak 1987). The level follows slowly, so that wandering is no drift; after an alarm it waits, and moves to
the new mean only when the change still stands a while later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.detectors import WEIGHTS
from models.history import Floats
from models.monitor_kernel import advance
from models.pace import RING, Pace, first_thresholds

_SIDES = ("drop", "rise")  # a statistic each, or one for each size of the mixture
_COLUMNS = {
    "value": Column(np.float32, np.nan, (RING,)),
    "period": Column(np.int32, -1, (RING,)),
    "level": Column(np.float64, 0),
    "spread": Column(np.float64, 0),
    "seen": Column(np.int64, 0),
    "drop": Column(np.float64, 0, (1,)),
    "rise": Column(np.float64, 0, (1,)),
    "fell": Column(np.int64, 0),  # observations since the statistic of drops left zero
    "rose": Column(np.int64, 0),
    "hold": Column(np.int64, 0),  # observations until a raised alarm is confirmed or dropped
    "shift": Column(np.float64, 0),  # of the raised alarm
    "behind": Column(np.float64, 0),  # sum of the values since the change
    "count": Column(np.float64, 0),
    "after": Column(np.float64, 0),  # sum of the values since the alarm
}


@dataclass(frozen=True, slots=True)
class Found:
    """One alarm. `started` and `period` number periods; `shift` is the change of the mean, in the stream's own units.

    `withdrawn`: the alarm raised before was not confirmed, and counts as never raised.
    """

    stream: int
    period: int
    started: int
    rise: bool
    statistic: float
    shift: float
    sigma: float
    level: float  # before the change
    withdrawn: bool = False


class Monitor:
    """Streams are rows that never change; a new stream takes the next one. Memory: RING values a stream."""

    def __init__(self, pace: Pace, per_year: float) -> None:
        """`per_year`: wanted false alarms of one stream in a year, drops and rises together."""
        self.pace = pace
        self.per_year = per_year
        self.thresholds = first_thresholds(pace, per_year)
        self._kinds = _columns_of(pace)
        self._columns = Columns(self._kinds)
        self._periods = 0

    def step(self, values: Floats, scale: float = 1.0) -> list[Found]:
        """The next period: (streams,) residuals, NaN where nothing was observed; alarms in the order of the streams."""
        return self.run(values[None, :], np.array([scale]))

    def run(self, values: Floats, scale: Floats) -> list[Found]:
        """Several periods at once: (periods, streams) and (periods,). The same as stepping through them."""
        while self._columns.rows < values.shape[1]:
            self._columns.add()
        pace = self.pace
        numbers = np.array([pace.k, pace.clip, pace.level_step, pace.spread_step, pace.warm, pace.hold, pace.confirm])
        sizes = np.array(pace.sizes)
        arrays = [sizes, np.array(WEIGHTS[: sizes.size]), *(self._columns[name] for name in self._kinds)]
        solid = np.ascontiguousarray(values, np.float64)
        rows = advance(solid, np.asarray(scale, np.float64), self._periods, np.array(self.thresholds), numbers, *arrays)  # fmt: skip
        self._periods += values.shape[0]
        return [_found(row) for row in sorted(rows, key=lambda row: (row[1], row[0]))]

    @property
    def levels(self) -> Floats:
        """(streams,) slow levels."""
        return np.asarray(self._columns["level"])

    def widen(self, streams: NDArray[np.intp], factor: Floats) -> None:
        """From now on these streams scatter so many times as much."""
        known = streams < self._columns.rows
        self._columns["spread"][streams[known]] *= factor[known]

    def resume(self, stream: int, level: float) -> None:
        """The change of a stream is over: it is back at that level, and both statistics begin anew."""
        c = self._columns
        c["level"][stream] = level
        for name in (*_SIDES, "fell", "rose", "hold"):
            c[name][..., stream] = 0

    def keep_to(self, per_year: float) -> None:
        """Another budget; the thresholds are those of independent noise until the next calibration."""
        self.per_year = per_year
        self.thresholds = first_thresholds(self.pace, per_year)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values = {
            "thresholds": list(self.thresholds),
            "per_year": self.per_year,
            "periods": self._periods,
            "rows": self._columns.rows,
        }
        return values, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.thresholds = (values["thresholds"][0], values["thresholds"][1])
        self.per_year = values["per_year"]
        self._periods = values["periods"]
        self._columns = Columns.restored(self._kinds, values["rows"], arrays)


def _columns_of(pace: Pace) -> dict[str, Column]:
    return _COLUMNS | {name: Column(np.float64, 0, (max(len(pace.sizes), 1),)) for name in _SIDES}


def _found(row: Iterable[float]) -> Found:
    stream, at, started, side, statistic, shift, spread, level, gone = row
    return Found(int(stream), int(at), int(started), side == 1, statistic, shift, shift / spread, level, gone == 1)
