"""Periods for what has River's manners, and for detectors and regressions over plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.blend import Blend
from models.detectors import Detector
from models.group_bands import GROUPS, GroupBands
from models.history import Floats
from models.interval import Band
from models.one_at_a_time import AccountForecaster, HuberRegressor
from models.rls import HuberRLS
from models.simple import SimpleForecasts
from tests.laws.feeds.case import dice

ROWS = 8
NOTHING = float("nan")


def regressor(model: HuberRegressor, number: int) -> Any:
    a, b, noise = dice(number).normal(size=3)
    x = {"a": a, "b": b} if number % 3 else {"a": a, f"rare {number % 4}": 1.0}
    said = model.predict_one(x)
    model.learn_one(x, 1 + 2 * a - b + 0.1 * noise)
    return said


def regressor_missing(model: HuberRegressor, number: int) -> None:
    model.learn_one({"a": 1.0, "b": 2.0}, NOTHING)
    model.learn_one({"a": 1.0}, None)  # type: ignore[arg-type]


def forecaster(model: AccountForecaster, number: int) -> Any:
    said = model.forecast(5)
    model.learn_one(float(dice(number).exponential(100.0)))
    return said


def forecaster_missing(model: AccountForecaster, number: int) -> None:
    model.learn_one(NOTHING if number % 2 else None)  # type: ignore[arg-type]


def drift_detector(model: Any, number: int) -> Any:
    """It drops for ten of forty periods."""
    model.update(float(dice(number).normal(-2.5 if number % 40 >= 30 else 0.0, 1.0)))
    return model.statistic, model.drift_detected


def drift_detector_missing(model: Any, number: int) -> None:
    model.update(NOTHING)
    model.update(None)
    assert not model.drift_detected


@dataclass
class Streams:
    """A vector detector and the state it is given back each time."""

    detector: Detector
    state: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.detector.start(ROWS)

    def see(self, x: Floats) -> Any:
        self.state = self.detector.update(self.state, x)
        return self.detector.statistic(self.state)


def streams(model: Streams, number: int) -> Any:
    return model.see(dice(number).normal(size=ROWS))


def streams_missing(model: Streams, number: int) -> None:
    model.see(np.full(ROWS, np.nan))


def regression(model: HuberRLS, number: int) -> Any:
    X = dice(number).normal(size=(ROWS, 3))
    said = model.predict(X)
    model.learn(X, X @ [1.0, -2.0, 0.5], np.ones(ROWS))
    return said


def regression_missing(model: HuberRLS, number: int) -> None:
    X = np.ones((ROWS, 3))
    X[0, number % 3] = np.nan
    model.learn(X, np.ones(ROWS), np.ones(ROWS))


def a_blend() -> Blend:
    blend = Blend()
    for _ in range(ROWS):
        blend.add()
    return blend


def blend(model: Blend, number: int) -> Any:
    forecasts = dice(number).exponential(100, (4, ROWS))
    model.learn(forecasts[:3], forecasts[3], np.full(ROWS, 100.0))
    return model.weights(np.full(ROWS, 0.5))


def blend_missing(model: Blend, number: int) -> None:
    forecasts = np.full((3, ROWS), 100.0)
    forecasts[number % 3] = np.nan
    model.learn(forecasts, np.full(ROWS, 100.0), np.full(ROWS, 100.0))


def band(model: Band, number: int) -> Any:
    model.learn(dice(number).normal(size=ROWS))
    return model.low, model.high


def band_missing(model: Band, number: int) -> None:
    model.learn(np.full(ROWS, np.nan))


def group_bands(model: GroupBands, number: int) -> Any:
    actual, estimate = dice(number).exponential(100, (2, 2 * GROUPS))
    group, scale = np.arange(2 * GROUPS) % GROUPS, np.full(2 * GROUPS, 50.0)
    said = model.bounds(estimate, scale, group)
    model.learn(actual, estimate, scale, group)
    return said


def group_bands_missing(model: GroupBands, number: int) -> None:
    known, unknown = np.full(GROUPS, 100.0), np.full(GROUPS, np.nan)
    group = np.arange(GROUPS)
    model.learn(unknown, known, known, group)
    model.learn(known, unknown, known, group)


def simple(model: SimpleForecasts, number: int) -> Any:
    model.close_week(dice(number).exponential(100, ROWS) * (dice(number).random(ROWS) < 0.5))
    return model.forecasts(4)


def simple_missing(model: SimpleForecasts, number: int) -> None:
    model.close_week(np.full(ROWS, np.nan))
