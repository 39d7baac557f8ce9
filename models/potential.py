"""What each account of a region is worth: online estimates with an interval, from its first week on.

Every week: compare the forecasts that have matured, learn from them, forecast anew. Memory per account is fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.analogy import NO_WORD, OFFSET_EUR, WORDS, Analogies, place, type_key, words_of, yearly_by_analogy
from models.columns import Column, Columns
from models.event_effects import EventEffect, still_to_come
from models.forecast import ANALOGY_FADES_WEEKS, Bands, Forecast, Rules, experts, forecast
from models.group_bands import GroupBands, errors_scale
from models.history import Flags, Floats, WeeklyHistory
from models.horizon import HorizonModel
from models.interval import Band, log_score, yearly_noise
from models.ledger import LONG, SHORT, YEAR, ForecastLedger
from models.quality import QualityBook, QualityRow, Scored
from models.reasons import Reasons, reasons_of
from models.snapshot import pack, unpack
from models.windows import Past, Pasts
from schemas.errors import TerradriftError
from schemas.settings import Potential

_WEEK = timedelta(weeks=1)
_NEW_FROM_WEEK = 26  # a first order this late in the region's life is a real opening, not the start of the data
_RUNS_WEEKS = 26  # an account that ordered this lately is an example of what its like is worth
_PROVISIONAL_WEEKS = 13
_SCALE_STEP = 0.05
_SD_PER_MEAN_DEVIATION = 1.2533  # of a normal distribution
_COLUMNS = {
    "type": Column(np.int32, 0),
    "words": Column(np.int32, NO_WORD, (WORDS,)),
    "place": Column(np.float64, np.nan, (3,)),
    "label": Column(np.float64, np.nan),
    "expected": Column(np.float64, np.nan),
    "deviation": Column(np.float64, np.nan),
}


@dataclass(frozen=True, slots=True)
class AccountTraits:
    """What is known of an account without its orders. `chain`: the words of its name that may recur, "" unknown."""

    kind: str
    segment: str
    chain: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class WeekOutcome:
    """Arrays (n,) after a closed week; money in EUR."""

    week: date
    expected_eur: Floats  # predicted a week earlier for the week just closed; NaN where nothing was predicted
    scale_eur: Floats  # usual deviation of a week from its prediction (as a standard deviation)
    estimate_4w: Floats
    estimate_13w: Floats
    estimate_52w: Floats
    bounds_4w: tuple[Floats, Floats]  # low and high
    bounds_13w: tuple[Floats, Floats]
    bounds_52w: tuple[Floats, Floats]
    potential: Floats  # revenue of the next `horizon_weeks` weeks
    low: Floats  # bounds of the potential
    high: Floats
    horizon_weeks: int  # of the potential
    growth: Floats  # potential as anticipated less potential as of now
    reasons: Reasons  # of the estimates, whether active or not
    by_analogy: Flags
    observed_weeks: NDArray[np.int64]  # since the account's first order


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
        return yearly_by_analogy(wanted, self._columns["words"], self._columns["place"].T, *self._labels(past))

    def _predict(self, past: Past, analogies: Analogies) -> Forecast:
        bands = Bands(self._bands, self._near_bands)
        rules = Rules(self._settings.min_weeks, self._settings.year == "anticipated")
        return forecast(self._history, past, analogies, self._columns["type"], self._models, bands, rules)

    def close_week(
        self, week: date, revenue: Floats, active: Flags, effects: Sequence[EventEffect] = ()
    ) -> WeekOutcome:
        """Learn one closed week and forecast the next. `revenue` (EUR) and `active` have shape (n,); `effects`: of market
        events that are believed.

        Raises WeekOrderError when the week does not follow the last one or the arrays do not fit.
        """
        self._check(week, revenue, active)
        expected = self._columns["expected"].copy()
        self._learn_scale(revenue, expected)
        self._history.close(revenue)
        pasts = Pasts(self._history)
        self._learn_labels(pasts.now, active)
        due = self._ledger.due(pasts.now, active)
        self.quality.close_week(due, np.asarray(self._segments, dtype=np.str_), active)
        self._learn_bands(due, pasts)
        for model in self._models:
            self._judge(model, due, pasts)
            model.learn(self._history, pasts, active, self._columns["type"])
        analogies = self._analogies(pasts.now)
        factors = still_to_come(effects, self.rows)
        ahead = self._predict(pasts.now, analogies).times(factors)
        self._remember(ahead)
        why = reasons_of(self._history, pasts.now, ahead, analogies, factors)
        return self._outcome(week, expected, ahead, active, why)

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

    def _learn_labels(self, past: Past, active: Flags) -> None:
        """The first 52 weeks of an account still active are complete: it becomes an example for others."""
        ripe = active & (past.age == YEAR)
        first_year = np.maximum(past.eur(0, YEAR), 0)
        self._columns["label"][ripe] = np.log(first_year[ripe] + OFFSET_EUR)

    def _labels(self, past: Past) -> tuple[Floats, Flags]:
        """(n,) examples for analogies, and which are first years of openings; the others are accounts that run."""
        history = self._history
        label = self._columns["label"]
        opened = np.isfinite(label) & (history.first >= _NEW_FROM_WEEK)
        age = np.clip(past.age, 1, YEAR)
        yearly = np.where(age < YEAR, YEAR * history.slow(), past.eur(0, YEAR))
        running = (age >= _PROVISIONAL_WEEKS) & (history.week - history.last_order < _RUNS_WEEKS) & (yearly > 0)
        running_label = np.where(running, np.log(np.maximum(yearly, 0) + OFFSET_EUR), np.nan)
        return np.where(opened, label, running_label), opened

    def _learn_bands(self, due: list[Scored], pasts: Pasts) -> None:
        """Yearly errors teach the interval; until the first ones come, errors of a quarter stand in."""
        for one in due:
            if one.horizon_weeks == SHORT or (one.horizon_weeks == LONG and self._seen_year):
                continue
            if one.horizon_weeks == YEAR and not self._seen_year:
                self._seen_year = True
                for band in self._bands:
                    band.batches = 0
            origin = pasts.at(self._history.week - one.horizon_weeks)
            years = YEAR / one.horizon_weeks
            judged = np.isfinite(one.forecast)
            young = origin.age < self._settings.min_weeks
            noise = np.where(young, 1.0, yearly_noise(origin))
            scores = log_score(one.actual * years, one.forecast * years, noise)
            self._bands[0].learn(scores[judged & ~young])
            self._bands[1].learn(scores[judged & young])

    def _judge(self, model: HorizonModel, due: list[Scored], pasts: Pasts) -> None:
        """Trust in the regression, the weights of the blend and the interval follow what has just matured."""
        history, origin = self._history, self._history.week - model.weeks
        for one in due:
            if one.horizon_weeks == model.weeks:
                trial = np.where(np.isfinite(one.forecast), self._ledger.trial(origin, model.weeks), np.nan)
                model.judge(trial, one.naive, one.actual)
                past = pasts.at(origin)
                said = experts(past, model.weeks, trial, one.naive)
                usual = np.maximum(model.weeks * history.fast(origin), said[2] / 4)
                model.blend.learn(said, one.actual, np.maximum(usual, 20.0 * model.weeks))
                dict(self._near())[model].learn(one.actual, one.forecast, *errors_scale(past, model.weeks))

    def _remember(self, ahead: Forecast) -> None:
        """Keep the forecasts for their judgement; accounts that never ordered are nobody's forecast yet."""
        week, level = self._history.week, self._history.slow()
        begun = ahead.age_weeks > 0
        self._ledger.write(week, *(np.where(begun, v, np.nan) for v in (ahead.short, ahead.long, level)))
        self._ledger.write_trials(week, *ahead.trials)
        yearly = (ahead.year, 52 * level, ahead.low, ahead.high)
        self._ledger.write_year(week, *(np.where(begun, v, np.nan) for v in yearly))
        self._columns["expected"][:] = np.where(begun, ahead.short / SHORT, 0)

    def _outcome(self, week: date, expected: Floats, ahead: Forecast, active: Flags, why: Reasons) -> WeekOutcome:
        deviation = self._columns["deviation"]
        scale = np.where(np.isfinite(deviation), _SD_PER_MEAN_DEVIATION * deviation, 0.5 * ahead.year / 52)
        short, long, year, low, high = (
            np.where(active, v, 0.0) for v in (ahead.short, ahead.long, ahead.year, ahead.low, ahead.high)
        )
        share = self._settings.horizon_weeks / YEAR
        return WeekOutcome(
            week=week,
            expected_eur=expected,
            scale_eur=np.maximum(scale, 5.0),
            estimate_4w=short,
            estimate_13w=long,
            estimate_52w=year,
            bounds_4w=_within(ahead.short_bounds, active),
            bounds_13w=_within(ahead.long_bounds, active),
            bounds_52w=(low, high),
            potential=year * share,
            low=low * share,
            high=high * share,
            horizon_weeks=self._settings.horizon_weeks,
            growth=np.where(active, ahead.growth, 0.0) * share,
            reasons=why,
            by_analogy=ahead.by_analogy,
            observed_weeks=ahead.age_weeks.astype(np.int64),
        )

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


def _within(bounds: tuple[Floats, Floats], active: Flags) -> tuple[Floats, Floats]:
    return np.where(active, bounds[0], 0.0), np.where(active, bounds[1], 0.0)


def _part(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    start = prefix + "."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
