"""What a company tells Terradrift: the payloads of the public input topics, as JSON.

Every event has an `event_id` (its identity: the same id with the same content is a repetition, with other content
an error), an `occurred_at` with a time zone, and a `schema_version`. Units stand in the names. A field that an event
does not know is refused, so that a misspelt column never vanishes silently.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

NO_CONTROLS = r"^[^\x00-\x1f\x7f]+$"
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROLS)]
EventId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=NO_CONTROLS)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Amount = Annotated[Decimal, Field(max_digits=14, decimal_places=2, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, le=24 * 60, allow_inf_nan=False)]
Skills = Annotated[tuple[Key, ...], Field(max_length=20)]
Products = Annotated[tuple[Key, ...], Field(max_length=20)]
SegmentName = Literal["A", "B", "C"]


def _first_of_month(day: date) -> date:
    if day.day != 1:
        raise ValueError(f"{day} is not the first day of a month")
    return day


Month = Annotated[date, AfterValidator(_first_of_month), Field(description="first day of the month")]


class Event(BaseModel):
    """What all events share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event_id: EventId
    occurred_at: AwareDatetime
    schema_version: Literal[1] = 1


class Order(Event):
    """An order placed, returned or cancelled. `amount` is net, in `currency`; only a return may be negative.

    A return takes its amount back on its own day, whatever its sign. A cancelled order never counted: it adds nothing.
    What an earlier event has placed is taken back by a return.
    """

    order_id: EventId
    account_id: Key
    amount: Amount
    currency: Currency
    status: Literal["placed", "returned", "cancelled"] = "placed"

    @model_validator(mode="after")
    def _sign_fits_status(self) -> Self:
        if self.amount < 0 and self.status != "returned":
            raise ValueError(f"amount {self.amount} is negative but status is {self.status!r}, not 'returned'")
        return self


class VisitReport(Event):
    """A visit by a rep; `occurred_at` is its start. `outcome` "none" marks a visit that brought nothing (a blank visit).

    `products_seen` are those that stood on the shelf; "none" alone says that the rep looked and saw none, an empty list that nobody
    looked. A call or a video meeting (`channel`) keeps in touch and is no visit. A visit that was planned for this moment and was
    moved or cancelled (`status`) is told when the moment has come; it never counts as a visit and takes none back.
    """

    visit_id: EventId
    account_id: Key
    rep_id: Key
    duration_minutes: Minutes
    travel_minutes: Minutes = 0
    travel_km: Annotated[float, Field(ge=0, le=5_000, allow_inf_nan=False)] = 0
    outcome: Text = "none"
    products_seen: Products = ()
    channel: Literal["visit", "call", "video"] = "visit"
    nights: Annotated[int, Field(ge=0, le=31)] = 0
    status: Literal["done", "moved", "cancelled"] = "done"


class Account(Event):
    """A customer or prospect, whole: a later event replaces the earlier one."""

    account_id: Key
    name: Text = ""
    kind: Literal["customer", "prospect"] = "customer"
    segment: SegmentName | None = None
    status: Literal["active", "closed"] = "active"
    lat: Latitude | None = None
    lon: Longitude | None = None
    postal_code: Text = ""
    city: Text = ""
    region_id: Key | None = None
    family_id: Text = ""
    visit_minutes: Minutes | None = None
    visits_per_year: Annotated[float, Field(ge=0, le=366, allow_inf_nan=False)] | None = None
    since: date | None = None
    skills: Skills = ()
    contact_updated_on: date | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together or not at all")
        return self


class Rep(Event):
    """A rep, whole: a later event replaces the earlier one. Active from `active_from` up to and including `active_to`; absent
    from `absent_from` up to and including `absent_to`, when colleagues shall stand in."""

    rep_id: Key
    name: Text = ""
    home_lat: Latitude | None = None
    home_lon: Longitude | None = None
    weekly_hours: Annotated[float, Field(gt=0, le=80)] = 35
    seniority: Annotated[float, Field(ge=0.05, le=3, allow_inf_nan=False)] = 1
    region_id: Key | None = None
    manager_id: Text = ""
    active_from: date | None = None
    active_to: date | None = None
    absent_from: date | None = None
    absent_to: date | None = None
    skills: Skills = ()

    @model_validator(mode="after")
    def _home_and_absence_are_whole(self) -> Self:
        if (self.home_lat is None) != (self.home_lon is None):
            raise ValueError("home_lat and home_lon come together or not at all")
        if (self.absent_from is None) != (self.absent_to is None):
            raise ValueError("absent_from and absent_to come together or not at all")
        if self.absent_from and self.absent_to and self.absent_to < self.absent_from:
            raise ValueError("absent_to is before absent_from")
        return self


class Assignment(Event):
    """From `valid_from` on, the account belongs to the rep's territory; a null rep leaves it without one."""

    account_id: Key
    rep_id: Key | None
    valid_from: date
    source: Literal["import", "design", "decision", "crm"] = "import"
    suggestion_id: Text = ""


class MarketEvent(Event):
    """Something that happened in the market, at a place (with a radius), at an account, or in a whole region."""

    market_event_id: EventId
    kind: Literal[
        "competitor_opened", "competitor_closed", "account_closed", "account_moved", "site_opened", "price_change",
        "regulation", "season", "other",
    ] = "other"  # fmt: skip
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_km: Annotated[float, Field(gt=0, le=2_000)] | None = None
    account_id: Key | None = None
    region_id: Key | None = None
    expected_effect: Annotated[float, Field(ge=-1, le=10, description="share: -0.2 is a fifth less")] | None = None
    note: Text = ""

    @model_validator(mode="after")
    def _place_is_whole(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together or not at all")
        return self


class Opportunity(Event):
    """A deal in progress; each change of stage is an event of its own. A lead becomes a deal when it is open."""

    opportunity_id: EventId
    account_id: Key
    rep_id: Key | None = None
    stage: Literal["lead", "open", "won", "lost"]
    source: Text = ""
    amount: Amount | None = None


class Target(Event):
    """What a company expects of a rep's territory in a calendar month: a later event for the same rep and month replaces the
    earlier one. A figure that is not given is not expected; zero is a figure."""

    rep_id: Key
    month: Month
    revenue: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, allow_inf_nan=False)] | None = None
    visits: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if self.revenue is None and self.visits is None:
            raise ValueError("a target needs revenue, visits or both")
        return self


class Survey(Event):
    """One answer to a survey: of a customer, how likely they are to recommend the company (0 to 10), or of a rep, how content the
    rep is (1 to 10). A later event with the same `survey_id` corrects it."""

    survey_id: EventId
    account_id: Key | None = None
    rep_id: Key | None = None
    score: Annotated[int, Field(ge=0, le=10)]

    @model_validator(mode="after")
    def _answers_for_one(self) -> Self:
        if (self.account_id is None) == (self.rep_id is None):
            raise ValueError("an answer is either of an account or of a rep")
        if self.rep_id is not None and self.score == 0:
            raise ValueError("the score of a rep is 1 to 10")
        return self


class DecidedMove(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: Key
    rep_id: Key


ALERT_DECISIONS = ("acknowledge", "assign", "silence", "mark")


class Decision(Event):
    """What people decide about a suggestion, one account, or an alert.

    accept: all moves, or only those listed in `moves`; modify: the listed moves instead of the proposed ones;
    reject, snooze (until), undo (of an accepted suggestion); challenge one move (`account_id`, `reason`), as a rep; pin and unpin an account (`account_id`, until);
    acknowledge, assign (to `assignee`), silence (until) an alert, and mark it (`verdict`). The latest of a kind holds.
    """

    decision_id: EventId
    region_id: Key
    kind: Literal[
        "accept",
        "modify",
        "reject",
        "snooze",
        "undo",
        "challenge",
        "pin",
        "unpin",
        "acknowledge",
        "assign",
        "silence",
        "mark",
    ]
    suggestion_id: Text = ""
    alert_id: Text = ""
    account_id: Key | None = None
    moves: Annotated[tuple[DecidedMove, ...], Field(max_length=1_000)] = ()
    reason: Text = ""
    decided_by: Text = ""
    effective_from: date | None = None
    until: date | None = None
    assignee: Text = ""
    verdict: Literal["", "useful", "false", "expected"] = ""

    @model_validator(mode="after")
    def _names_its_object(self) -> Self:
        if self.kind in ("pin", "unpin"):
            if self.account_id is None:
                raise ValueError(f"a decision of kind {self.kind!r} needs account_id")
        elif self.kind in ALERT_DECISIONS:
            self._tells_about_an_alert()
        elif not self.suggestion_id:
            raise ValueError(f"a decision of kind {self.kind!r} needs suggestion_id")
        elif self.kind == "challenge" and (self.account_id is None or not self.reason):
            raise ValueError("a decision of kind 'challenge' needs account_id and reason")
        return self

    def _tells_about_an_alert(self) -> None:
        needed = {"assign": "assignee", "silence": "until", "mark": "verdict"}.get(self.kind, "alert_id")
        for name in ("alert_id", needed):
            if not getattr(self, name):
                raise ValueError(f"a decision of kind {self.kind!r} needs {name}")


class Tick(Event):
    """Time has passed: everything before `occurred_at` has been sent on this partition. Lets idle partitions close their days."""
