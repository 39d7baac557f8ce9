"""The files a company may bring, declared once: columns, which are mandatory, and the event a line becomes."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import events, topics
from schemas.events import Event
from schemas.ids import derived
from schemas.topics import Topic

Values = dict[str, object]
DERIVED = frozenset({"event_id", "schema_version"})

MOMENTS = frozenset({"occurred_at", "started_at"})
DATES = frozenset(
    {"month", "since", "active_from", "active_to", "absent_from", "absent_to", "valid_from", "contact_updated_on"}
)
LISTS = frozenset({"skills", "products_seen"})
NUMBERS = frozenset({
    "amount", "lat", "lon", "home_lat", "home_lon", "visit_minutes", "visits_per_year", "weekly_hours", "seniority",
    "duration_minutes", "travel_minutes", "travel_km", "radius_km", "expected_effect", "revenue", "visits", "score",
    "nights",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of file.

    `moment` is the column that says when it happened; roster files have none: their events are dated by `dated_by` (a
    column that may be empty), or by a fixed early date. `own_id` may be absent from the file and is derived then. `identity` names
    what two lines must share to be the same thing. A mandatory column that `may_be_empty` says something by being empty.
    """

    name: str
    topic: Topic
    event: type[Event]
    mandatory: tuple[str, ...]
    identity: tuple[str, ...]
    moment: str = ""
    dated_by: str = ""
    own_id: str = ""
    left_out: frozenset[str] = frozenset()
    may_be_empty: frozenset[str] = frozenset()
    names_account: bool = True
    names_rep: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns of the file."""
        hidden = DERIVED | self.left_out | ({"occurred_at"} - {self.dated_by})
        own = tuple(name for name in self.event.model_fields if name not in hidden)
        return (*own, self.moment) if self.moment else own

    @property
    def is_roster(self) -> bool:
        return not self.moment

    def event_id(self, values: Values) -> str:
        """The id of what happened: the same line gives the same id; a changed roster line gives another."""
        if self.is_roster:
            content = sorted((field, str(value)) for field, value in values.items() if value is not None)
            return derived(self.name, *(values.get(field) for field in self.identity), content)
        if self is ORDERS:
            return derived("order", values["order_id"], values["account_id"])
        return derived(self.name, *(values.get(field) for field in self.identity))


ACCOUNTS = Target(
    "accounts", topics.ACCOUNTS, events.Account, ("account_id",), identity=("account_id",), dated_by="since"
)
REPS = Target(
    "reps",
    topics.REPS,
    events.Rep,
    ("rep_id",),
    identity=("rep_id",),
    dated_by="active_from",
    names_account=False,
    names_rep=True,
)
ASSIGNMENTS = Target(
    "assignments", topics.ASSIGNMENTS, events.Assignment, ("account_id", "rep_id", "valid_from"),
    identity=("account_id", "valid_from"), dated_by="valid_from", left_out=frozenset({"source", "suggestion_id"}),
    may_be_empty=frozenset({"rep_id"}), names_rep=True,
)  # fmt: skip
ORDERS = Target(
    "orders", topics.ORDERS, events.Order, ("account_id", "occurred_at", "amount", "currency"),
    identity=("order_id", "account_id"), moment="occurred_at", own_id="order_id",
)  # fmt: skip
VISITS = Target(
    "visits", topics.VISIT_REPORTS, events.VisitReport, ("account_id", "rep_id", "started_at", "duration_minutes"),
    identity=("visit_id",), moment="started_at", own_id="visit_id", names_rep=True,
)  # fmt: skip
MARKET_EVENTS = Target(
    "market_events", topics.MARKET_EVENTS, events.MarketEvent, ("kind", "occurred_at"),
    identity=("market_event_id",), moment="occurred_at", own_id="market_event_id",
)  # fmt: skip
OPPORTUNITIES = Target(
    "opportunities", topics.OPPORTUNITIES, events.Opportunity,
    ("opportunity_id", "account_id", "occurred_at", "stage"),
    identity=("opportunity_id", "stage", "occurred_at"), moment="occurred_at", names_rep=True,
)  # fmt: skip
SURVEYS = Target(
    "surveys", topics.SURVEYS, events.Survey, ("score", "occurred_at"),
    identity=("survey_id",), moment="occurred_at", own_id="survey_id", names_rep=True,
)  # fmt: skip
# Of the roster: what is expected of a month says nothing of when it was set, and a span of days must not leave it out.
MONTH_TARGETS = Target(
    "targets", topics.TARGETS, events.Target, ("rep_id", "month"),
    identity=("rep_id", "month", "occurred_at"), dated_by="occurred_at", names_account=False, names_rep=True,
)  # fmt: skip

TARGETS: tuple[Target, ...] = (
    ACCOUNTS, REPS, ASSIGNMENTS, ORDERS, VISITS, MARKET_EVENTS, OPPORTUNITIES, MONTH_TARGETS, SURVEYS,
)  # fmt: skip
