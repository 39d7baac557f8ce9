"""The rows of ClickHouse: one class per table, a field per column. A test compares them with the migrated schema both ways.

Facts are accepted input events with the coordinates of their source record; results are what the region stage says.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas import events
from schemas.reasons import ReasonCode, ReasonedEstimate


class Coordinates(BaseModel):
    """Where a fact came from: the log (one life of a broker), topic, partition and offset of its source record."""

    log_id: str
    topic: str
    partition: int
    offset: int


class OrderRow(events.Order, Coordinates):
    region_id: str


class VisitRow(events.VisitReport, Coordinates):
    region_id: str


class OpportunityRow(events.Opportunity, Coordinates):
    pass


class TargetRow(events.Target, Coordinates):
    pass


class SurveyRow(events.Survey, Coordinates):
    pass


class MarketEventRow(events.MarketEvent, Coordinates):
    pass


class AccountRow(events.Account, Coordinates):
    """An account as of an event; its name is kept apart, in `names`."""


class RepRow(events.Rep, Coordinates):
    """A rep as of an event; the name is kept apart, in `names`."""


class AssignmentRow(events.Assignment, Coordinates):
    region_id: str


class DecisionRow(events.Decision, Coordinates):
    pass


class Result(BaseModel):
    """What the region stage says. `as_of` is the event time it speaks of; versions tell which code and settings spoke."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region_id: str
    as_of: AwareDatetime
    model_version: str
    config_version: str


class NameRow(Coordinates):
    """Personal and company names live here and nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["account", "rep"]
    id: str
    name: str
    occurred_at: AwareDatetime


class ReasonRow(BaseModel):
    """One of the three strongest reasons why an estimate differs from its base; `words` says it in English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    estimate: ReasonedEstimate
    code: ReasonCode
    eur: float
    change: float
    since: date | None
    waited_weeks: int
    usual_gap_weeks: int
    words: str


class PotentialRow(Result):
    """One account and closed week. `potential_eur` is the revenue expected in the next 52 weeks; `low`..`high` its interval.

    `expected_week_eur` is what was expected of the week just closed, before it was seen. An estimate of w weeks is
    w/52 of `base_eur` and the EUR of all its reasons; the three strongest of each are told.
    """

    account_id: str
    week: date
    potential_eur: float
    low_eur: float
    high_eur: float
    next_4w_eur: float
    next_13w_eur: float
    expected_week_eur: float
    actual_week_eur: float
    by_analogy: bool
    segment: str
    rep_id: str
    growth_eur: float = 0.0
    base_eur: float = 0.0
    base_by_analogy: bool = False
    reasons: tuple[ReasonRow, ...] = ()


class AlertRow(Result):
    """One change in the life of an alert; the latest `revision` is its present state. "normal": it was never confirmed."""

    alert_id: str
    revision: int
    dedup_key: str
    group_id: str
    state: Literal["pending", "firing", "recovering", "resolved", "normal"]
    severity: Literal["info", "warning", "critical"]
    cause_class: Literal["data_fault", "execution_gap", "demand_shift", "capacity_change", "model_drift"]
    scope: Literal["account", "territory", "segment", "zone", "region"]
    scope_id: str
    direction: Literal["drop", "rise"]
    title: str
    started_on: date
    detected_on: date
    resolved_on: date | None
    observed_eur: float
    expected_eur: float
    deviation_share: float
    eur_at_risk: float
    statistic: float
    threshold: float
    sample_size: int
    evidence: str
    related_market_events: tuple[str, ...]
    accounts: tuple[str, ...]
    suggestion_id: str


class MoveRow(BaseModel):
    """One account that changes its rep. Worth is leave-one-out: what the plan loses without this move, EUR a year. Its shares
    are told in EUR and in units of their own: positive is saved or earned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str
    from_rep: str
    to_rep: str
    worth_eur: float
    travel_eur: float
    change_eur: float
    balance_eur: float
    overtime_eur: float
    travel_km: float
    hours: float
    potential_eur: float
    reason: str
    binding: str
    alternative: str
    contiguity_eur: float = 0.0
    overtime_hours: float = 0.0
    deviation_points: float = 0.0
    pieces: float = 0.0


class TerritoryEffect(BaseModel):
    """A territory before and after a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rep_id: str
    potential_before_eur: float
    potential_after_eur: float
    hours_before: float
    hours_after: float
    accounts_before: int
    accounts_after: int
    deviation_before: float
    deviation_after: float


class FrontierRow(BaseModel):
    """What a number of moves buys: the best plan found with at most so many, and what no such plan can beat. EUR a year."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    move_limit: int
    objective_eur: float
    bound_eur: float
    balance_eur: float
    max_deviation: float


class FrontierMoveRow(BaseModel):
    """One move of the best plan found with at most `move_limit` moves. It may be none of the suggestion's own moves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    move_limit: int
    account_id: str
    to_rep: str


class TurningPointRow(BaseModel):
    """Between which potentials of its account a move still pays, all else as planned; null: however low or high it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str
    pays_from_eur: float | None
    pays_to_eur: float | None


class BlockedRow(BaseModel):
    """A change that would have earned something and is not proposed, with the rule that keeps it away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str
    to_rep: str
    worth_eur: float
    why: str


class VerdictRow(BaseModel):
    """What limits every plan, or the rule that had to give for one, and the nearest relaxation: one that would open a way, or
    from what to what the rule was relaxed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    why: str
    relaxation: str


Figure = Literal[
    "worth_eur",
    "spread_before",
    "spread_after",
    "max_deviation_before",
    "max_deviation_after",
    "potential_before_eur",
    "potential_after_eur",
]


class IntervalRow(BaseModel):
    """Between which values a figure of a suggestion lies with a probability of 80 %, given how sure the potentials are.

    `figure` is a field of the suggestion, or of the effect on `rep_id`. Hours and travel do not depend on potentials.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: Figure
    rep_id: str
    low: float
    high: float


class PlanFigures(BaseModel):
    """What a plan costs, by term, and what it means in each term's own unit. The same prices for every plan that is compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    total_eur: float
    travel_eur: float
    change_eur: float
    balance_eur: float
    overtime_eur: float
    contiguity_eur: float
    travel_km: float
    travel_hours_per_client: float
    spread: float
    max_deviation: float
    overtime_hours: float
    move_count: int
    potential_moved_eur: float


class ScenarioRow(PlanFigures):
    """A reference plan beside the suggested one, under the same rules: what doing nothing, the greatest fairness or the
    shortest travel would mean. `balanced` is the suggestion itself."""

    scenario: Literal["nothing", "balanced", "max_fairness", "min_distance"]


class ApprovalRow(BaseModel):
    """One person who has approved the moves. Above a size that the settings name there must be two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decided_by: str
    decided_at: AwareDatetime
    decision_id: str


class ChallengeRow(BaseModel):
    """What a rep has against the move of one account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str
    reason: str
    challenged_by: str
    challenged_at: AwareDatetime
    decision_id: str


class TravelCheckRow(BaseModel):
    """The travel of a territory that changes, with a tour through its accounts by routing.

    `roads`: by distances on the road; `routed`: by straight lines times the road factor; `estimated`: routing could not say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rep_id: str
    method: Literal["roads", "routed", "estimated"]
    clients_before: int
    clients_after: int
    tour_km_before: float
    tour_km_after: float
    year_km_before: float
    year_km_after: float
    hours_per_client_before: float
    hours_per_client_after: float


class SuggestionRow(Result):
    """One change in the life of a suggestion; the latest `revision` is its present state. Money is EUR a year."""

    suggestion_id: str
    revision: int
    status: Literal["proposed", "approved", "rejected", "modified", "snoozed", "expired", "rolled_back"]
    cause: str
    alert_ids: tuple[str, ...]
    reason: str
    created_on: date
    expires_on: date
    effective_from: date | None
    objective_before_eur: float
    objective_after_eur: float
    worth_eur: float
    bound_eur: float
    gap_share: float
    spread_before: float
    spread_after: float
    max_deviation_before: float
    max_deviation_after: float
    travel_km_before: float
    travel_km_after: float
    potential_moved_eur: float
    probability_positive: float
    solver_status: str
    stopped_by: str
    random_state: int
    decided_by: str
    decision_id: str
    decision_reason: str
    moves: tuple[MoveRow, ...]
    effects: tuple[TerritoryEffect, ...]
    frontier: tuple[FrontierRow, ...] = ()
    frontier_moves: tuple[FrontierMoveRow, ...] = ()
    scenarios: tuple[ScenarioRow, ...] = ()
    travel_checks: tuple[TravelCheckRow, ...] = ()
    approvals: tuple[ApprovalRow, ...] = ()
    challenges: tuple[ChallengeRow, ...] = ()
    turning_points: tuple[TurningPointRow, ...] = ()
    blocked: tuple[BlockedRow, ...] = ()
    intervals: tuple[IntervalRow, ...] = ()
    verdicts: tuple[VerdictRow, ...] = ()


class AssignmentChangeRow(Result):
    """The outbox for the CRM: one account that really changes its rep, or changes back; `cover` and `cover_end`: a colleague
    stands in for its rep, who keeps it, and no longer does."""

    change_id: str
    account_id: str
    from_rep: str
    to_rep: str
    valid_from: date
    suggestion_id: str
    decision_id: str
    kind: Literal["move", "undo", "override", "cover", "cover_end"]


class ModelQualityRow(Result):
    """Forecast error of one closed week, as sums, so that nobody averages ratios. `segment` "" is all accounts."""

    week: date
    horizon_weeks: int
    segment: str
    n: int
    actual_eur: float
    error_eur: float
    absolute_error_eur: float
    naive_absolute_error_eur: float
    intervals: int
    covered: int


class DeadLetterRow(BaseModel):
    """A message that could not be applied, with the reason and its original bytes (base64; cut when very large)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dead_letter_id: str
    log_id: str
    topic: str
    partition: int
    offset: int
    received_at: AwareDatetime
    reason: str
    field: str
    detail: str
    key: str
    payload_base64: str
    payload_bytes: int


class DeadLetterReplayRow(BaseModel):
    """One attempt to send a dead letter again. Written before it is sent ("sending"); the newest `changed_at` is its present state.

    sent: Kafka has it; accepted: it is a fact now; repetition: its event had been accepted before, so it changed nothing;
    refused: it became a dead letter of its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    replay_id: str
    dead_letter_id: str
    started_at: AwareDatetime
    changed_at: AwareDatetime
    outcome: Literal["sending", "sent", "accepted", "repetition", "refused"]
    detail: str
    mended: bool
    event_id: str
    log_id: str
    topic: str
    partition: int | None
    offset: int | None
    replayed_by: str


class NotificationRow(BaseModel):
    """A message to somebody. "sending" is written before it leaves; the newest `changed_at` is its present state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notification_id: str
    recipient: str
    channel: Literal["email", "webhook"]
    kind: Literal["news", "digest", "escalation"]
    items: tuple[str, ...]
    subject: str
    body: str
    state: Literal["sending", "sent", "failed"]
    attempts: int
    detail: str
    created_at: AwareDatetime
    changed_at: AwareDatetime


class CrmDeliveryRow(BaseModel):
    """What became of one change of rep on its way to the CRM; the newest `changed_at` is its present state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change_id: str
    state: Literal["sending", "delivered", "refused", "failed"]
    attempts: int
    detail: str
    changed_at: AwareDatetime


class CrmPusherRow(BaseModel):
    """A process that pushes changes to the CRM by itself; later than `again_by` without a newer row, it does not run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pusher: str
    looked_at: AwareDatetime
    next_look_at: AwareDatetime
    again_by: AwareDatetime


class ErasureRow(BaseModel):
    """That an account or rep was erased; kept so that it is erased again wherever it should come back from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["account", "rep"]
    id: str
    requested_at: AwareDatetime
    requested_by: str
