"""Forecasts waiting for the revenue that will judge them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Column, Columns
from models.history import Flags, Floats
from models.quality import Scored
from models.windows import Past

SHORT, LONG, YEAR = 4, 13, 52
_YEAR_EVERY = 4  # a year's forecast is kept every fourth week: a quarter of the memory, the same verdict
_SLOTS = YEAR // _YEAR_EVERY + 1
_COLUMNS = {
    "short": Column(np.float32, np.nan, (SHORT + 1,)),
    "long": Column(np.float32, np.nan, (LONG + 1,)),
    "short_trial": Column(np.float32, np.nan, (SHORT + 1,)),
    "long_trial": Column(np.float32, np.nan, (LONG + 1,)),
    "naive": Column(np.float32, np.nan, (LONG + 1,)),
    "year": Column(np.float32, np.nan, (_SLOTS,)),
    "year_naive": Column(np.float32, np.nan, (_SLOTS,)),
    "year_low": Column(np.float32, np.nan, (_SLOTS,)),
    "year_high": Column(np.float32, np.nan, (_SLOTS,)),
}


class ForecastLedger:
    """What was forecast at each of the last origins, per account; rings of fixed length."""

    def __init__(self) -> None:
        self._columns = Columns(_COLUMNS)

    def add(self) -> None:
        self._columns.add()

    def write(self, week: int, short: Floats, long: Floats, naive: Floats) -> None:
        """Forecasts (n,) EUR made at the end of `week`; `naive` is EUR per week. NaN: not to be judged."""
        self._columns["short"][week % (SHORT + 1)] = short
        self._columns["long"][week % (LONG + 1)] = long
        self._columns["naive"][week % (LONG + 1)] = naive

    def write_trials(self, week: int, short: Floats, long: Floats) -> None:
        """What the regressions said, published or not."""
        self._columns["short_trial"][week % (SHORT + 1)] = short
        self._columns["long_trial"][week % (LONG + 1)] = long

    def trial(self, week: int, horizon: int) -> Floats:
        """(n,) what the regression of that horizon said at the end of `week`, a horizon ago; NaN where nothing."""
        return self._read("short_trial" if horizon == SHORT else "long_trial", week % (horizon + 1))

    def write_year(self, week: int, year: Floats, naive: Floats, low: Floats, high: Floats) -> None:
        """Forecasts (n,) EUR of 52 weeks; kept every fourth week only."""
        if week % _YEAR_EVERY == 0:
            slot = week // _YEAR_EVERY % _SLOTS
            for name, values in (("year", year), ("year_naive", naive), ("year_low", low), ("year_high", high)):
                self._columns[name][slot] = values

    def due(self, past: Past, active: Flags) -> list[Scored]:
        """The forecasts whose horizon ended with the origin of `past`. Accounts closed meanwhile are left out."""
        week = past.week
        scored = []
        for name, horizon in (("short", SHORT), ("long", LONG)):
            if week >= horizon:
                origin = week - horizon
                naive = self._read("naive", origin % (LONG + 1)) * horizon
                forecast = np.where(active, self._read(name, origin % (horizon + 1)), np.nan)
                scored.append(Scored(horizon, past.eur(0, horizon), forecast, naive))
        if week >= YEAR and (week - YEAR) % _YEAR_EVERY == 0:
            slot = (week - YEAR) // _YEAR_EVERY % _SLOTS
            year, naive, low, high = (self._read(n, slot) for n in ("year", "year_naive", "year_low", "year_high"))
            scored.append(Scored(YEAR, past.eur(0, YEAR), np.where(active, year, np.nan), naive, low, high))
        return scored

    def _read(self, name: str, slot: int) -> Floats:
        return np.asarray(self._columns[name][slot].astype(np.float64))

    def state(self) -> dict[str, NDArray[Any]]:
        return self._columns.state()

    @classmethod
    def restored(cls, rows: int, arrays: dict[str, NDArray[Any]]) -> ForecastLedger:
        ledger = cls()
        ledger._columns = Columns.restored(_COLUMNS, rows, arrays)
        return ledger
