"""How soon drops of known size would be found on a history's own streams, beside simple detectors at equal false alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN, PageHinkley

from models.calibration import alarms_on, judged_years, threshold_for
from models.history import Floats
from models.pace import WEEKLY
from streams.cli.backtest.quality_streams import Streams

DROPS = (0.1, 0.2, 0.4)
ROWS = 4 * len(DROPS)
FEWEST_ACCOUNTS = 10
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


def qualities(streams: Streams, per_year: float) -> Iterator[Quality]:
    """A row for each method and drop; none when there are too few accounts.

    The drop begins in a week that differs by account; each method's threshold gives the budget's false alarms on the same
    accounts without drops.
    """
    if streams.at_week.size < FEWEST_ACCOUNTS:
        return
    yield from _ours(streams, per_year)
    raw = np.log(np.where(streams.eur > 0, streams.eur, np.nan))
    yield from _by(_cusum(per_year), "cusum on raw weekly sales", raw, streams.at_week)
    for make, name in ((_page_hinkley, "river PageHinkley, raw weekly"), (_adwin, "river ADWIN, raw weekly")):
        yield from _by(_river(make, per_year), name, raw, streams.at_week)


def _ours(streams: Streams, per_year: float) -> Iterator[Quality]:
    past, scale, pace = streams.past, streams.scale, streams.rhythm.pace
    limits = (threshold_for(past, scale, pace, per_year), np.inf)
    false = len(alarms_on(past, scale, pace, limits)) / max(judged_years(past, pace), 1e-9)
    start = streams.start
    for drop in DROPS:
        first = np.full(start.size, np.inf)
        for one in alarms_on(streams.dropped(drop), scale, pace, limits):
            if one.period >= start[one.stream]:
                first[one.stream] = min(first[one.stream], streams.weeks_since(one.period, one.stream))
        yield _quality("Terradrift", drop, first, false)


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
