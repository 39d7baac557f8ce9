"""Each territory before and after against the corridor, with the values between which it lies in 8 of 10 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.rows import IntervalRow, TerritoryEffect

HALF_WIDTH: Final = 60.0
EDGE: Final = 4.0
WIDEST: Final = 1.0
"""Deviation at the edge of the picture at most: one territory far out must not press all others together."""


@dataclass(frozen=True, slots=True)
class Span:
    """A deviation from the fair share and, where known, the interval around it; `x` are places in the picture."""

    value: float
    low: float | None
    high: float | None
    x: float
    x_low: float | None
    x_high: float | None
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """One territory. `corridor` is half the width of the corridor in the picture."""

    before: Span
    after: Span
    corridor: float


def corridor_bars(
    effects: Sequence[TerritoryEffect], intervals: Sequence[IntervalRow], tolerance: float, after_known: bool = True
) -> dict[str, Bars]:
    """Rep -> bars, all on one scale; none for a rep whose fair share cannot be told. The intervals are those of the proposal:
    with `after_known` false they say nothing of what has been chosen instead."""
    between = {(one.figure, one.rep_id): (one.low, one.high) for one in intervals}
    found = {}
    for effect in effects:
        share = _fair_share(effect)
        if share:
            before = _around(between.get(("potential_before_eur", effect.rep_id)), share)
            after = _around(between.get(("potential_after_eur", effect.rep_id)), share) if after_known else None
            found[effect.rep_id] = (effect, before, after)
    reach = _reach([each for row in found.values() for each in row], tolerance)
    return {
        rep: Bars(
            _span(effect.deviation_before, before, reach, tolerance),
            _span(effect.deviation_after, after, reach, tolerance),
            _place(tolerance, reach),
        )
        for rep, (effect, before, after) in found.items()
    }


def _fair_share(effect: TerritoryEffect) -> float:
    """EUR of the territory's fair share: what it has against how far that is away from it; 0 where it has nothing."""
    for eur, deviation in (
        (effect.potential_before_eur, effect.deviation_before), (effect.potential_after_eur, effect.deviation_after),
    ):  # fmt: skip
        if eur > 0 and deviation > -1:
            return eur / (1 + deviation)
    return 0.0


def _around(eur: tuple[float, float] | None, share: float) -> list[float] | None:
    """The interval of a potential as one of the deviation from the fair share."""
    return [end / share - 1 for end in eur] if eur else None


def _reach(drawn: Sequence[TerritoryEffect | list[float] | None], tolerance: float) -> float:
    """The deviation at the edge of the picture."""
    values = [2 * tolerance]
    for one in drawn:
        if isinstance(one, TerritoryEffect):
            values += [abs(one.deviation_before), abs(one.deviation_after)]
        elif one is not None:
            values += [abs(value) for value in one]
    return min(max(values), WIDEST)


def _place(deviation: float, reach: float) -> float:
    inside = min(max(deviation, -reach), reach)
    return round(inside / reach * (HALF_WIDTH - EDGE), 1)


def _span(value: float, between: Sequence[float] | None, reach: float, tolerance: float) -> Span:
    low, high = between or (None, None)
    return Span(
        value, low, high, _place(value, reach), None if low is None else _place(low, reach),
        None if high is None else _place(high, reach), abs(value) > tolerance,
    )  # fmt: skip
