"""Many slow streams of one kind (territories, zones, segments, the region), watched fortnight by fortnight.

A stream is the log ratio of what its accounts bought to what the market made of their usual level, standardised by its
own slow level and spread. After an alarm it stops re-basing until it recovers or has lasted half a year: a level that
jumps after every false alarm hides real drops.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.detectors import Detector, calibrated_threshold, change_start
from models.history import Flags, Floats

WARM_PERIODS = 13
PAST = 52  # periods kept for calibration and for looking back
LONGEST_ALARM = 13
_CALIBRATE_EVERY = 13
_STEP = 0.04  # level and spread, per fortnight
_CLIP = 5.0
_RECOVERY_STEP = 0.3
_LEAST_SD = 0.02
_SIDES = (1.0, -1.0)  # a drop makes +x negative, a rise makes -x negative
_COLUMNS = {
    "observed": Column(np.float64, 0, (PAST,)),  # EUR per period
    "expected": Column(np.float64, 0, (PAST,)),
    "x": Column(np.float64, np.nan, (PAST,)),
    "v": Column(np.float64, np.nan, (PAST,)),
    "level": Column(np.float64, 0),
    "sd": Column(np.float64, 0),
    "seen": Column(np.int64, 0),
    "last_seen": Column(np.int64, 0),
    "alarm": Column(np.int64, -1),  # side of a standing alarm, -1 none
    "since": Column(np.int64, 0),  # periods behind the change
    "standing": Column(np.int64, 0),  # periods since it was raised
    "statistic": Column(np.float64, 0),
    "recovery": Column(np.float64, 0),  # slow mean of x on the alarm's side
    "reset": Column(np.int64, 0),  # period after which the statistics began anew
    "shift": Column(np.float64, 0),  # mean x on the alarm's side when it was raised, negative
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A stream's standing alarm."""

    scope_id: str
    side: int  # 0 drop, 1 rise
    periods: int  # since the change
    statistic: float
    threshold: float
    observed: float  # EUR since the change
    expected: float
    sigma: float

    @property
    def deviation(self) -> float:
        return self.observed / self.expected - 1 if self.expected > 0 else 0.0


class StreamBank:
    """Streams by scope id; memory is bounded by the scopes seen in the last two years."""

    def __init__(self, detector: Detector, run_length: float, min_effect: float) -> None:
        """`run_length`: wanted observations of one stream between false alarms, both directions together."""
        self._detector = detector
        self._settings_run_length = 2 * run_length  # for one direction
        self._run_length = self._settings_run_length
        self._min_effect = min_effect
        self.threshold = detector.iid_threshold(self._run_length)
        self._period = 0
        self._rows: dict[str, int] = {}
        self._columns = Columns(_COLUMNS)
        self._states = [detector.start(0), detector.start(0)]

    def close_period(self, scope_ids: list[str], observed: Floats, expected: Floats) -> None:
        """One period: EUR (scopes,) of the named scopes; scopes that are not named, or whose EUR are NaN, observe nothing."""
        known = np.isfinite(observed) & np.isfinite(expected)
        observed, expected = observed[known], expected[known]
        rows = self._rows_of([name for name, here in zip(scope_ids, known, strict=True) if here])
        c = self._columns
        slot = self._period % PAST
        for name, value in (("observed", 0.0), ("expected", 0.0), ("x", np.nan), ("v", np.nan)):
            c[name][slot] = value
        offset = 5 + 0.01 * expected
        v = np.full(c.rows, np.nan)
        v[rows] = np.log((np.maximum(observed, 0) + offset) / (expected + offset))
        c["observed"][slot, rows], c["expected"][slot, rows], c["v"][slot] = observed, expected, v
        c["last_seen"][rows] = self._period
        c["seen"][rows] += 1
        self._warm_up(v)
        x = np.clip((v - c["level"]) / np.maximum(c["sd"], _LEAST_SD), -_CLIP, _CLIP)
        x = np.where(c["seen"] > WARM_PERIODS, x, np.nan)
        standing = c["alarm"] >= 0
        c["x"][slot] = np.where(standing, np.nan, x)
        self._follow_alarms(x, standing)
        self._detect(np.where(standing, np.nan, x))
        self._rebase(np.where(c["alarm"] >= 0, np.nan, x))
        self._period += 1
        if self._period % _CALIBRATE_EVERY == 0:
            self._calibrate()
            self._forget()

    def keep_to(self, share: float) -> None:
        """Spend this share of the false-alarm budget from now on."""
        run_length = self._settings_run_length / share
        if run_length != self._run_length:
            self._run_length = run_length
            self._calibrate()

    def standing(self) -> list[Standing]:
        """All standing alarms, by scope id."""
        return [self._standing(scope_id, row) for scope_id, row in sorted(self._rows.items()) if self._alarmed(row)]

    def alarmed_ids(self) -> set[str]:
        return {scope_id for scope_id, row in self._rows.items() if self._alarmed(row)}

    def _alarmed(self, row: int) -> bool:
        return bool(self._columns["alarm"][row] >= 0)

    def _rows_of(self, scope_ids: list[str]) -> NDArray[np.intp]:
        new = [scope_id for scope_id in scope_ids if scope_id not in self._rows]
        for scope_id in new:
            self._rows[scope_id] = self._columns.add()
        if new:
            fresh = self._detector.start(len(new))
            self._states = [np.concatenate([state, fresh], axis=1) for state in self._states]
        return np.array([self._rows[scope_id] for scope_id in scope_ids], np.intp)

    def _warm_up(self, v: Floats) -> None:
        """After the first half year: level and spread from the median and the median deviation.

        Thirteen values say little of a spread, so it is averaged with the middle one of all streams of the kind.
        """
        c = self._columns
        ready = np.flatnonzero((c["seen"] == WARM_PERIODS) & np.isfinite(v))
        if ready.size:
            past = c["v"][:, ready]
            level = np.nanmedian(past, axis=0)
            c["level"][ready] = level
            sd = np.maximum(1.4826 * np.nanmedian(np.abs(past - level), axis=0), _LEAST_SD)
            others = np.median(np.append(c["sd"][c["sd"] > 0], sd))
            c["sd"][ready] = np.sqrt((sd**2 + others**2) / 2)

    def _detect(self, x: Floats) -> None:
        for side, sign in enumerate(_SIDES):
            self._states[side] = self._detector.update(self._states[side], sign * x)
            statistic = self._detector.statistic(self._states[side])
            for row in np.flatnonzero((statistic >= self.threshold) & (self._columns["alarm"] < 0)):
                self._raise_alarm(int(row), side, sign, float(statistic[row]))

    def _raise_alarm(self, row: int, side: int, sign: float, statistic: float) -> None:
        c = self._columns
        since = max(self._period + 1 - int(c["reset"][row]), 1)
        periods, mean = change_start(sign * self._in_order("x", row)[-since:])
        if abs(np.expm1(sign * mean * c["sd"][row])) < self._min_effect:
            return
        c["alarm"][row], c["since"][row], c["statistic"][row] = side, periods, statistic
        c["shift"][row] = c["recovery"][row] = mean
        c["standing"][row] = 0
        self._reset(np.array([row]))

    def _follow_alarms(self, x: Floats, standing: Flags) -> None:
        """An alarm ends when its deviation has halved, or lasted half a year and become the new level."""
        c = self._columns
        on_side = np.where(c["alarm"] == 0, x, -x)
        moved = standing & np.isfinite(on_side)
        c["recovery"][moved] += _RECOVERY_STEP * (on_side - c["recovery"])[moved]
        c["since"][standing] += 1
        c["standing"][standing] += 1
        recovered = standing & (c["recovery"] > 0.5 * c["shift"])
        settled = standing & ~recovered & (c["standing"] >= LONGEST_ALARM)
        for row in np.flatnonzero(settled):
            lately = self._in_order("v", int(row))[-LONGEST_ALARM:]
            if np.isfinite(lately).any():
                c["level"][row] = np.nanmean(lately)
        c["alarm"][recovered | settled] = -1
        self._reset(np.flatnonzero(recovered | settled))

    def _rebase(self, x: Floats) -> None:
        c = self._columns
        known = np.isfinite(x)
        level, sd = c["level"][known], c["sd"][known]
        step = np.maximum(_STEP, 1 / np.maximum(c["seen"][known], 1))  # a young level is still a guess
        c["level"][known] = level + step * x[known] * sd
        spread = (1 - step) * sd**2 + step * sd**2 * np.minimum(x[known] ** 2, 9)
        c["sd"][known] = np.maximum(np.sqrt(spread), _LEAST_SD)

    def _reset(self, rows: NDArray[np.intp]) -> None:
        fresh = self._detector.start(rows.size)
        for state in self._states:
            state[:, rows] = fresh
        self._columns["reset"][rows] = self._period + 1

    def _in_order(self, name: str, row: int) -> Floats:
        """(PAST,) values of one stream, oldest first, ending with the current period."""
        return np.asarray(np.roll(self._columns[name][:, row], -(self._period % PAST) - 1))

    def _standing(self, scope_id: str, row: int) -> Standing:
        c = self._columns
        last = (self._period - 1 - np.arange(min(int(c["since"][row]), PAST))) % PAST
        return Standing(
            scope_id=scope_id,
            side=int(c["alarm"][row]),
            periods=int(c["since"][row]),
            statistic=float(c["statistic"][row]),
            threshold=self.threshold,
            observed=float(c["observed"][last, row].sum()),
            expected=float(c["expected"][last, row].sum() * np.exp(c["level"][row])),
            sigma=float(c["recovery"][row]) * _SIDES[int(c["alarm"][row])],
        )

    def _calibrate(self) -> None:
        past = np.roll(self._columns["x"], -(self._period % PAST), axis=0)
        both = np.concatenate([past, -past], axis=1)
        self.threshold = calibrated_threshold(self._detector, both, self._run_length)

    def _forget(self) -> None:
        """Scopes unseen for the whole remembered past go; the others close ranks."""
        kept = [s for s, row in self._rows.items() if self._period - self._columns["last_seen"][row] < PAST]
        if len(kept) == len(self._rows):
            return
        rows = np.array([self._rows[scope_id] for scope_id in kept], np.intp)
        arrays = {name: array[..., rows] for name, array in self._columns.state().items()}
        self._columns = Columns.restored(_COLUMNS, rows.size, arrays)
        self._states = [state[:, rows] for state in self._states]
        self._rows = {scope_id: row for row, scope_id in enumerate(kept)}

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values = {
            "threshold": self.threshold,
            "run_length": self._run_length,
            "period": self._period,
            "scopes": list(self._rows),
        }
        arrays = {f"column.{name}": array for name, array in self._columns.state().items()}
        return values, arrays | {"drop": self._states[0], "rise": self._states[1]}

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.threshold, self._period = values["threshold"], values["period"]
        self._run_length = values["run_length"]
        self._rows = {scope_id: row for row, scope_id in enumerate(values["scopes"])}
        columns = {name: arrays[f"column.{name}"] for name in _COLUMNS}
        self._columns = Columns.restored(_COLUMNS, len(self._rows), columns)
        self._states = [arrays["drop"], arrays["rise"]]
