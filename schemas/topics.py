"""Every Kafka topic, declared once: name, payload, key, partitions, retention and table. Everything else derives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from schemas import events, rows

ACTIVITY_PARTITIONS = 8
INTAKE_MARKS_AS = ACTIVITY_PARTITIONS
"""The number by which the intake stage marks days as closed, beside the activity partitions."""
DAY_MARKERS = ACTIVITY_PARTITIONS + 1
"""A region closes a day when so many have marked it."""
REGION_PARTITIONS = 4
TICK_KEY = b"~tick"
EVERY_REGION = b"~all"
DAY_MS = 24 * 3600 * 1000
COMPACTED_WITHIN_MS = 7 * DAY_MS
"""So long at most a compacted topic keeps a record that a newer one of its key has replaced."""
ENGINE_GROUP = "terradrift-engine"
SINK_GROUP = "terradrift-sink"
RESTORED_HEADER = (
    "restored"  # marks an input event that is in ClickHouse already: state learns it, no fact is written again
)
TABLE_HEADER = "table"  # on the facts topic: the table a row belongs to
COLUMNS_HEADER = "columns"  # on a facts record of many rows: their column names, with commas; each line is a JSON array in that order
SOURCE_HEADER = "source"  # on a facts record of many rows: topic/partition/first offset/last offset/rows of the events they come from

Direction = Literal["in", "out", "internal", "state"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` names the field whose value is the record key; `table` the ClickHouse table its rows go to.

    direction: "in" is what a company publishes, "out" what anyone may read, "internal" and "state" are ours alone.
    """

    name: str
    direction: Direction
    key: str
    purpose: str
    partitions: int
    payload: type[BaseModel] | None = None
    table: str = ""
    retention_ms: int = 90 * DAY_MS
    compacted: bool = False
    carries_ticks: bool = False
    tables: dict[str, type[BaseModel]] = field(default_factory=dict)

    @property
    def row_types(self) -> dict[str, type[BaseModel]]:
        """Table name -> row class, for every table this topic feeds."""
        if self.table and self.payload is not None:
            return {self.table: self.payload}
        return self.tables


ORDERS = Topic(
    "orders",
    "in",
    "account_id",
    "orders, returns and cancellations",
    ACTIVITY_PARTITIONS,
    events.Order,
    carries_ticks=True,
)
VISIT_REPORTS = Topic(
    "visit-reports",
    "in",
    "account_id",
    "visits made by reps",
    ACTIVITY_PARTITIONS,
    events.VisitReport,
    carries_ticks=True,
)
ACCOUNTS = Topic(
    "accounts",
    "in",
    "account_id",
    "customers and prospects, whole",
    ACTIVITY_PARTITIONS,
    events.Account,
    compacted=True,
)
ASSIGNMENTS = Topic(
    "assignments", "in", "account_id", "which rep owns an account, from when", ACTIVITY_PARTITIONS, events.Assignment
)
REPS = Topic("reps", "in", "rep_id", "reps, whole", 1, events.Rep, compacted=True)
MARKET_EVENTS = Topic("market-events", "in", "market_event_id", "what happens in the market", 1, events.MarketEvent)
OPPORTUNITIES = Topic(
    "opportunities", "in", "account_id", "deals in progress", 1, events.Opportunity, carries_ticks=True
)
TARGETS = Topic("targets", "in", "rep_id", "what is expected of a rep's territory, by month", 1, events.Target)
SURVEYS = Topic("surveys", "in", "survey_id", "how content customers and reps are", 1, events.Survey)
DECISIONS = Topic("decisions", "in", "region_id", "what managers decide", 1, events.Decision)

FACTS = Topic(
    "facts", "internal", "account_id", "accepted input events, once each, as the rows they become", ACTIVITY_PARTITIONS,
    tables={
        "orders": rows.OrderRow, "visits": rows.VisitRow, "accounts": rows.AccountRow, "reps": rows.RepRow,
        "assignments": rows.AssignmentRow, "market_events": rows.MarketEventRow, "opportunities": rows.OpportunityRow,
        "targets": rows.TargetRow, "surveys": rows.SurveyRow, "decisions": rows.DecisionRow, "names": rows.NameRow,
    },
)  # fmt: skip
REGION_EVENTS = Topic(
    "region-events", "internal", "region_id", "one ordered log per region: everything it reacts to", REGION_PARTITIONS
)

POTENTIALS = Topic(
    "potentials",
    "out",
    "region_id",
    "what each account is worth, weekly",
    REGION_PARTITIONS,
    rows.PotentialRow,
    "potentials",
)
ALERTS = Topic("alerts", "out", "region_id", "every change of every alert", REGION_PARTITIONS, rows.AlertRow, "alerts")
SUGGESTIONS = Topic(
    "suggestions",
    "out",
    "region_id",
    "every change of every suggestion",
    REGION_PARTITIONS,
    rows.SuggestionRow,
    "suggestions",
)
ASSIGNMENT_CHANGES = Topic(
    "assignment-changes", "out", "region_id", "accounts that change rep: the outbox for the CRM", REGION_PARTITIONS,
    rows.AssignmentChangeRow, "assignment_changes",
)  # fmt: skip
MODEL_QUALITY = Topic(
    "model-quality", "out", "region_id", "forecast errors of each closed week", REGION_PARTITIONS, rows.ModelQualityRow,
    "model_quality",
)  # fmt: skip
DEAD_LETTERS = Topic(
    "dead-letters", "out", "dead_letter_id", "messages that could not be applied, with reason and bytes", 1,
    rows.DeadLetterRow, "dead_letters",
)  # fmt: skip

ACTIVITY_STATE = Topic(
    "activity-state", "state", "state key", "memory of the activity stage", ACTIVITY_PARTITIONS, compacted=True
)
INTAKE_STATE = Topic("intake-state", "state", "state key", "memory of the intake stage", 1, compacted=True)
REGION_STATE = Topic(
    "region-state", "state", "state key", "snapshots of the regions", REGION_PARTITIONS, compacted=True
)

TOPICS: tuple[Topic, ...] = (
    ORDERS, VISIT_REPORTS, ACCOUNTS, ASSIGNMENTS, REPS, MARKET_EVENTS, OPPORTUNITIES, TARGETS, SURVEYS, DECISIONS,
    FACTS, REGION_EVENTS,
    POTENTIALS, ALERTS, SUGGESTIONS, ASSIGNMENT_CHANGES, MODEL_QUALITY, DEAD_LETTERS,
    ACTIVITY_STATE, INTAKE_STATE, REGION_STATE,
)  # fmt: skip
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
TICKED: frozenset[str] = frozenset(topic.name for topic in TOPICS if topic.carries_ticks)
INPUTS: tuple[Topic, ...] = tuple(topic for topic in TOPICS if topic.direction == "in")
SINK_TOPICS: tuple[Topic, ...] = tuple(topic for topic in TOPICS if topic.row_types)
