"""Single accounts: silence against their own rhythm, and big drops of big accounts.

Single accounts are too noisy for small drops (below about 40 % the alarm comes after months), so only accounts that
carry much are watched, and only deviations of a third or more are said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.detectors import Cusum, calibrated_threshold, change_start
from models.history import Flags, Floats

PAST = 52
_WARM_WEEKS = 26
_STEP = 0.02
_CLIP = 4.0
_LEAST_DROP = 0.33
_LEAST_ORDERS = 6
_LEAST_SILENCE = 4  # weeks
_LONGEST_SILENCE = 39  # then the account is lost, and its potential says so
_LONGEST_ALARM = 26
_CALIBRATE_EVERY = 26
_COLUMNS = {
    "x": Column(np.float32, np.nan, (PAST,)),
    "mean": Column(np.float64, 0),
    "square": Column(np.float64, 0),
    "seen": Column(np.int64, 0),
    "statistic": Column(np.float64, 0),
    "raised": Column(np.int64, -1),  # week of the standing alarm, -1 none
    "change": Column(np.int64, 0),  # week of its change
    "at_alarm": Column(np.float64, 0),
    "shift": Column(np.float64, 0),
    "reset": Column(np.int64, 0),  # week in which the statistic began anew
    "recovery": Column(np.float64, 0),
    "last_order": Column(np.int64, -1),
    "gap": Column(np.float64, 0),  # weeks between orders, a slow mean
    "orders": Column(np.int64, 0),
}


@dataclass(frozen=True, slots=True)
class AccountFinding:
    """One account below its usual, this week still."""

    row: int
    weeks: int  # since the change
    statistic: float
    threshold: float
    sigma: float
    deviation: float
    silent_weeks: int  # 0: it still orders
    usual_gap_weeks: float


class AccountWatch:
    """One CUSUM and one rhythm per account, row-aligned; 52 past values each."""

    def __init__(self, run_length: float, silence_factor: float) -> None:
        self._detector = Cusum(0.25)
        self._settings_run_length = self._run_length = run_length
        self._due = False
        self._silence_factor = silence_factor
        self.threshold = self._detector.iid_threshold(run_length)
        self._week = -1
        self._columns = Columns(_COLUMNS)

    def close_week(self, observed: Floats, usual: Floats, watched: Flags) -> list[AccountFinding]:
        """EUR (n,) of the week and what was usual in this market; `watched`: accounts big enough to speak of."""
        self._week += 1
        while self._columns.rows < observed.size:
            self._columns.add()
        c = self._columns
        x = self._standardise(observed, usual, watched)
        standing = c["raised"] >= 0
        c["x"][self._week % PAST] = np.where(standing, np.nan, x)
        self._follow(x, standing, watched)
        c["statistic"][:] = self._detector.update(c["statistic"][None, :], np.where(standing, np.nan, x))[0]
        for row in np.flatnonzero((c["statistic"] >= self.threshold) & (c["raised"] < 0)):
            self._raise_alarm(int(row))
        self._rebase(np.where(c["raised"] >= 0, np.nan, x))
        self._learn_rhythm(observed > 0)
        if self._due or (self._week + 1) % _CALIBRATE_EVERY == 0:
            self._calibrate(watched)
        silent = self._silent(watched)
        return [self._finding(row, bool(silent[row])) for row in np.flatnonzero(silent | (c["raised"] >= 0)).tolist()]

    def keep_to(self, share: float) -> None:
        """Spend this share of the false-alarm budget; the threshold follows when the next week closes."""
        run_length = self._settings_run_length / share
        self._due = self._due or run_length != self._run_length
        self._run_length = run_length

    def _standardise(self, observed: Floats, usual: Floats, watched: Flags) -> Floats:
        """Log ratio over its own slow mean and spread; the first half year only learns them."""
        c = self._columns
        quarter = 0.25 * usual + 1
        self._v = np.where(watched, np.log((np.maximum(observed, 0) + quarter) / (usual + quarter)), np.nan)
        sd = np.sqrt(np.maximum(c["square"] - c["mean"] ** 2, 0.01))
        x = np.clip((self._v - c["mean"]) / sd, -_CLIP, _CLIP)
        return np.where(c["seen"] >= _WARM_WEEKS, x, np.nan)

    def _rebase(self, x: Floats) -> None:
        c = self._columns
        moving = np.isfinite(self._v) & (np.isfinite(x) | (c["seen"] < _WARM_WEEKS)) & (c["raised"] < 0)
        c["seen"][moving] += 1
        step = np.maximum(_STEP, 1 / np.maximum(c["seen"], 1))
        c["mean"][moving] += (step * (self._v - c["mean"]))[moving]
        c["square"][moving] += (step * (self._v**2 - c["square"]))[moving]

    def _raise_alarm(self, row: int) -> None:
        c = self._columns
        since = max(self._week + 1 - int(c["reset"][row]), 1)
        recent = np.roll(c["x"][:, row], -(self._week % PAST) - 1)[-since:]
        weeks, mean = change_start(recent.astype(np.float64))
        sd = np.sqrt(max(c["square"][row] - c["mean"][row] ** 2, 0.01))
        if np.expm1(mean * sd) > -_LEAST_DROP:
            return
        c["raised"][row], c["change"][row] = self._week, self._week - weeks + 1
        c["at_alarm"][row], c["statistic"][row] = c["statistic"][row], 0
        c["shift"][row] = c["recovery"][row] = mean

    def _follow(self, x: Floats, standing: Flags, watched: Flags) -> None:
        """An alarm ends when half of the drop is made good, or after half a year, when it is the new usual."""
        c = self._columns
        moved = standing & np.isfinite(x)
        c["recovery"][moved] += 0.2 * (x - c["recovery"])[moved]
        ended = standing & ((c["recovery"] > 0.5 * c["shift"]) | ~watched)
        settled = standing & ~ended & (self._week - c["raised"] >= _LONGEST_ALARM)
        sd = np.sqrt(np.maximum(c["square"] - c["mean"] ** 2, 0.01))
        spread = c["square"] - c["mean"] ** 2
        c["mean"][settled] += (c["recovery"] * sd)[settled]
        c["square"][settled] = (spread + c["mean"] ** 2)[settled]
        c["raised"][ended | settled] = -1
        c["reset"][ended | settled] = self._week

    def _learn_rhythm(self, ordered: Flags) -> None:
        c = self._columns
        gap = np.where(c["last_order"] >= 0, self._week - c["last_order"], 1)
        again = ordered & (c["last_order"] >= 0)
        step = np.maximum(0.1, 1 / np.maximum(c["orders"], 1))
        c["gap"][again] += (step * (gap - c["gap"]))[again]
        c["orders"][ordered] += 1
        c["last_order"][ordered] = self._week

    def _silent(self, watched: Flags) -> Flags:
        c = self._columns
        since = self._week - c["last_order"]
        usual = np.maximum(self._silence_factor * c["gap"], _LEAST_SILENCE)
        regular = watched & (c["orders"] >= _LEAST_ORDERS)
        return np.asarray(regular & (since > usual) & (since <= np.maximum(_LONGEST_SILENCE, 2 * usual)))

    def _finding(self, row: int, silent: bool) -> AccountFinding:
        c = self._columns
        since, gap = int(self._week - c["last_order"][row]), float(c["gap"][row])
        if silent:
            factor = since / max(gap, 1.0)
            return AccountFinding(row, since, factor, self._silence_factor, -_CLIP, -1.0, since, gap)
        sd = float(np.sqrt(max(c["square"][row] - c["mean"][row] ** 2, 0.01)))
        sigma = float(c["recovery"][row])
        weeks = int(self._week - c["change"][row] + 1)
        deviation = float(np.expm1(sigma * sd))
        return AccountFinding(row, weeks, float(c["at_alarm"][row]), self.threshold, sigma, deviation, 0, gap)

    def _calibrate(self, watched: Flags) -> None:
        past = np.roll(self._columns["x"], -(self._week % PAST) - 1, axis=0)[:, watched].astype(np.float64)
        self.threshold = calibrated_threshold(self._detector, past, self._run_length)
        self._due = False

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values = {
            "threshold": self.threshold,
            "run_length": self._run_length,
            "due": self._due,
            "week": self._week,
            "rows": self._columns.rows,
        }
        return values, self._columns.state()

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.threshold, self._week = values["threshold"], values["week"]
        self._run_length, self._due = values["run_length"], values["due"]
        self._columns = Columns.restored(_COLUMNS, values["rows"], arrays)
