"""Alerts: as they stand, how they came to it, and what was seen and heard around them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from pydantic import AwareDatetime, ConfigDict

from console.reading.answers.answer import Answer
from schemas.rows import AlertRow

TOWN_KM: Final = 5.0


class Alert(AlertRow):
    """An alert as it stands. `today` is the day of the watermark."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    today: date
    acknowledged_by: str
    acknowledged_at: AwareDatetime | None
    assignee: str
    silenced_until: date | None
    verdict: str

    @property
    def age_days(self) -> int:
        """Days since the change was seen, up to its end or today."""
        return max(((self.resolved_on or self.today) - self.detected_on).days, 0)

    @property
    def is_silent(self) -> bool:
        """Whether somebody has silenced it, and that still holds."""
        return self.silenced_until is not None and self.silenced_until >= self.today

    @property
    def where(self) -> str:
        """What the alert speaks of, as people know it: a zone by its largest place, anything else by its id."""
        if self.scope == "zone":
            return str(self.told.get("town") or self.scope_id)
        return self.region_id if self.scope == "region" else self.scope_id

    @property
    def told(self) -> dict[str, Any]:
        """The evidence as the region stage wrote it; text that is none becomes a note."""
        try:
            said = json.loads(self.evidence or "{}")
        except json.JSONDecodeError:
            said = None
        return said if isinstance(said, dict) else {"note": self.evidence}


class AlertChange(Answer):
    revision: int
    as_of: AwareDatetime
    state: str
    severity: str
    observed_eur: float
    expected_eur: float
    deviation_share: float
    eur_at_risk: float


class AlertVerdict(Answer):
    """What people found an alert to be: useful, false or expected; "" while nobody said."""

    alert_id: str
    verdict: str


class ScopeWeek(Answer):
    """A closed week, by its Monday."""

    week: date
    observed_eur: float
    expected_eur: float


class MarketNews(Answer):
    """A market event; one without a place or an account is of the whole region, without a region of the whole company."""

    market_event_id: str
    kind: str
    day: date
    account_id: str
    region_id: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    note: str

    @property
    def reach_km(self) -> float:
        """How far around its place it reaches; one that says no radius is of its own town."""
        return self.radius_km or TOWN_KM
