"""Early warning for many streams of one rhythm: known effects off, common factors off, the rest watched.

Streams are log values (revenue of an open day; a scope's week against its usual week), one row each, NaN where nothing
was observed. Thresholds come from the false-alarm budget and the streams' own past, renewed at fixed intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.calibration import calibrate
from models.columns import Column, Columns
from models.effects import KnownEffects
from models.factors import MarketFactors
from models.history import Floats
from models.monitor import Found, Monitor
from models.pace import DAILY, SCOPED, SCOPED_DAILY, WEEKLY, Pace
from models.snapshot import pack, unpack

MOST_CALIBRATED = 4_000
Cells = NDArray[np.intp]
Parts = tuple[dict[str, Any], dict[str, NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Lengths in periods: a day or a week."""

    name: str
    days: int  # of a period
    pace: Pace
    window: int  # of the past that factors and thresholds are learnt from
    start: int  # before the first factors
    refit: int
    calibrate: int


DAYS = Rhythm("daily", 1, DAILY, window=365, start=120, refit=28, calibrate=56)
WEEKS = Rhythm("weekly", 7, WEEKLY, window=104, start=26, refit=13, calibrate=13)
SCOPES = Rhythm("weekly scopes", 7, SCOPED, window=104, start=13, refit=13, calibrate=13)
SCOPE_DAYS = Rhythm("daily scopes", 1, SCOPED_DAILY, window=365, start=56, refit=28, calibrate=56)
RHYTHMS = {one.name: one for one in (DAYS, WEEKS, SCOPES, SCOPE_DAYS)}


class Residuals:
    """A stream without what is known to move it and without what moves the others too."""

    def __init__(self, rhythm: Rhythm, cells: int) -> None:
        self.effects = KnownEffects(cells)
        self.factors = MarketFactors(rhythm.window, rhythm.start, rhythm.refit)

    def remove(self, values: Floats, cell: Cells) -> tuple[Floats, float]:
        """(streams,) residuals of one period in log points, and the period's scale of scatter."""
        return self.factors.remove(self.effects.remove(values, cell))

    def state(self) -> Parts:
        effects, effect_arrays = self.effects.state()
        factors, factor_arrays = self.factors.state()
        arrays = {f"effects.{name}": array for name, array in effect_arrays.items()}
        return {"effects": effects, "factors": factors}, arrays | {f"factors.{n}": a for n, a in factor_arrays.items()}

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.effects.restore(values["effects"], part("effects", arrays))
        self.factors.restore(values["factors"], part("factors", arrays))


class EarlyWarning:
    """Call `close_period` for every period in order; calibrates itself until `calibrated` is called."""

    version: ClassVar[str] = "early-warning-2"

    def __init__(self, rhythm: Rhythm, cells: int, per_year: float) -> None:
        """`cells`: combinations of known effects (1: none); `per_year`: false alarms of one stream in a year."""
        self.rhythm, self.cells = rhythm, cells
        self._residuals = Residuals(rhythm, cells)
        self.monitor = Monitor(rhythm.pace, per_year)
        self._past = Columns({"residual": Column(np.float32, np.nan, (rhythm.window,))})
        self._scale = np.ones(rhythm.window)
        self._period = 0
        self._fixed = False

    def close_period(self, values: Floats, cell: Cells) -> list[Found]:
        """The alarms this period raises. A stream that was never seen takes the next row."""
        residual, scale = self._residuals.remove(values, cell)
        while self._past.rows < values.size:
            self._past.add()
        slot = self._period % self.rhythm.window
        self._past["residual"][slot], self._scale[slot] = residual, scale
        self._period += 1
        if self._period % self.rhythm.calibrate == 0 and not self._fixed:
            self._calibrate()
        return self.monitor.step(residual, scale)

    def calibrated(self) -> None:
        """Thresholds from everything remembered now, and never again."""
        self._calibrate()
        self._fixed = True

    @property
    def streams(self) -> int:
        return self._past.rows

    def remembered(self) -> tuple[Floats, Floats]:
        """(window, streams) residuals and (window,) scales, oldest first; NaN before the beginning."""
        order = np.roll(np.arange(self.rhythm.window), -(self._period % self.rhythm.window))
        return self._past["residual"][order].astype(np.float64), self._scale[order]

    def _calibrate(self) -> None:
        """On an even sample of the streams where there are very many: a day must close in seconds."""
        past, scale = self.remembered()
        calibrate(self.monitor, past[:, :: -(-past.shape[1] // MOST_CALIBRATED) or 1], scale)

    def keep_to(self, per_year: float) -> None:
        """Spend another false-alarm budget from now on."""
        if per_year != self.monitor.per_year:
            self.monitor.keep_to(per_year)
            if not self._fixed:
                self._calibrate()

    def recent(self, stream: int, periods: int) -> float:
        """Mean residual of a stream over the newest periods; NaN where nothing was observed."""
        slots = (self._period - 1 - np.arange(periods)) % self.rhythm.window
        seen = self._past["residual"][slots, stream].astype(np.float64)
        known = seen[np.isfinite(seen)]
        return float(known.mean()) if known.size else float("nan")

    def state(self) -> Parts:
        residuals, residual_arrays = self._residuals.state()
        monitor, monitor_arrays = self.monitor.state()
        values = {"residuals": residuals, "monitor": monitor, "period": self._period, "fixed": self._fixed,
                  "rows": self._past.rows}  # fmt: skip
        arrays = {f"residuals.{name}": array for name, array in residual_arrays.items()}
        arrays |= {f"monitor.{name}": array for name, array in monitor_arrays.items()}
        arrays |= {"scale": self._scale, "past.residual": self._past.state()["residual"]}
        return values, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._residuals.restore(values["residuals"], part("residuals", arrays))
        self.monitor.restore(values["monitor"], part("monitor", arrays))
        kinds = {"residual": Column(np.float32, np.nan, (self.rhythm.window,))}
        self._past = Columns.restored(kinds, values["rows"], part("past", arrays))
        self._scale, self._period, self._fixed = arrays["scale"], values["period"], values["fixed"]

    def to_bytes(self) -> bytes:
        return pack(f"early warning {self.rhythm.name} {self.cells}", self.version, *self.state())

    @classmethod
    def from_bytes(cls, rhythm: Rhythm, cells: int, per_year: float, data: bytes) -> EarlyWarning:
        """Raises SnapshotError on the bytes of another rhythm, number of cells or version."""
        values, arrays = unpack(f"early warning {rhythm.name} {cells}", cls.version, data)
        again = cls(rhythm, cells, per_year)
        again.restore(values, arrays)
        return again


def part(name: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays of one part of a snapshot, under their own names."""
    return {key.removeprefix(name + "."): array for key, array in arrays.items() if key.startswith(name + ".")}
