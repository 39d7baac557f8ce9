"""Independent normal streams: the mixture's delay against the CUSUM that knows the size of the drop."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.models.goals import Goal
from models.detectors import Cusum, Detector, ShiryaevRoberts
from models.history import Floats

SIZES = (0.5, 1.0, 2.0)
STREAMS = 12_000
_BEFORE = 100
_MOST = 600


def rows() -> Iterator[Goal]:
    for run_length in (500, 5000):
        thresholds = {d: _threshold(Cusum(d / 2), run_length) for d in SIZES}
        mixture, ours = ShiryaevRoberts(), _threshold(ShiryaevRoberts(), run_length)
        for d in SIZES:
            best = _delays(Cusum(d / 2), thresholds[d], d)
            found = _delays(mixture, ours, d)
            ratio = found.mean() / best.mean()
            error = float(found.std() / np.sqrt(found.size) / found.mean())
            yield Goal(
                f"drop of {d:g} sigma, ARL0 {run_length:,}: delay against the optimal CUSUM",
                f"{ratio - 1:+.1%} ({found.mean():.2f} against {best.mean():.2f})",
                "≤ +5%",
                ratio <= 1.05,
                f"drop at observation {_BEFORE}, {STREAMS:,} streams, the same noise for both; standard error of a delay {error:.1%}",
            )
    yield _speed()


def _threshold(detector: Detector, run_length: int) -> float:
    """Exceeded within `run_length` observations by all but 1/e of quiet streams: the mean run length is then that."""
    rng = np.random.default_rng(21)
    streams = max(4000, 4_000_000 // run_length)
    state, most = detector.start(streams), np.full(streams, -np.inf)
    for _ in range(run_length):
        state = detector.update(state, rng.standard_normal(streams))
        most = np.maximum(most, detector.statistic(state))
    return float(np.quantile(most, np.exp(-1)))


def _delays(detector: Detector, threshold: float, size: float) -> Floats:
    """Observations from the drop to the alarm, of the streams without an earlier alarm."""
    rng = np.random.default_rng(22)
    state, first = detector.start(STREAMS), np.full(STREAMS, _MOST)
    for t in range(_MOST):
        x = rng.standard_normal(STREAMS) - (size if t >= _BEFORE else 0)
        state = detector.update(state, x)
        first = np.where((detector.statistic(state) >= threshold) & (first == _MOST), t, first)
        if t > _BEFORE and (first < _MOST).all():
            break
    return np.asarray(first[first >= _BEFORE] - _BEFORE + 1, np.float64)


def _speed() -> Goal:
    detector, streams, rounds = ShiryaevRoberts(), 20_000, 30
    state, x = detector.start(streams), np.random.default_rng(1).standard_normal(streams)
    began = time.process_time()
    for _ in range(rounds):
        state = detector.update(state, x)
        detector.statistic(state)
    micros = 1e6 * (time.process_time() - began) / (rounds * streams)
    return Goal("CPU of one update of the mixture", f"{micros:.2f} µs", "≤ 1 µs", micros <= 1, f"{streams:,} streams at once, one core")  # fmt: skip
