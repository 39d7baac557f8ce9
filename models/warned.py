"""One alert of a history, and alerts that come in a burst: many accounts at once are one cause, not many."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from models.causes import CauseClass
from models.early_warning import RHYTHMS, SCOPE_DAYS, SCOPES, EarlyWarning, Rhythm
from models.monitor import Found
from models.pace import DROP_SHARE
from models.signals import Direction, Scope
from schemas.verdict_sentences import say

_BURST_DAYS = 14
_FEWEST = 4
_TIMES_EXPECTED = 6.0
_DAYS = ("detected_on", "started_on")
_CONFIRMED_AFTER = {each.name: timedelta(days=each.days) for each in (SCOPES, SCOPE_DAYS)}


@dataclass(frozen=True, slots=True)
class Warned:
    """One alert of a history. `magnitude` is the estimated change, -0.1 a tenth below.

    `shift` is the same in log points, from `level`; `row` of an account, -1 for the other scopes; `rhythm` "" for what
    no detector found.
    """

    scope: Scope
    scope_id: str
    detected_on: date
    started_on: date
    direction: Direction
    magnitude: float
    cause_class: CauseClass
    evidence: str
    row: int = -1
    rhythm: str = ""
    statistic: float = 0.0
    threshold: float = 0.0
    sigma: float = 0.0
    shift: float = 0.0
    level: float = 0.0
    withdrawn: bool = False

    @property
    def detector(self) -> str:
        """What found it, "" for what no detector found."""
        return detector_of(RHYTHMS[self.rhythm]) if self.rhythm else ""

    @property
    def period(self) -> str:
        """What it was watched by."""
        return "day" if RHYTHMS[self.rhythm].days == 1 else "week"

    def values(self) -> dict[str, Any]:
        """Plain values for a snapshot."""
        days = {name: getattr(self, name).isoformat() for name in _DAYS}
        return asdict(self) | days

    @classmethod
    def of(cls, values: dict[str, Any]) -> Warned:
        """What `values` gave."""
        return cls(**(values | {name: date.fromisoformat(values[name]) for name in _DAYS}))


def detector_of(rhythm: Rhythm) -> str:
    """What watches the streams of a rhythm."""
    return f"{rhythm.pace.detector} {rhythm.name}"


def warned_of(
    kind: Scope, name: str, one: Found, *, started: date, detected: date, warning: EarlyWarning, row: int = -1
) -> Warned:
    """What a stream's alarm says."""
    threshold = warning.monitor.thresholds[one.rise]
    change = float(np.expm1(one.shift))
    told = say(
        "found.above" if change > 0 else "found.below", share=abs(change), spreads=abs(one.sigma),
        detector=detector_of(warning.rhythm), statistic=one.statistic, threshold=threshold,
    )  # fmt: skip
    direction: Direction = "rise" if one.rise else "drop"
    return Warned(
        kind, name, detected, started, direction, change, "demand_shift", told, row, warning.rhythm.name,
        one.statistic, threshold, one.sigma, one.shift, one.level, one.withdrawn,
    )  # fmt: skip


def confirmed(found: Sequence[Warned]) -> list[Warned]:
    """What is left of a history's alerts when those of scopes have been confirmed, a week or a day later, or withdrawn."""
    told: list[Warned] = []
    at: dict[tuple[Scope, str, str], Warned] = {}
    for one in found:
        key = (one.scope, one.scope_id, one.rhythm)
        if one.withdrawn:
            if key in at:  # else it was raised before the history that is told
                told.remove(at.pop(key))
        elif one.rhythm in _CONFIRMED_AFTER:
            at[key] = replace(one, detected_on=one.detected_on + _CONFIRMED_AFTER[one.rhythm])
            told.append(at[key])
        else:
            told.append(one)
    return told


class Bursts:
    """Passes single alerts on; once far more come in a fortnight than the budget allows by chance, one stands for all.

    What moves so many accounts at once (the first December, a change of the assortment) is no news about any of them.
    """

    def __init__(self, per_year: float) -> None:
        self.per_year = per_year
        self._per_day = {"drop": DROP_SHARE * per_year / 365, "rise": (1 - DROP_SHARE) * per_year / 365}
        self._recent: dict[Direction, deque[Warned]] = {"drop": deque(), "rise": deque()}
        self._standing: dict[Direction, date] = {}  # the last day of a burst

    def told(self, day: date, found: Sequence[Warned], streams: int) -> list[Warned]:
        """The alerts of the day that are said, of accounts of one rhythm."""
        said: list[Warned] = []
        for one in found:
            recent = self._recent[one.direction]
            recent.append(one)
            while (day - recent[0].detected_on).days >= _BURST_DAYS:
                recent.popleft()
            most = _FEWEST + _TIMES_EXPECTED * _BURST_DAYS * self._per_day[one.direction] * streams
            if len(recent) <= most:
                said.append(one)
                continue
            before = self._standing.get(one.direction)
            if before is None or (day - before).days >= _BURST_DAYS:
                said.append(_shared(day, one.direction, list(recent)))
            self._standing[one.direction] = day
        return said

    def state(self) -> dict[str, Any]:
        """Plain values for a snapshot."""
        recent = {side: [one.values() for one in found] for side, found in self._recent.items()}
        return {"recent": recent, "standing": {side: day.isoformat() for side, day in self._standing.items()}}

    def restore(self, values: dict[str, Any]) -> None:
        for side, recent in self._recent.items():
            recent.extend(Warned.of(one) for one in values["recent"][side])
        self._standing = {side: date.fromisoformat(day) for side, day in values["standing"].items()}


def _shared(day: date, direction: Direction, recent: Sequence[Warned]) -> Warned:
    middle = sorted(one.magnitude for one in recent)[len(recent) // 2]
    started = min(one.started_on for one in recent)
    told = say("found.burst", count=len(recent), days=_BURST_DAYS, signed_share=middle)
    return Warned("segment", "all", day, started, direction, middle, "demand_shift", told)
