"""What the queries answer; the same objects fill the pages and, as JSON, the API. Money is in the company's currency."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.rows import AlertRow, SuggestionRow


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Figure(Answer):
    """One figure of the flash page. `as_of` is event time."""

    position: int
    name: str
    value: float | None
    unit: str
    target: float | None
    numerator: float | None
    denominator: float | None
    as_of: AwareDatetime


class TrendPoint(Answer):
    """Values of the flash page as they were on a day."""

    ends_on: date
    value: float | None = None
    travel_per_client: float | None = None
    cost_per_visit: float | None = None
    weighted_coverage: float | None = None
    frequency_adherence: float | None = None


class FeedState(Answer):
    """An input: accepted events, the newest one, how far that is behind the watermark, and how many were refused."""

    topic: str
    accepted: int
    newest: AwareDatetime
    hours_behind: int | None
    refused: int


class Standing(Answer):
    """How far everything has come. Two equal standings show the same pages."""

    as_of: AwareDatetime
    closed_week: date
    alert_changes: int
    suggestion_changes: int
    decisions: int
    waiting: int
    currency: str | None
    tolerance: float | None


class Region(Answer):
    region_id: str
    reps: int


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


class ScopeWeek(Answer):
    """A closed week, by its Monday."""

    week: date
    observed_eur: float
    expected_eur: float


class MarketNews(Answer):
    market_event_id: str
    kind: str
    day: date
    account_id: str
    region_id: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    note: str


class PotentialReason(Answer):
    """One of the strongest reasons why a potential differs from its base; `words` is English."""

    code: str
    eur: float
    change: float
    since: date | None
    waited_weeks: int
    usual_gap_weeks: int
    words: str


class AccountFacts(Answer):
    """An account with what a relation is made of."""

    account_id: str
    name: str
    region_id: str
    rep_id: str
    substitute: str = ""  # who stands in for an absent rep
    city: str
    segment: str
    potential_eur: float
    lat: float | None
    lon: float | None
    active: bool
    owned_since: date | None
    last_order: date | None
    last_visit: date | None
    year_eur: float
    visits_90_days: int
    visits_per_year: float | None
    open_deals: int
    moves_12_months: int
    base_eur: float
    base_by_analogy: bool
    reasons: list[PotentialReason]


class Suggestion(SuggestionRow):
    """A suggestion as it stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def worth_per_disruption(self) -> float:
        """EUR a year for each EUR of potential that changes hands: what the inbox is ranked by."""
        return self.worth_eur / max(self.potential_moved_eur, 1)


class Place(Answer):
    """Where an account is, and whose it was on the day asked for; `rep_id` "" is nobody's."""

    account_id: str
    lat: float
    lon: float
    rep_id: str
    segment: str
    potential_eur: float


class RepFacts(Answer):
    rep_id: str
    name: str
    region_id: str
    active: bool
    lat: float | None
    lon: float | None
    weekly_hours: float


class Territory(Answer):
    """A territory against the corridor. `drift` is the change of its deviation within 13 weeks."""

    region_id: str
    rep_id: str
    name: str
    accounts: int
    potential_eur: float
    capacity_hours: float
    work_hours: float | None
    load_ratio: float | None
    deviation: float | None
    in_corridor: bool | None
    drift: float | None


class Placeless(Answer):
    """Active accounts of a region without a place."""

    region_id: str
    without_place: int
    accounts: int
    examples: list[str]


class Twins(Answer):
    """Accounts that look like one."""

    name: str
    city: str
    region_id: str
    accounts: list[str]


class RefusedGroup(Answer):
    """Messages refused for one reason."""

    topic: str
    reason: str
    field: str
    letters: int
    still_open: int
    latest: AwareDatetime
    example: str


class Change(Answer):
    """An account that changed its rep, or will (`coming`)."""

    change_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    valid_from: date
    kind: str
    suggestion_id: str
    decision_id: str
    reason: str
    potential_eur: float
    hours: float
    travel_km: float
    worth_eur: float
    decided_by: str
    decided_at: AwareDatetime | None
    decision_reason: str
    model_version: str
    config_version: str
    coming: bool


class MoveOutcome(Answer):
    """What became of an account that moved, beside what was promised, both in EUR for the horizon.

    `realised_eur` is its margin on revenue beyond that of `controls` accounts alike that did not move, and travel saved; None without any.
    """

    change_id: str
    suggestion_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    valid_from: date
    horizon_days: int
    predicted_eur: float
    realised_eur: float | None
    revenue_before: float
    revenue_after: float
    controls: int


class PinnedAccount(Answer):
    """An account that must stay with its rep. `until` None is for good."""

    account_id: str
    name: str
    region_id: str
    rep_id: str
    pinned_by: str
    pinned_at: AwareDatetime
    reason: str
    until: date | None


class ProposedMove(Answer):
    """A move of a suggestion on which nobody has decided yet."""

    suggestion_id: str
    account_id: str
    name: str
    region_id: str
    from_rep: str
    to_rep: str
    reason: str
    potential_eur: float
    hours: float
    travel_km: float
    change_eur: float
    worth_eur: float


class Challenge(Answer):
    """What a rep has against a move, with the state of the suggestion it belongs to."""

    suggestion_id: str
    region_id: str
    status: str
    account_id: str
    name: str
    from_rep: str
    to_rep: str
    reason: str
    challenged_by: str
    challenged_at: AwareDatetime


class PastDecision(Answer):
    decision_id: str
    occurred_at: AwareDatetime
    region_id: str
    kind: str
    suggestion_id: str
    alert_id: str
    account_id: str
    moves: int
    reason: str
    decided_by: str
    effective_from: date | None
    until: date | None
    assignee: str
    verdict: str


class DecisionState(Answer):
    """What has become of a decision."""

    heard: bool = Field(description="it has reached ClickHouse as a fact")
    applied: bool = Field(description="a suggestion or an alert speaks of it")
    refused: str = Field("", description="why it was refused, or empty")

    @property
    def outcome(self) -> Literal["applied", "refused", "heard", "on_its_way"]:
        if self.refused:
            return "refused"
        if self.applied:
            return "applied"
        return "heard" if self.heard else "on_its_way"
