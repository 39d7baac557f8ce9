"""One alert of a history, and alerts that come in a burst: many accounts at once are one cause, not many."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.causes import CauseClass
from models.monitor import DROP_SHARE
from models.signals import Direction, Scope

_BURST_DAYS = 14
_FEWEST = 4
_TIMES_EXPECTED = 6.0


@dataclass(frozen=True, slots=True)
class Warned:
    """One alert of a history. `magnitude` is the estimated change, -0.1 a tenth below."""

    scope: Scope
    scope_id: str
    detected_on: date
    started_on: date
    direction: Direction
    magnitude: float
    cause_class: CauseClass
    evidence: str


class Bursts:
    """Passes single alerts on; once far more come in a fortnight than the budget allows by chance, one stands for all.

    What moves so many accounts at once (the first December, a change of the assortment) is no news about any of them.
    """

    def __init__(self, per_year: float) -> None:
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


def _shared(day: date, direction: Direction, recent: Sequence[Warned]) -> Warned:
    middle = sorted(one.magnitude for one in recent)[len(recent) // 2]
    started = min(one.started_on for one in recent)
    told = (
        f"{len(recent)} accounts within {_BURST_DAYS} days, the middle one by {middle:+.0%}: one cause for all, such as a "
        "season seen for the first time; single accounts are not named while it lasts"
    )
    return Warned("segment", "all", day, started, direction, middle, "demand_shift", told)
