"""Thresholds of a monitor from the past of its streams: those that would have kept the budget of false alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from models.history import Floats
from models.monitor import Found, Monitor
from models.pace import DROP_SHARE, Pace, iid_threshold

_TRUSTED = 0.75  # false alarms that the past could hold when it counts as much as the first threshold


def calibrate(monitor: Monitor, past: Floats, scale: Floats) -> None:
    """Set the thresholds that would have kept its budget on (periods, streams) of the past, found by bisection.

    The fewer false alarms the past could hold, the more of the first threshold is kept. Never below a share of the
    threshold for independent noise: a lucky quiet past would flood.
    """
    years, limits = judged_years(past, monitor.pace), list(monitor.thresholds)
    for side, share in enumerate((DROP_SHARE, 1 - DROP_SHARE)):
        wanted = share * monitor.per_year
        trust = years * wanted / (years * wanted + _TRUSTED)
        if trust >= 0.1:
            reference = iid_threshold(monitor.pace, wanted)
            own = threshold_for(past, scale, monitor.pace, wanted, side, monitor.pace.least * reference)
            limits[side] = own**trust * (monitor.pace.first * reference) ** (1 - trust)
    monitor.thresholds = (limits[0], limits[1])


def judged_years(past: Floats, pace: Pace) -> float:
    """Stream-years of (periods, streams) that are judged: what is observed after each stream's warm-up."""
    observed = np.isfinite(past).sum(axis=0)
    return float(np.maximum(observed - pace.warm, 0).sum() / pace.per_year)


def alarms_on(past: Floats, scale: Floats, pace: Pace, thresholds: tuple[float, float]) -> list[Found]:
    """What a fresh monitor with these thresholds says of (periods, streams)."""
    monitor = Monitor(pace, 1.0)
    monitor.thresholds = thresholds
    return monitor.run(past, scale)


def confirmed(found: Iterable[Found]) -> list[Found]:
    """The alarms that were not withdrawn, each at the period in which that was known: the next one."""
    kept: dict[int, Found] = {}
    told: list[Found] = []
    for one in found:
        if one.withdrawn:
            told.remove(kept.pop(one.stream))
        else:
            kept[one.stream] = replace(one, period=one.period + 1)
            told.append(kept[one.stream])
    return told


def standing(found: Iterable[Found]) -> int:
    """How many alarms were raised and not withdrawn."""
    return sum(-1 if one.withdrawn else 1 for one in found)


def threshold_for(past: Floats, scale: Floats, pace: Pace, per_year: float, side: int = 0, low: float = 0.5) -> float:
    """Threshold of one side (0 drop, 1 rise) with that many alarms a stream and year on (periods, streams) of quiet past."""
    years = judged_years(past, pace)
    high = 30 * low
    for _ in range(14):
        middle = (low * high) ** 0.5
        limits = (middle, np.inf) if side == 0 else (np.inf, middle)
        too_many = standing(alarms_on(past, scale, pace, limits)) > per_year * years
        low, high = (middle, high) if too_many else (low, middle)
    return high
