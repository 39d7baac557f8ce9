"""Change detectors over many standardised streams at once, and one stream at a time with River's manners.

Inputs are standardised values x (mean 0, sd 1 while nothing happens); a drop makes x negative. A rise is a drop of -x.
Sources: CUSUM, Page 1954; Shiryaev-Roberts with a mixture of sizes, Pollak 1987. In-control run length of CUSUM:
Siegmund's approximation (1985); of the mixture, the overshoot seen in simulations. Both hold for 20 to 5,000.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from river import base

from models.history import Flags, Floats

DRIFTS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
WEIGHTS = (0.22, 0.08, 0.14, 0.09, 0.42, 0.05)  # least worst loss against the CUSUMs that know the size
_SIZES = np.array(DRIFTS)
_LOG_WEIGHTS = np.log(WEIGHTS)


class Detector(Protocol):
    """A statistic that grows while a stream is lower than usual. State has shape (..., streams)."""

    def start(self, streams: int) -> Floats:
        """The state before any observation."""
        ...

    def update(self, state: Floats, x: Floats) -> Floats:
        """The state after x (streams,); NaN observes nothing. The given state is not changed."""
        ...

    def statistic(self, state: Floats) -> Floats:
        """(streams,) compared with the threshold."""
        ...

    def iid_threshold(self, run_length: float) -> float:
        """Threshold with that mean number of observations between false alarms, for independent normal x."""
        ...


@dataclass(frozen=True, slots=True)
class Cusum:
    """S = max(0, S - x - k): best for a known drop of 2k standard deviations."""

    k: float

    def start(self, streams: int) -> Floats:
        return np.zeros((1, streams))

    def update(self, state: Floats, x: Floats) -> Floats:
        moved = np.maximum(0, state - x - self.k)
        return np.asarray(np.where(np.isnan(x), state, moved))

    def statistic(self, state: Floats) -> Floats:
        return np.asarray(state[0])

    def iid_threshold(self, run_length: float) -> float:
        low, high = 0.0, 60.0
        for _ in range(60):
            middle = (low + high) / 2
            span = 2 * self.k * (middle + 1.166)
            low, high = (middle, high) if (math.exp(span) - 1 - span) / (2 * self.k**2) < run_length else (low, middle)
        return high


@dataclass(frozen=True, slots=True)
class ShiryaevRoberts:
    """ln of the weighted mean over drop sizes d of R_d = (1 + R_d) exp(-d x - d^2/2): for drops of unknown size."""

    def start(self, streams: int) -> Floats:
        return np.full((_SIZES.size, streams), -np.inf)

    def update(self, state: Floats, x: Floats) -> Floats:
        gain = -_SIZES[:, None] * x - _SIZES[:, None] ** 2 / 2
        moved = np.logaddexp(0, state) + gain
        return np.asarray(np.where(np.isnan(x), state, moved))

    def statistic(self, state: Floats) -> Floats:
        return np.asarray(np.logaddexp.reduce(state + _LOG_WEIGHTS[:, None], axis=0))

    def iid_threshold(self, run_length: float) -> float:
        return max(0.0, math.log(run_length) - 0.79)


def change_start(recent: Floats) -> tuple[int, float]:
    """How many of the newest observations lie behind the change, and their mean.

    recent: (weeks,) oldest first, NaN where nothing was observed. The change lies where (sum of the last n)^2/n is
    largest among drops: the likelihood estimate for a shift of unknown size.
    """
    backwards = np.nan_to_num(recent[::-1])
    seen = np.cumsum(~np.isnan(recent[::-1]))
    drop = np.maximum(0, -np.cumsum(backwards))
    if seen.size == 0 or drop.max() <= 0:
        return 0, 0.0
    n = int(np.argmax(drop**2 / np.maximum(seen, 1))) + 1
    return n, float(-drop[n - 1] / max(int(seen[n - 1]), 1))


def alarms_per_observation(detector: Detector, past: Floats, threshold: float) -> float:
    """Share of observations of (weeks, streams) past that raise an alarm, restarting after each."""
    state = detector.start(past.shape[1])
    fresh = detector.start(past.shape[1])
    alarms, seen = 0, int(np.isfinite(past).sum())
    for x in past:
        state = detector.update(state, x)
        over: Flags = (detector.statistic(state) >= threshold) & np.isfinite(x)
        alarms += int(over.sum())
        state = np.where(over, fresh, state)
    return alarms / max(seen, 1)


def calibrated_threshold(detector: Detector, past: Floats, run_length: float) -> float:
    """Threshold with the wanted mean run length on the streams' own past, by bisection.

    Returns the iid threshold while the past is too short to hold five alarms at that rate. The answer stays between 0.7
    and 4 times the iid one: below, a lucky quiet past would flood; above, a past full of changes would blind.
    """
    iid = detector.iid_threshold(run_length)
    if np.isfinite(past).sum() < 5 * run_length:
        return iid
    low, high = 0.7 * iid, 4 * iid
    for _ in range(14):
        middle = (low + high) / 2
        too_many = alarms_per_observation(detector, past, middle) > 1 / run_length
        low, high = (middle, high) if too_many else (low, middle)
    return high


class _OneStream(base.DriftDetector):
    """A detector of both directions over one standardised stream, for River pipelines; None and NaN observe nothing."""

    def __init__(self, detector: Detector, threshold: float) -> None:
        super().__init__()
        self._detector = detector
        self._limit = threshold
        self._begin()

    def _begin(self) -> None:
        self._states = (self._detector.start(1), self._detector.start(1))

    @property
    def statistic(self) -> float:
        """The larger of the two directions' statistics."""
        return max(float(self._detector.statistic(state)[0]) for state in self._states)

    def update(self, x: int | float | None) -> None:
        if self.drift_detected:
            self._begin()
        x = math.nan if x is None else x
        both = (np.array([float(x)]), np.array([-float(x)]))
        down, up = (self._detector.update(state, one) for state, one in zip(self._states, both, strict=True))
        self._states = (down, up)
        self._drift_detected = self.statistic >= self._limit


class CusumDetector(_OneStream):
    """
    >>> detector = CusumDetector(k=0.5, threshold=4.4)
    >>> for x in [0.1, -0.2, 0.0, -2.0, -2.5, -2.2]:
    ...     detector.update(x)
    >>> detector.drift_detected
    True
    """

    def __init__(self, k: float = 0.5, threshold: float = 4.77) -> None:
        super().__init__(Cusum(k), threshold)
        self.k = k
        self.threshold = threshold


class ShiryaevRobertsDetector(_OneStream):
    """The mixture over drop sizes; the default threshold gives about 500 observations between false alarms a side."""

    def __init__(self, threshold: float = 5.42) -> None:
        super().__init__(ShiryaevRoberts(), threshold)
        self.threshold = threshold
