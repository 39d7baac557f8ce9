"""Observed against expected as a line chart, and small lines for trends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, log10
from statistics import fmean, pstdev
from typing import Final

from console.reading.answers.alerts import ScopeWeek

WIDTH, HEIGHT = 720.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 12.0, 14.0, 30.0
BAND_WEEKS: Final = 26
NORMAL_80: Final = 1.2816
"""Standard deviations on either side that hold 80 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class DayMark:
    x: float
    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths in a picture of `width` by `height`; `band` is "" where too little came before to know the usual spread."""

    width: float
    height: float
    observed: str
    expected: str
    band: str
    values: tuple[Tick, ...]
    months: tuple[tuple[float, date], ...]
    marks: tuple[DayMark, ...]
    spread_eur: float | None


def against_expected(
    weeks: Sequence[ScopeWeek], started_on: date, detected_on: date, news: Sequence[date] = ()
) -> Chart | None:
    """The chart of an alert; None with fewer than two weeks.

    The band is what 80 % of the weeks differed by within half a year before the change began: a normal
    approximation of the residuals, since the model publishes no interval for a single week.
    """
    if len(weeks) < 2:
        return None
    spread = usual_spread(weeks, started_on)
    first, last = weeks[0].week, weeks[-1].week + timedelta(days=6)
    reach = spread or 0.0
    top = _nice(max(max(w.observed_eur, w.expected_eur + reach) for w in weeks) or 1.0)
    low = min(0.0, *(w.observed_eur for w in weeks))
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / days, 1)

    def y(value: float) -> float:
        inside = min(max(value, low), top)
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (top - inside) / (top - low), 1)

    middles = [x(w.week + timedelta(days=3)) for w in weeks]
    above = [(m, y(w.expected_eur + reach)) for m, w in zip(middles, weeks, strict=True)]
    below = [(m, y(max(w.expected_eur - reach, low))) for m, w in zip(middles, weeks, strict=True)]
    marks = [DayMark(x(started_on), started_on, "started"), DayMark(x(detected_on), detected_on, "detected")]
    marks += [DayMark(x(day), day, "news") for day in news]
    return Chart(
        WIDTH,
        HEIGHT,
        observed=_line(list(zip(middles, (y(w.observed_eur) for w in weeks), strict=True))),
        expected=_line(list(zip(middles, (y(w.expected_eur) for w in weeks), strict=True))),
        band=_line([*above, *reversed(below)]) + "Z" if spread is not None else "",
        values=tuple(Tick(y(top * part / 4), top * part / 4) for part in range(5)),
        months=tuple((x(day), day) for day in _months(first, last)),
        marks=tuple(mark for mark in marks if first <= mark.day <= last),
        spread_eur=spread,
    )


def usual_spread(weeks: Sequence[ScopeWeek], started_on: date) -> float | None:
    """EUR by which 80 % of the weeks before the change differed from what was expected; None with fewer than eight."""
    before = [w.observed_eur - w.expected_eur for w in weeks if w.week < started_on and w.expected_eur > 0]
    before = before[-BAND_WEEKS:]
    return NORMAL_80 * pstdev(before) if len(before) >= 8 else None


def sparkline(values: Sequence[float], width: float = 120, height: float = 28) -> str:
    """A small line; "" with fewer than two values. A flat one runs through the middle."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = high - low
    step = (width - 4) / (len(values) - 1)
    return _line([
        (round(2 + step * n, 1), round(2 + (height - 4) * ((high - v) / span if span else 0.5), 1))
        for n, v in enumerate(values)
    ])  # fmt: skip


def tendency(values: Sequence[float]) -> float | None:
    """The last value against the mean of those before, as a share of it; None where there is nothing to compare."""
    if len(values) < 3 or not (mean := fmean(values[:-1])):
        return None
    return values[-1] / mean - 1


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _nice(value: float) -> float:
    """The next of 1, 2, 4, 5, 6, 8 times a power of ten: quarters of it are short numbers."""
    power: float = 10 ** floor(log10(value))
    return next(float(step * power) for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value)


def _months(first: date, last: date) -> list[date]:
    """First days of months, at most about eight of them."""
    starts = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13)]
    inside = [day for day in starts if first <= day <= last]
    every = -(-len(inside) // 8) or 1
    return inside[::every]
