"""How soon drops of known size would be found on a history's own streams, beside simple detectors at equal false alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN, PageHinkley

from models.calibration import alarms_on, judged_years, threshold_for
from models.company_watch import CompanyWatch
from models.early_warning import EarlyWarning
from models.history import Floats
from models.pace import WEEKLY
from streams.cli.backtest.alert_history import History

DROPS = (0.1, 0.2, 0.4)
MOST_ACCOUNTS = 80
_AFTER_WEEKS = 13  # left after a drop, at least
_BEFORE_WEEKS = 26  # judged before it
_WARM_WEEKS = 26
Firsts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """`median_weeks` None: fewer than half were found."""

    method: str
    drop: float
    within_4_weeks: float
    within_8_weeks: float
    median_weeks: float | None
    false_alarms_per_year: float


def qualities(history: History, watch: CompanyWatch, per_year: float) -> list[Quality]:
    """Nothing when there is less than a year or there are fewer than ten accounts.

    A drop is added to the logarithm of a stream, as the watch remembers it, from a day on that differs by account;
    each method's threshold gives the budget's false alarms on the same streams without drops.
    """
    days, weeks = watch.accounts.days, watch.accounts.weeks
    ours = days if days.streams >= weeks.streams else weeks
    weeks_kept = ours.rhythm.window * ours.rhythm.days // 7
    total = int(history.day[-1] - history.day[0] + 1) // 7
    rows = _accounts(history, watch.accounts.rows_of(ours))
    if total < _WARM_WEEKS + _BEFORE_WEEKS + _AFTER_WEEKS or rows.size < 10:
        return []
    rng = np.random.default_rng(11)
    earliest = max(total - weeks_kept, _WARM_WEEKS) + _BEFORE_WEEKS
    at_week = rng.integers(min(earliest, total - _AFTER_WEEKS - 1), total - _AFTER_WEEKS, rows.size)
    raw = _raw_weeks(history, rows, total)
    found = list(_ours(ours, watch.accounts.rows_of(ours)[rows], at_week, total, per_year))
    found += _by(_cusum(per_year), "cusum on raw weekly sales", raw, at_week)
    for make, name in ((_page_hinkley, "river PageHinkley, raw weekly"), (_adwin, "river ADWIN, raw weekly")):
        found += _by(_river(make, per_year), name, raw, at_week)
    return found


def _accounts(history: History, place: NDArray[np.intp]) -> NDArray[np.intp]:
    """The accounts with streams of the rhythm, an even sample of those that have been there longest."""
    orders = np.bincount(history.account, minlength=len(history.account_ids))
    known = np.flatnonzero(place >= 0)
    full = known[orders[known] >= 0.7 * orders[known].max(initial=0)] if known.size else known
    return full[:: max(1, full.size // MOST_ACCOUNTS)][:MOST_ACCOUNTS]


def _ours(
    watch: EarlyWarning, streams: NDArray[np.intp], at_week: NDArray[np.int64], total: int, per_year: float
) -> Iterator[Quality]:
    past, scale = watch.remembered()
    past, pace = past[:, streams], watch.rhythm.pace
    threshold = threshold_for(past, scale, pace, per_year)
    limits = (threshold, np.inf)
    false = len(alarms_on(past, scale, pace, limits)) / max(judged_years(past, pace), 1e-9)
    per_week = 7 // watch.rhythm.days
    start = past.shape[0] - (total - at_week) * per_week
    for drop in DROPS:
        changed = past + np.where(np.arange(past.shape[0])[:, None] >= start, np.log1p(-drop), 0)
        first = np.full(streams.size, np.inf)
        for one in alarms_on(changed, scale, pace, limits):
            if one.period >= start[one.stream]:
                first[one.stream] = min(first[one.stream], (one.period + 1 - start[one.stream]) / per_week)
        yield _quality("Terradrift", drop, first, false)


def _raw_weeks(history: History, rows: NDArray[np.intp], total: int) -> Floats:
    """(weeks, accounts) logarithms of the accounts' revenue of each whole week, NaN without an order."""
    place = np.full(len(history.account_ids), -1, np.intp)
    place[rows] = np.arange(rows.size)
    week = (history.day - history.day[-1] + 7 * total - 1) // 7
    here = (place[history.account] >= 0) & (week >= 0)
    sums = np.zeros((total, rows.size))
    np.add.at(sums, (week[here], place[history.account[here]]), history.eur[here])
    return np.asarray(np.log(np.where(sums > 0, sums, np.nan)))


FirstsOf = Callable[[Floats], list[tuple[int, int]]]
"""(weeks, accounts) -> alarms as (week, account)."""


def _by(detect: Callable[[Floats], FirstsOf], name: str, raw: Floats, at_week: NDArray[np.int64]) -> Iterator[Quality]:
    alarms = detect(raw)
    years = float(np.maximum(np.isfinite(raw).sum(axis=0) - _WARM_WEEKS, 0).sum()) / 52
    false = len(alarms(raw)) / max(years, 1e-9)
    for drop in DROPS:
        changed = raw + np.where(np.arange(raw.shape[0])[:, None] >= at_week, np.log1p(-drop), 0)
        first = np.full(at_week.size, np.inf)
        for week, account in alarms(changed):
            if week >= at_week[account]:
                first[account] = min(first[account], week + 1 - at_week[account])
        yield _quality(name, drop, first, false)


def _quality(name: str, drop: float, weeks: Firsts, false: float) -> Quality:
    median = float(np.median(weeks))
    return Quality(
        name,
        drop,
        float(np.mean(weeks <= 4)),
        float(np.mean(weeks <= 8)),
        median if np.isfinite(median) else None,
        round(false, 3),
    )


def _cusum(per_year: float) -> Callable[[Floats], FirstsOf]:
    def calibrated(raw: Floats) -> FirstsOf:
        even = np.ones(raw.shape[0])
        limits = (threshold_for(raw, even, WEEKLY, per_year), np.inf)
        return lambda values: [(one.period, one.stream) for one in alarms_on(values, even, WEEKLY, limits)]

    return calibrated


def _river(make: Callable[[float], PageHinkley | ADWIN], per_year: float) -> Callable[[Floats], FirstsOf]:
    """Sensitivities 0 (deaf) to 1 are halved until the budget is met."""

    def calibrated(raw: Floats) -> FirstsOf:
        years = float(np.maximum(np.isfinite(raw).sum(axis=0) - _WARM_WEEKS, 0).sum()) / 52
        low, high = 0.0, 1.0
        for _ in range(5):
            middle = (low + high) / 2
            low, high = (middle, high) if len(_alarms(make, middle, raw)) <= per_year * years else (low, middle)
        return lambda values: _alarms(make, low, values)

    return calibrated


def _alarms(make: Callable[[float], PageHinkley | ADWIN], sensitivity: float, values: Floats) -> list[tuple[int, int]]:
    found = []
    for account in range(values.shape[1]):
        seen = np.flatnonzero(np.isfinite(values[:, account]))
        if seen.size <= _WARM_WEEKS:
            continue
        first = values[seen[:_WARM_WEEKS], account]
        middle = np.median(first)
        spread = max(1.4826 * float(np.median(np.abs(first - middle))), 1e-3)
        detector, mean = make(sensitivity), 0.0
        for number, week in enumerate(seen.tolist()):
            x = float((values[week, account] - middle) / spread)
            detector.update(x)  # type: ignore[no-untyped-call]
            if detector.drift_detected and x < mean and number >= _WARM_WEEKS:
                found.append((week, account))
            mean += 0.05 * (x - mean)
    return found


def _page_hinkley(sensitivity: float) -> PageHinkley:
    return PageHinkley(min_instances=10, delta=0.25, threshold=200.0 ** (1 - sensitivity), mode="down")


def _adwin(sensitivity: float) -> ADWIN:
    return ADWIN(delta=0.9 * 10.0 ** (-12 * (1 - sensitivity)), clock=1, grace_period=5)  # type: ignore[no-untyped-call]
