"""How streams of one rhythm are watched, and their thresholds while the past cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.detectors import DRIFTS, ShiryaevRoberts

RING = 91  # observations kept of each stream, for its first level and for dating a change
DROP_SHARE = 0.8  # of the false-alarm budget goes to drops, the rest to rises


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream of one rhythm is watched. Steps are shares of the way per observation."""

    k: float  # half the change looked for, in spreads; 0: of unknown size, so a mixture over sizes
    clip: float
    level_step: float
    spread_step: float
    warm: int  # observations before anything is judged
    hold: int
    per_year: float  # observations a year
    confirm: float = 0.0  # spreads that the next observation must lie on the side of an alarm; 0: nothing is asked
    first: float = 1.5  # threshold before the past can tell, as a share of that for independent noise
    least: float = 0.7  # never below that share

    def __post_init__(self) -> None:
        if not 2 <= self.warm <= RING:
            raise ValueError(f"warm must lie between 2 and {RING}, not {self.warm}")

    @property
    def sizes(self) -> tuple[float, ...]:
        """Of the mixture's changes, in spreads; none for the CUSUM, which looks for one."""
        return () if self.k > 0 else DRIFTS

    @property
    def detector(self) -> str:
        return "cusum" if self.k > 0 else "shiryaev-roberts"


DAILY = Pace(k=0.75, clip=2.0, level_step=0.04, spread_step=0.01, warm=60, hold=12, per_year=307)
WEEKLY = Pace(k=0.5, clip=3.0, level_step=0.04, spread_step=0.02, warm=26, hold=4, per_year=52)
SCOPED = Pace(k=0, clip=2.5, level_step=0.04, spread_step=0.02, warm=26, hold=4, per_year=52, confirm=0.5, first=0.93, least=0.44)  # fmt: skip
"""A scope's alarm is raised early and must stand in the next week: the budget counts those that do. Chosen on eight
simulated companies: as many alarms of the same delay without that week would need it anyway, to be confirmed. `first` and
`least`: on independent noise the mixture's confirmed alarms need a tenth more of the plain threshold than the CUSUM's."""

SCOPED_DAILY = Pace(k=0, clip=3.0, level_step=0.008, spread_step=0.01, warm=60, hold=12, per_year=307, confirm=0.5)
"""The same by the day, confirmed on the next one, with a level that follows as fast as that of the weeks. Days wander, so the
first thresholds are as high as those of accounts. Chosen on one half of the drugstores and on simulated companies."""


def first_thresholds(pace: Pace, per_year: float) -> tuple[float, float]:
    """Of a drop and a rise, before the past can tell."""
    drops, rises = DROP_SHARE * per_year, (1 - DROP_SHARE) * per_year
    return pace.first * iid_threshold(pace, drops), pace.first * iid_threshold(pace, rises)


def iid_threshold(pace: Pace, per_year: float) -> float:
    """For independent normal values: Siegmund's approximation for the CUSUM, simulations for the mixture."""
    run_length = pace.per_year / per_year
    if not pace.k:
        return ShiryaevRoberts().iid_threshold(run_length)
    low, high = 0.0, 60.0
    for _ in range(50):
        middle = (low + high) / 2
        span = 2 * pace.k * (middle + 1.166)
        low, high = (middle, high) if (np.expm1(min(span, 600)) - span) / (2 * pace.k**2) < run_length else (low, middle)  # fmt: skip
    return high
