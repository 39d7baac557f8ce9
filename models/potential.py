"""What each account of a region is worth: online estimates with an interval, from its first week on.

Every week: compare the forecasts that have matured, learn from them, forecast anew. Memory per account is fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.analogy import NO_WORD, WORDS, Analogies, place, type_key, words_of, yearly_by_analogy
from models.columns import Column, Columns
from models.event_effects import EventEffect, still_to_come
from models.examples import examples_of, learn_first_years
from models.forecast import ANALOGY_FADES_WEEKS, Bands, Forecast, Rules, forecast
from models.group_bands import GroupBands
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import Band
from models.ledger import LONG, SHORT, ForecastLedger
from models.maturing import judge, learn_bands
from models.quality import QualityBook, QualityRow
from models.reasons import reasons_of
from models.snapshot import pack, unpack
from models.traits import AccountTraits
from models.week_outcome import WeekOutcome, outcome_of
from models.windows import Past, Pasts
from schemas.errors import TerradriftError
from schemas.settings import Potential

_WEEK = timedelta(weeks=1)
_SCALE_STEP = 0.05
_COLUMNS = {
    "type": Column(np.int32, 0),
    "words": Column(np.int32, NO_WORD, (WORDS,)),
    "place": Column(np.float64, np.nan, (3,)),
    "label": Column(np.float64, np.nan),
    "expected": Column(np.float64, np.nan),
    "deviation": Column(np.float64, np.nan),
}


class WeekOrderError(TerradriftError):
    """Weeks close one after the other, on Mondays, with one value per account."""


class PotentialModel:
    """All accounts of one region. Rows are dense, 0..n-1, and never reused."""

    version: ClassVar[str] = "blend107-4"

    def __init__(self, settings: Potential) -> None:
        self._settings = settings
        self._start: date | None = None  # Monday of week 0
        self._segments: list[str] = []
        self._types: dict[str, int] = {}  # type key -> code
        self._words: dict[str, int] = {}  # word of a name -> code
        self._history = WeeklyHistory()
        self._ledger = ForecastLedger()
        self._columns = Columns(_COLUMNS)
        self._models = (HorizonModel(SHORT), HorizonModel(LONG))
        self._bands = (Band(settings.interval, guess=2.0), Band(settings.interval, guess=1.25))
        self._near_bands = (GroupBands(settings.interval, SHORT), GroupBands(settings.interval, LONG))
        self._seen_year = False
        self.quality = QualityBook()

    @property
    def rows(self) -> int:
        return self._history.rows

    def add(self, traits: AccountTraits) -> int:
        """A new account; its row."""
        self._segments.append("")
        self._history.add()
        self._ledger.add()
        for model in self._models:
            model.blend.add()
        row = self._columns.add()
        self.change_traits(row, traits)
        return row

    def change_traits(self, row: int, traits: AccountTraits) -> None:
        self._segments[row] = traits.segment
        self._columns["type"][row] = self._types.setdefault(type_key(traits), len(self._types))
        codes = [self._words.setdefault(word, len(self._words)) for word in words_of(traits)]
        self._columns["words"][:, row] = codes + [NO_WORD] * (WORDS - len(codes))
        self._columns["place"][:, row] = place(traits)

    def predict(self) -> Forecast:
        """Estimates at the end of the newest week. Changes nothing."""
        past = Pasts(self._history).now
        return self._predict(past, self._analogies(past))

    def _analogies(self, past: Past) -> Analogies:
        wanted = past.age < ANALOGY_FADES_WEEKS
        examples = examples_of(self._columns["label"], self._history, past)
        return yearly_by_analogy(wanted, self._columns["words"], self._columns["place"].T, *examples)

    def _predict(self, past: Past, analogies: Analogies) -> Forecast:
        bands = Bands(self._bands, self._near_bands)
        rules = Rules(self._settings.min_weeks, self._settings.year == "anticipated")
        return forecast(self._history, past, analogies, self._columns["type"], self._models, bands, rules)

    def close_week(
        self, week: date, revenue: Floats, active: Flags, effects: Sequence[EventEffect] = ()
    ) -> WeekOutcome:
        """Learn one closed week and forecast the next. `revenue` (EUR) and `active` have shape (n,); `effects`: of market
        events that are believed.

        Raises WeekOrderError, and learns nothing, when the week does not follow the last one, the arrays do not fit, or a
        figure is not finite.
        """
        self._check(week, revenue, active)
        expected = self._columns["expected"].copy()
        self._learn_scale(revenue, expected)
        self._history.close(revenue)
        pasts = Pasts(self._history)
        learn_first_years(self._columns["label"], pasts.now, active)
        due = self._ledger.due(pasts.now, active)
        self.quality.close_week(due, np.asarray(self._segments, dtype=np.str_), active)
        min_weeks = self._settings.min_weeks
        self._seen_year = learn_bands(self._bands, due, pasts, self._history.week, min_weeks, self._seen_year)
        for model, near in self._near():
            judge(model, near, due, pasts, self._history, self._ledger)
            model.learn(self._history, pasts, active, self._columns["type"])
        analogies = self._analogies(pasts.now)
        factors = still_to_come(effects, self.rows)
        ahead = self._predict(pasts.now, analogies).times(factors)
        self._remember(ahead)
        why = reasons_of(self._history, pasts.now, ahead, analogies, factors)
        deviation, horizon = self._columns["deviation"], self._settings.horizon_weeks
        return outcome_of(week, expected, deviation, ahead, active, why, horizon)

    def correct(self, row: int, week: date, delta_eur: float) -> bool:
        """Late money of a week already closed. False when that week is no longer (or not yet) remembered."""
        return self._start is not None and self._history.correct(row, (week - self._start) // _WEEK, delta_eur)

    def _check(self, week: date, revenue: Floats, active: Flags) -> None:
        if week.weekday() != 0:
            raise WeekOrderError(f"{week} is not a Monday")
        if revenue.shape != (self.rows,) or active.shape != (self.rows,):
            raise WeekOrderError(f"{self.rows} accounts, but shapes {revenue.shape} and {active.shape}")
        if not np.isfinite(revenue).all():
            raise WeekOrderError(f"revenue of week {week} is not finite")
        if self._start is None:
            self._start = week
        due = self._start + (self._history.week + 1) * _WEEK
        if week != due:
            raise WeekOrderError(f"week {week} cannot close: the next one is {due}")

    def _learn_scale(self, revenue: Floats, expected: Floats) -> None:
        deviation = self._columns["deviation"]
        error = np.abs(revenue - expected)
        moved = np.where(np.isfinite(deviation), deviation + _SCALE_STEP * (error - deviation), error)
        deviation[:] = np.where(np.isfinite(error), moved, deviation)

    def _remember(self, ahead: Forecast) -> None:
        """Keep the forecasts for their judgement; accounts that never ordered are nobody's forecast yet."""
        week, level = self._history.week, self._history.slow()
        begun = ahead.age_weeks > 0
        self._ledger.write(week, *(np.where(begun, v, np.nan) for v in (ahead.short, ahead.long, level)))
        self._ledger.write_trials(week, *ahead.trials)
        yearly = (ahead.year, 52 * level, ahead.low, ahead.high)
        self._ledger.write_year(week, *(np.where(begun, v, np.nan) for v in yearly))
        self._columns["expected"][:] = np.where(begun, ahead.short / SHORT, 0)

    def _near(self) -> Iterator[tuple[HorizonModel, GroupBands]]:
        return zip(self._models, self._near_bands, strict=True)

    def quality_rows(self) -> list[QualityRow]:
        """Figures of the week just closed, by horizon and segment."""
        return list(self.quality.rows)

    def to_bytes(self) -> bytes:
        history_values, history = self._history.state()
        values = {
            "start": self._start.isoformat() if self._start else None,
            "segments": self._segments,
            "types": self._types,
            "words": self._words,
            "history": history_values,
            "bands": [band.state() for band in self._bands],
            "seen_year": self._seen_year,
            "quality": self.quality.state(),
        }
        parts = {f"band{model.weeks}": band.state() for model, band in self._near()} | {
            "history": history,
            "ledger": self._ledger.state(),
            "row": self._columns.state(),
        }
        parts |= {f"model{model.weeks}": model.state() for model in self._models}
        arrays = {f"{part}.{name}": array for part, state in parts.items() for name, array in state.items()}
        return pack("potential model", self.version, values, arrays)

    @classmethod
    def from_bytes(cls, settings: Potential, data: bytes) -> PotentialModel:
        """Raises SnapshotError on the bytes of another version."""
        values, arrays = unpack("potential model", cls.version, data)
        model = cls(settings)
        model._start = date.fromisoformat(values["start"]) if values["start"] else None
        model._segments, model._types, model._words = values["segments"], values["types"], values["words"]
        model._history = WeeklyHistory.restored(values["history"], _part("history", arrays))
        model._ledger = ForecastLedger.restored(model.rows, _part("ledger", arrays))
        model._columns = Columns.restored(_COLUMNS, model.rows, _part("row", arrays))
        short, long = (HorizonModel.restored(h, model.rows, _part(f"model{h}", arrays)) for h in (SHORT, LONG))
        model._models = (short, long)
        near = [GroupBands.restored(settings.interval, h, _part(f"band{h}", arrays)) for h in (SHORT, LONG)]
        model._near_bands = near[0], near[1]
        for band, state in zip(model._bands, values["bands"], strict=True):
            band.restore(state)
        model._seen_year = values["seen_year"]
        model.quality = QualityBook.restored(values["quality"])
        return model


def _part(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    start = prefix + "."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
