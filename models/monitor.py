"""Many residual streams at once, each watched for a lasting drop and a lasting rise: one compiled pass per period.

A value is standardised by its stream's own slow level and spread and by the scale of the period (a day on which all
streams scatter counts less), clipped so that one odd day is no evidence of a lasting change, and summed by a CUSUM on
either side (Page 1954). The level follows slowly, so that wandering is no drift; after an alarm it waits, and moves to
the new mean only when the change still stands a while later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Floats

RING = 91  # observations kept of each stream, for its first level and for dating a change
_DATING_CLIP = 6.0  # spreads: what is too odd to count as evidence still says when it began
_TRUSTED = 0.75  # false alarms that the past could hold when it counts as much as the first threshold
DROP_SHARE = 0.8  # of the false-alarm budget goes to drops, the rest to rises
_COLUMNS = {
    "value": Column(np.float32, np.nan, (RING,)),
    "period": Column(np.int32, -1, (RING,)),
    "level": Column(np.float64, 0),
    "spread": Column(np.float64, 0),
    "seen": Column(np.int64, 0),
    "drop": Column(np.float64, 0),
    "rise": Column(np.float64, 0),
    "fell": Column(np.int64, 0),  # observations since the statistic of drops left zero
    "rose": Column(np.int64, 0),
    "hold": Column(np.int64, 0),  # observations until a raised alarm is confirmed or dropped
    "shift": Column(np.float64, 0),  # of the raised alarm
    "behind": Column(np.float64, 0),  # sum of the values since the change
    "count": Column(np.float64, 0),
    "after": Column(np.float64, 0),  # sum of the values since the alarm
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream of one rhythm is watched. Steps are shares of the way per observation."""

    k: float  # half the drop looked for, in spreads
    clip: float
    level_step: float
    spread_step: float
    warm: int  # observations before anything is judged
    hold: int
    per_year: float  # observations a year
    confirm: float = 0.0  # spreads that the next observation must lie on the side of an alarm; 0: nothing is asked
    first: float = 1.5  # threshold before the past can tell, as a share of that for independent noise
    least: float = 0.7  # never below that share

    def __post_init__(self) -> None:
        if not 2 <= self.warm <= RING:
            raise ValueError(f"warm must lie between 2 and {RING}, not {self.warm}")


DAILY = Pace(k=0.75, clip=2.0, level_step=0.04, spread_step=0.01, warm=60, hold=12, per_year=307)
WEEKLY = Pace(k=0.5, clip=3.0, level_step=0.04, spread_step=0.02, warm=26, hold=4, per_year=52)
SCOPED = Pace(k=0.35, clip=2.5, level_step=0.04, spread_step=0.02, warm=26, hold=4, per_year=52, confirm=0.5, first=0.85, least=0.4)  # fmt: skip
"""A scope's alarm is raised early and must stand in the next week: the budget counts those that do. Chosen on eight
simulated companies: as many alarms of the same delay without that week would need it anyway, to be confirmed."""


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


@njit(cache=True)
def _advance(
    values: Floats,
    scale: Floats,
    first: int,
    limits: Floats,
    pace: Floats,
    value: Any,
    period: Any,
    level: Floats,
    spread: Floats,
    seen: Any,
    drop: Floats,
    rise: Floats,
    fell: Any,
    rose: Any,
    hold: Any,
    shift: Floats,
    behind: Floats,
    count: Floats,
    after: Floats,
) -> Any:
    """Alarms of (periods, streams) values as rows: stream, period, started, side, statistic, shift, spread, level, withdrawn."""
    k, clip, level_step, spread_step = pace[0], pace[1], pace[2], pace[3]
    warm, holding, confirm = int(pace[4]), int(pace[5]), pace[6]
    ring = value.shape[0]
    found = []
    for i in range(values.shape[1]):
        for t in range(values.shape[0]):
            y = values[t, i]
            if np.isnan(y):
                continue
            slot = seen[i] % ring
            value[slot, i], period[slot, i] = y, first + t
            seen[i] += 1
            if seen[i] <= warm:
                if seen[i] == warm:
                    past = np.sort(value[:warm, i])
                    level[i] = 0.5 * (past[(warm - 1) // 2] + past[warm // 2])
                    past = np.sort(np.abs(value[:warm, i] - level[i]))
                    spread[i] = max(1.4826 * 0.5 * (past[(warm - 1) // 2] + past[warm // 2]), 1e-3)
                continue
            if hold[i] > 0:
                if confirm > 0.0 and hold[i] == holding:
                    side = 1 if shift[i] > 0 else 0
                    if (y - level[i]) * (1.0 if side else -1.0) < confirm * spread[i]:
                        hold[i] = 0
                        found.append(
                            (
                                float(i),
                                float(first + t),
                                float(first + t),
                                float(side),
                                0.0,
                                shift[i],
                                spread[i],
                                level[i],
                                1.0,
                            )
                        )
                        continue
                hold[i] -= 1
                behind[i] += y
                after[i] += y
                count[i] += 1.0
                if hold[i] == 0:
                    gone = after[i] / holding - level[i]
                    if gone * shift[i] > 0.5 * shift[i] * shift[i]:
                        level[i] = behind[i] / count[i]
                continue
            x = (y - level[i]) / (spread[i] * max(1.0, scale[t]))
            x = min(max(x, -clip), clip)
            drop[i] = max(0.0, drop[i] - x - k)
            rise[i] = max(0.0, rise[i] + x - k)
            fell[i] = fell[i] + 1 if drop[i] > 0 else 0
            rose[i] = rose[i] + 1 if rise[i] > 0 else 0
            side = -1
            if drop[i] >= limits[0]:
                side = 0
            elif rise[i] >= limits[1]:
                side = 1
            if side >= 0:
                sign = 1.0 if side == 0 else -1.0
                best, total, raw, back = 0.0, 0.0, 0.0, 0
                behind[i], count[i] = y, 1.0
                ago = fell[i] if side == 0 else rose[i]
                for b in range(min(ago, ring)):  # likelihood estimate of the change, in this excursion
                    p = (seen[i] - 1 - b) % ring
                    z = (value[p, i] - level[i]) / spread[i]
                    total -= sign * min(max(z, -_DATING_CLIP), _DATING_CLIP)
                    raw += value[p, i]
                    gain = total * total / (b + 1)
                    if total > 0 and gain > best:
                        best, back = gain, b
                        behind[i], count[i] = raw, b + 1.0
                shift[i] = behind[i] / count[i] - level[i]
                started = period[(seen[i] - 1 - back) % ring, i]
                statistic = drop[i] if side == 0 else rise[i]
                found.append(
                    (float(i), float(first + t), float(started), float(side), statistic, shift[i], spread[i], level[i], 0.0))  # fmt: skip
                drop[i] = rise[i] = after[i] = 0.0
                fell[i] = rose[i] = 0
                hold[i] = holding
                continue
            level[i] += level_step * x * spread[i]
            spread[i] = max(spread[i] * (1.0 + spread_step * (min(abs(x), 2.5) * 1.27 - 1.0)), 1e-3)
    return found


class Monitor:
    """Streams are rows that never change; a new stream takes the next one. Memory: RING values a stream."""

    def __init__(self, pace: Pace, per_year: float) -> None:
        """`per_year`: wanted false alarms of one stream in a year, drops and rises together."""
        self.pace = pace
        self.per_year = per_year
        self.thresholds = _first_thresholds(pace, per_year)
        self._columns = Columns(_COLUMNS)
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
        arrays = [self._columns[name] for name in _COLUMNS]
        solid = np.ascontiguousarray(values, np.float64)
        rows = _advance(solid, np.asarray(scale, np.float64), self._periods, np.array(self.thresholds), numbers, *arrays)  # fmt: skip
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
        for name in ("drop", "rise", "fell", "rose", "hold"):
            c[name][stream] = 0

    def keep_to(self, per_year: float) -> None:
        """Another budget; the thresholds are those of independent noise until the next calibration."""
        self.per_year = per_year
        self.thresholds = _first_thresholds(self.pace, per_year)

    def calibrate(self, past: Floats, scale: Floats) -> None:
        """Thresholds that would have kept the budget on (periods, streams) of the past, found by bisection.

        The fewer false alarms the past could hold, the more of the first threshold is kept. Never below a share of the
        threshold for independent noise: a lucky quiet past would flood.
        """
        years, limits = judged_years(past, self.pace), list(self.thresholds)
        for side, share in enumerate((DROP_SHARE, 1 - DROP_SHARE)):
            wanted = share * self.per_year
            trust = years * wanted / (years * wanted + _TRUSTED)
            if trust >= 0.1:
                reference = _iid(self.pace, wanted)
                own = threshold_for(past, scale, self.pace, wanted, side, self.pace.least * reference)
                limits[side] = own**trust * (self.pace.first * reference) ** (1 - trust)
        self.thresholds = (limits[0], limits[1])

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
        self._columns = Columns.restored(_COLUMNS, values["rows"], arrays)


def _first_thresholds(pace: Pace, per_year: float) -> tuple[float, float]:
    """Of a drop and a rise, before the past can tell."""
    return pace.first * _iid(pace, DROP_SHARE * per_year), pace.first * _iid(pace, (1 - DROP_SHARE) * per_year)


def _found(row: Iterable[float]) -> Found:
    stream, at, started, side, statistic, shift, spread, level, gone = row
    return Found(int(stream), int(at), int(started), side == 1, statistic, shift, shift / spread, level, gone == 1)


def judged_years(past: Floats, pace: Pace) -> float:
    """Stream-years of (periods, streams) that are judged: what is observed after each stream's warm-up."""
    observed = np.isfinite(past).sum(axis=0)
    return float(np.maximum(observed - pace.warm, 0).sum() / pace.per_year)


def alarms_on(past: Floats, scale: Floats, pace: Pace, thresholds: tuple[float, float]) -> list[Found]:
    """What a fresh monitor with these thresholds says of (periods, streams)."""
    monitor = Monitor(pace, 1.0)
    monitor.thresholds = thresholds
    return monitor.run(past, scale)


def confirmed(found: Iterable[Found]) -> list[Found]:
    """The alarms that were not withdrawn, each at the period in which that was known: the next one."""
    kept: dict[int, Found] = {}
    told: list[Found] = []
    for one in found:
        if one.withdrawn:
            told.remove(kept.pop(one.stream))
        else:
            kept[one.stream] = replace(one, period=one.period + 1)
            told.append(kept[one.stream])
    return told


def standing(found: Iterable[Found]) -> int:
    """How many alarms were raised and not withdrawn."""
    return sum(-1 if one.withdrawn else 1 for one in found)


def threshold_for(past: Floats, scale: Floats, pace: Pace, per_year: float, side: int = 0, low: float = 0.5) -> float:
    """Threshold of one side (0 drop, 1 rise) with that many alarms a stream and year on (periods, streams) of quiet past."""
    years = judged_years(past, pace)
    high = 30 * low
    for _ in range(14):
        middle = (low * high) ** 0.5
        limits = (middle, np.inf) if side == 0 else (np.inf, middle)
        too_many = standing(alarms_on(past, scale, pace, limits)) > per_year * years
        low, high = (middle, high) if too_many else (low, middle)
    return high


def _iid(pace: Pace, per_year: float) -> float:
    """Siegmund's approximation for independent normal values."""
    run_length = pace.per_year / per_year
    low, high = 0.0, 60.0
    for _ in range(50):
        middle = (low + high) / 2
        span = 2 * pace.k * (middle + 1.166)
        low, high = (middle, high) if (np.expm1(min(span, 600)) - span) / (2 * pace.k**2) < run_length else (low, middle)  # fmt: skip
    return high
