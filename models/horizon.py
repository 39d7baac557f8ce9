"""The forecast of one horizon: standardised features into the robust regression, learnt when the label is complete."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.blend import Blend
from models.counterfactual import PARTS, taken_apart
from models.feature_rows import COLUMNS, CORE, SHARED_COLUMNS, expand
from models.features import Origin, Types, origin_features
from models.history import Flags, Floats, WeeklyHistory
from models.market import EARLIEST_ORIGIN
from models.rls import HuberRLS
from models.windows import Pasts

_SCALING_ORIGINS = 10
_SCALING_ROWS = 300
_READY_ROWS = 600  # about seven rows per column
_DOLLAR_POWER = 0.75  # between equal accounts (0) and equal euros (1)
_FADE = 0.92  # about a quarter of weeks
_MARKET_COLUMNS = slice(12, 14)  # the same for all accounts of a week: an early window says nothing of their spread
_SEASON_COLUMNS = slice(14, 18)


class HorizonModel:
    """Revenue of the next `weeks` weeks of every account of a region, one shared regression."""

    def __init__(self, weeks: int) -> None:
        self.weeks = weeks
        self._regression = HuberRLS(COLUMNS, SHARED_COLUMNS)
        self._sums = np.zeros((2, CORE))
        self._counts = np.zeros(2, np.int64)  # rows and origins seen by the scaling
        self._scaling: tuple[Floats, Floats] | None = None
        self._losses = np.zeros(2)  # fading sums of absolute errors: of this forecast, of the naive one
        self.blend = Blend()
        self._dollars = np.zeros(3)  # rows, sum of ref, sum of raw weights: the running scale of the row weights

    @property
    def ready(self) -> bool:
        return self._regression.learnt_rows >= _READY_ROWS

    @property
    def trusted(self) -> bool:
        """Its own forecasts, made ahead and judged since, have lately been better than the naive ones."""
        return bool(self._losses[0] < self._losses[1])

    def judge(self, forecast: Floats, naive: Floats, actual: Floats) -> None:
        """Compare forecasts (n,) EUR made a horizon ago with what came; NaN: there was none."""
        known = np.isfinite(forecast)
        errors = np.abs(np.stack([forecast, naive]) - actual)[:, known].sum(axis=1)
        self._losses = _FADE * self._losses + errors

    def forecast(self, origin: Origin, accounts: int, moves: Floats) -> tuple[Floats, Floats]:
        """(accounts,) EUR over the horizon, NaN where an account is not usable and while the regression is not ready;
        and (5, accounts) the parts of its logarithm, see `counterfactual.taken_apart`. moves: of `market.moves_of_levels`."""
        eur, parts = np.full(accounts, np.nan), np.zeros((PARTS, accounts))
        if self.ready and self._scaling is not None:
            log_ratio, of_usable = taken_apart(origin.base, *self._scaling, self._regression.coefficients, moves)
            eur[origin.rows] = origin.euros(log_ratio, self.weeks)
            parts[:, origin.rows] = of_usable.T
        return eur, parts

    def learn(self, history: WeeklyHistory, pasts: Pasts, active: Flags, types: Types) -> None:
        """Learn the origin whose label has just become complete; the first time, all those the scaling waited for."""
        newest = history.week - self.weeks
        if self._scaling is not None:
            self._learn_origin(history, pasts, newest, active, types)
        elif self._observe_scaling(origin_features(history, pasts.now, self.weeks, types), active):
            for week in range(max(EARLIEST_ORIGIN, history.week - 13), newest + 1):
                self._learn_origin(history, pasts, week, active, types)

    def _learn_origin(self, history: WeeklyHistory, pasts: Pasts, week: int, active: Flags, types: Types) -> None:
        if week < EARLIEST_ORIGIN or self._scaling is None:
            return
        learnt = origin_features(history, pasts.at(week), self.weeks, types).only(active)
        if learnt.rows.size == 0:
            return
        target = learnt.target(history.total(week + self.weeks, self.weeks)[learnt.rows], self.weeks)
        self._regression.learn(expand(learnt.base, *self._scaling), target, self._dollar_weights(learnt.ref))

    def _dollar_weights(self, ref: Floats) -> Floats:
        self._dollars[0] += ref.size
        self._dollars[1] += ref.sum()
        raw = (ref * self._dollars[0] / self._dollars[1]) ** _DOLLAR_POWER
        self._dollars[2] += raw.sum()
        return np.asarray(raw * self._dollars[0] / self._dollars[2])

    def _observe_scaling(self, origin: Origin, active: Flags) -> bool:
        """Collect mean and sd over the first usable origins, then freeze them; True once frozen."""
        base = origin.only(active).base[:, :CORE]
        if len(base) == 0:
            return False
        self._sums += [base.sum(axis=0), (base**2).sum(axis=0)]
        self._counts += [len(base), 1]
        rows, origins = self._counts
        if origins < _SCALING_ORIGINS or rows < _SCALING_ROWS:
            return False
        mean = self._sums[0] / rows
        sd = np.sqrt(np.maximum(self._sums[1] / rows - mean**2, 1e-4))
        mean[12:18] = 0
        sd[_MARKET_COLUMNS], sd[_SEASON_COLUMNS] = 0.2, np.sqrt(0.5)
        self._scaling = mean, sd
        return True

    def state(self) -> dict[str, NDArray[Any]]:
        own = {"sums": self._sums, "counts": self._counts, "dollars": self._dollars, "losses": self._losses}
        if self._scaling is not None:
            own["scaling"] = np.stack(self._scaling)
        blend = {f"blend.{name}": array for name, array in self.blend.state().items()}
        return own | blend | self._regression.state()

    @classmethod
    def restored(cls, weeks: int, rows: int, own: dict[str, NDArray[Any]]) -> HorizonModel:
        model = cls(weeks)
        model._regression = HuberRLS.restored(own, SHARED_COLUMNS)
        model._sums, model._counts, model._dollars = own["sums"], own["counts"], own["dollars"]
        model._losses = own["losses"]
        model.blend = Blend.restored(rows, {"loss": own["blend.loss"]})
        if "scaling" in own:
            model._scaling = own["scaling"][0], own["scaling"][1]
        return model
