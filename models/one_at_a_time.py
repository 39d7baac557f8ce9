"""The estimators of this package with River's manners, one observation at a time: for pipelines, comparisons and notebooks.

The streams learn whole regions, a week in one block; these are the same estimators behind `learn_one`.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import isnan
from typing import Any

import numpy as np
from river import base
from river.time_series.base import Forecaster

from models.ledger import LONG, SHORT, YEAR
from models.potential import PotentialModel
from models.rls import HuberRLS
from models.traits import AccountTraits
from schemas.settings import Potential

_UNKNOWN = AccountTraits("", "", "", None, None)


class HuberRegressor(base.Regressor):
    """Robust recursive least squares over named numeric features; see `models.rls.HuberRLS`.

    A feature that is missing counts as 0, and None or NaN is missing; one never seen before gets a weight when it first comes.
    Of a target that is missing nothing is learnt; what is infinite or no number is a ValueError. Memory is features squared.
    An error of more than 0.15 counts as large: for targets in EUR, stand it inside `river.preprocessing.TargetStandardScaler`.

    >>> model = HuberRegressor()
    >>> for _ in range(1000):
    ...     for x in (0.0, 1.0, 2.0):
    ...         model.learn_one({"x": x}, 1 + 2 * x)
    >>> round(model.predict_one({"x": 3.0}), 1)
    7.0
    """

    def __init__(self, intercept: bool = True) -> None:
        self.intercept = intercept
        self._columns: dict[str, int] = {}
        self._model = HuberRLS(1)

    def learn_one(self, x: dict[base.typing.FeatureName, Any], y: base.typing.RegTarget) -> None:
        if not _known(y):
            return
        known, target = _figures(x), np.array([float(y)])
        for name in known:
            self._columns.setdefault(name, len(self._columns) + 1)
        self._model.widen(len(self._columns) + 1)
        self._model.learn(self._row(known), target, np.ones(1))

    def predict_one(self, x: dict[base.typing.FeatureName, Any]) -> float:
        """0.0 before anything was learnt."""
        return float(self._model.predict(self._row(_figures(x)))[0])

    def _row(self, known: dict[str, float]) -> Any:
        row = np.zeros((1, len(self._columns) + 1))
        row[0, 0] = self.intercept
        for name, value in known.items():
            column = self._columns.get(name)
            if column is not None:
                row[0, column] = value
        return row


class AccountForecaster(Forecaster):
    """One account's revenue, a week at a time: what the region's model makes of this history alone.

    `start` is the Monday of the first week, for the season. Exogenous features are not used. A week that is not known (None
    or NaN) counts as it was expected.

    >>> model = AccountForecaster()
    >>> for week in range(60):
    ...     model.learn_one(100.0)
    >>> [round(eur) for eur in model.forecast(2)]
    [100, 100]
    """

    def __init__(self, start: str = "2020-01-06", interval: float = 0.8) -> None:
        self.start = start
        self.interval = interval
        self._week = date.fromisoformat(start)
        self._model = PotentialModel(Potential(interval=interval))
        self._model.add(_UNKNOWN)

    def learn_one(self, y: float, x: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - River's contract
        """`y`: EUR of the next week."""
        eur = float(y) if _known(y) else self.forecast(1)[0]
        self._model.close_week(self._week, np.array([eur]), np.ones(1, dtype=np.bool_))
        self._week += timedelta(weeks=1)

    def forecast(self, horizon: int, xs: list[dict[str, Any]] | None = None) -> list[float]:  # noqa: ARG002
        """EUR of each of the next weeks: between the horizons of 4, 13 and 52 weeks all weeks are alike, and so are those behind."""
        ahead = self._model.predict()
        short, long, year = (float(eur[0]) for eur in (ahead.short, ahead.long, ahead.year))
        weekly = (
            [short / SHORT] * SHORT
            + [(long - short) / (LONG - SHORT)] * (LONG - SHORT)
            + [(year - long) / (YEAR - LONG)] * (YEAR - LONG)
        )
        return [weekly[step] if step < YEAR else year / YEAR for step in range(horizon)]


def _known(value: Any) -> bool:
    """None and NaN are what pipelines and tables put where nothing is known."""
    return value is not None and not isnan(float(value))


def _figures(x: dict[base.typing.FeatureName, Any]) -> dict[str, float]:
    """The features that are known; a ValueError or TypeError for what is no number."""
    return {str(name): float(value) for name, value in x.items() if _known(value)}
