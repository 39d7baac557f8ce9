"""A company's history watched day by day: accounts by the day where they order almost daily, else by the week;
territories, zones and segments by the week; and accounts that fall silent against their own rhythm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.early_warning import DAYS, WEEKS, Cells, EarlyWarning
from models.history import Flags, Floats
from models.monitor import Found
from models.rhythm import Rhythms
from models.signals import Direction, Scope
from models.warned import Bursts, Warned

WEEKDAYS = 7
WEEK_CELLS = 3  # no, some, or all of the week's orders under a known effect
_USUAL_STEP = 0.02
_ESTABLISHED_WEEKS = 8
_FEWEST_ACCOUNTS = 4
_SHARED_SILENCE = 5  # accounts silent since the same day: the feed, not the market
Rows = NDArray[np.intp]


class CompanyWatch:
    """Feed `close_day` with every day in order, days without orders too."""

    def __init__(self, account_ids: Sequence[str], effects: int, per_year: float, silence_factor: float = 4.0) -> None:
        """`effects`: combinations of known effects; `per_year`: false alarms of one stream in a year."""
        self._ids = account_ids
        n = len(account_ids)
        self.days = EarlyWarning(DAYS, WEEKDAYS * effects, per_year)
        self.weeks = EarlyWarning(WEEKS, WEEK_CELLS, per_year)
        self._per_year = per_year
        self.scopes: dict[Scope, EarlyWarning] = {}
        self._scope_rows: dict[Scope, dict[str, int]] = {}
        self._rhythms = Rhythms(n, silence_factor)
        self._bursts = Bursts(per_year)
        self._daily_row = np.full(n, -1, np.intp)
        self._weekly_row = np.full(n, -1, np.intp)
        self._usual, self._age = np.zeros(n), np.zeros(n, np.int64)
        self._week, self._under_effect, self._days = np.zeros(n), np.zeros(n), np.zeros(n)
        self._first_day: date | None = None
        self._first_monday: date | None = None
        self._fixed = False

    def close_day(
        self, day: date, rows: Rows, eur: Floats, effect: Cells, scope_of: Mapping[Scope, Sequence[str]]
    ) -> list[Warned]:
        """Alerts of the day, and of the week when it ends with it.

        rows: the accounts that ordered, each once; eur, effect: of them; scope_of: kind -> each account's scope.
        """
        if self._first_day is None:
            self._first_day = day
        self._week[rows] += eur
        self._under_effect[rows] += effect > 0
        self._days[rows] += 1
        newly = self._rhythms.close_day(day.toordinal(), rows)
        self._join(newly)
        found = self._close_daily(day, rows, eur, effect)
        if day.weekday() == WEEKDAYS - 1:
            found += self._close_week(day, scope_of)
        return found

    def calibrated(self) -> None:
        """From now on all thresholds stay what the past has made them."""
        self._fixed = True
        for one in (self.days, self.weeks, *self.scopes.values()):
            one.calibrated()

    def rows_of(self, one: EarlyWarning) -> Rows:
        """(accounts,) their rows among the daily or the weekly streams, -1 none."""
        return self._daily_row if one is self.days else self._weekly_row

    def _join(self, newly: Rows) -> None:
        """Accounts whose rhythm has just become known take the next row of the daily or weekly streams."""
        for chosen, places in ((True, self._daily_row), (False, self._weekly_row)):
            new = newly[self._rhythms.daily[newly] == chosen]
            first = int(places.max(initial=-1)) + 1
            places[new] = np.arange(first, first + new.size)

    def _close_daily(self, day: date, rows: Rows, eur: Floats, effect: Cells) -> list[Warned]:
        streams = int(self._daily_row.max(initial=-1)) + 1
        if not streams:
            self.days.close_period(np.zeros(0), np.zeros(0, np.intp))
            return []
        place = self._daily_row[rows]
        here = (place >= 0) & (eur > 0)
        values, cell = np.full(streams, np.nan), np.zeros(streams, np.intp)
        values[place[here]] = np.log(eur[here])
        cell[place[here]] = day.weekday() + WEEKDAYS * effect[here]
        found = self.days.close_period(values, cell)
        if not found:
            return []
        account = np.argsort(np.where(self._daily_row >= 0, self._daily_row, self._daily_row.size + streams))
        first = self._first_day or day
        warned = [
            self._warned("account", self._ids[account[f.stream]], f, day, first + timedelta(f.started), self.days)
            for f in found
        ]
        return self._bursts.told(day, warned, streams)

    def _close_week(self, sunday: date, scope_of: Mapping[Scope, Sequence[str]]) -> list[Warned]:
        monday = sunday - timedelta(days=WEEKDAYS - 1)
        self._first_monday = self._first_monday or monday
        begun = self._rhythms.begun
        established = begun & (self._age >= _ESTABLISHED_WEEKS)
        cell = np.rint(2 * self._under_effect / np.maximum(self._days, 1)).astype(np.intp)
        found = self._close_weekly(sunday, established, cell)
        for kind, names in scope_of.items():
            found += self._close_scopes(kind, names, sunday, established)
        found += self._silences(sunday, established, scope_of)
        self._learn_usual(begun, established)
        for array in (self._week, self._under_effect, self._days):
            array[:] = 0
        return found

    def _close_weekly(self, sunday: date, established: Flags, cell: Cells) -> list[Warned]:
        streams = int(self._weekly_row.max(initial=-1)) + 1
        rows = np.flatnonzero((self._weekly_row >= 0) & established & ~self._rhythms.silent)
        place = self._weekly_row[rows]
        values, cells = np.full(streams, np.nan), np.zeros(streams, np.intp)
        little = 0.25 * self._usual[rows] + 1
        values[place] = np.log((np.maximum(self._week[rows], 0) + little) / (self._usual[rows] + little))
        cells[place] = cell[rows]
        found = self.weeks.close_period(values, cells)
        if not found:
            return []
        account = np.argsort(np.where(self._weekly_row >= 0, self._weekly_row, self._weekly_row.size + streams))
        warned = [
            self._warned("account", self._ids[account[f.stream]], f, sunday, self._monday(f.started), self.weeks)
            for f in found
        ]
        return self._bursts.told(sunday, warned, streams)

    def _close_scopes(self, kind: Scope, names: Sequence[str], sunday: date, established: Flags) -> list[Warned]:
        known = self._scope_rows.setdefault(kind, {})
        ids, codes = np.unique(np.array(names, np.str_), return_inverse=True)
        rows = np.array([known.setdefault(name, len(known)) for name in ids.tolist()], np.intp)
        weight = established.astype(np.float64)
        sold = np.bincount(codes, self._week * weight, ids.size)
        usual = np.bincount(codes, self._usual * weight, ids.size)
        enough = (np.bincount(codes, weight, ids.size) >= _FEWEST_ACCOUNTS) & (usual > 0) & (ids != "")
        effect = np.bincount(codes, self._under_effect, ids.size) / np.maximum(np.bincount(codes, self._days), 1)
        values, cell = np.full(len(known), np.nan), np.zeros(len(known), np.intp)
        little = 5 + 0.01 * usual
        ratio = np.log((np.maximum(sold, 0) + little) / (usual + little))
        values[rows[enough]] = ratio[enough]
        cell[rows] = np.rint(2 * effect)
        watch = self.scopes.get(kind)
        if watch is None:
            watch = self.scopes[kind] = EarlyWarning(WEEKS, WEEK_CELLS, self._per_year)
            if self._fixed:
                watch.calibrated()
        names_of = list(known)
        found = watch.close_period(values, cell)
        return [self._warned(kind, names_of[f.stream], f, sunday, self._monday(f.started), watch) for f in found]

    def _monday(self, week: int) -> date:
        assert self._first_monday is not None  # noqa: S101  a week has closed
        return self._first_monday + timedelta(weeks=week)

    def _silences(self, sunday: date, established: Flags, scope_of: Mapping[Scope, Sequence[str]]) -> list[Warned]:
        """Accounts that have just become silent; many since one day are one alert about their segment."""
        new = self._rhythms.newly_silent(sunday.toordinal(), established)
        last = self._rhythms.last[new]
        together = {day for day, count in Counter(last.tolist()).items() if count >= _SHARED_SILENCE}
        alone = [row for row, day in zip(new.tolist(), last.tolist(), strict=True) if day not in together]
        found = [self._silent(row, sunday) for row in alone]
        for day in sorted(together):
            rows = new[last == day]
            names = scope_of.get("segment")
            name = Counter(names[row] for row in rows).most_common(1)[0][0] if names else "all"
            told = f"{rows.size} accounts without an order since {date.fromordinal(day)}: the feed has a gap, or they closed together"
            start = date.fromordinal(day + 1)
            found.append(Warned("segment", name, sunday, start, "drop", -1.0, "data_fault", told))
        return found

    def _silent(self, row: int, sunday: date) -> Warned:
        gap, last = float(self._rhythms.gap[row]), int(self._rhythms.last[row])
        told = f"no order for {sunday.toordinal() - last} days; usually one every {gap:.1f} days"
        start = date.fromordinal(last + 1)
        return Warned("account", self._ids[row], sunday, start, "drop", -1.0, "demand_shift", told)

    def _learn_usual(self, begun: Flags, established: Flags) -> None:
        usual = float(self._usual[established].sum())
        market = max(float(self._week[established].sum()) / usual, 0.05) if usual > 0 else 1.0
        self._age[begun] += 1
        moving = begun & ~self._rhythms.silent
        step = np.maximum(_USUAL_STEP, 1 / np.maximum(self._age, 1))
        self._usual[moving] += (step * (self._week / market - self._usual))[moving]

    def _warned(
        self, kind: Scope, scope_id: str, one: Found, detected: date, started: date, watch: EarlyWarning
    ) -> Warned:
        threshold = watch.monitor.thresholds[one.rise]
        change = float(np.expm1(one.shift))
        told = (
            f"{abs(change):.0%} {'above' if change > 0 else 'below'} its own level with the market's moves removed, "
            f"{abs(one.sigma):.1f} spreads; {watch.rhythm.name} cusum {one.statistic:.1f} over {threshold:.1f}"
        )
        direction: Direction = "rise" if one.rise else "drop"
        return Warned(kind, scope_id, detected, started, direction, change, "demand_shift", told)
