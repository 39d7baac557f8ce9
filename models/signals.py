"""What the watch is shown each week, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from models.history import Flags, Floats

Scope = Literal["region", "territory", "zone", "segment", "account"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Direction = Literal["drop", "rise"]
EVENT_DETECTOR = "ratio test of a known event"
Evidence = Mapping[str, float | str | bool]


@dataclass(frozen=True, slots=True)
class WeekView:
    """One closed week of a region. Row i is the same account every week (rows are never reused)."""

    week: date  # its Monday
    observed: Floats  # (n,) EUR of the week, NaN where only its days are known
    expected: Floats  # (n,) EUR predicted a week earlier, NaN where nothing was
    scale: Floats  # (n,) EUR, usual deviation of one week
    potential: Floats  # (n,) EUR of a year
    active: Flags  # (n,)
    account_ids: Sequence[str]
    territory_of: Sequence[str | None]  # None: unassigned
    segment_of: Sequence[str]
    zone_of: Sequence[str]  # "" unknown


@dataclass(frozen=True, slots=True)
class Signal:
    """A scope sells less (or more) than the market and its own past explain, this week still."""

    kind: Scope
    scope_id: str
    direction: Direction
    statistic: float
    threshold: float
    started: date  # Monday of the estimated change
    observed_eur: float  # since the change
    expected_eur: float
    deviation_share: float  # -0.2: a fifth below
    deviation_sigma: float  # mean standardised deviation since the change
    eur_at_risk: float  # a year, positive; for a rise the gain
    sample_weeks: int
    accounts: int
    detector: str
    inside: tuple[tuple[str, str], ...] = ()  # (kind, id) of the scopes around, nearest first
    evidence: Evidence = field(default_factory=dict)
    event_id: str = ""  # of the market event whose effect this is
    shown_days: int = 0  # with sales on which a scope watched by the day has shown it so far; 0: watched by the week
