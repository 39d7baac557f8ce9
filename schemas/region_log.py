"""The internal messages of a region's log: everything a region reacts to, in one order. JSON, tagged by `t`.

Totals are absolute, never increments: applying a message twice changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec


class Message(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """Base of all messages."""


class DayTotals(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One account's totals of one calendar day (UTC, as an ordinal) so far, absolute; revenue in cents."""

    account_id: str
    day: int
    revenue_cents: int = 0
    orders: int = 0
    visits: int = 0
    visit_minutes: float = 0.0
    travel_minutes: float = 0.0


class AccountDays(Message, frozen=True, tag="days"):
    """The account days of a region that one batch of events has touched, each with its totals so far."""

    region_id: str
    days: tuple[DayTotals, ...]


class AccountDaysWritten(Message, frozen=True, tag="days"):
    """The same, its days in JSON already: for writing only."""

    region_id: str
    days: msgspec.Raw


class DayClosed(Message, frozen=True, tag="closed"):
    """An activity partition has seen everything up to and including `day`. Goes to every partition of the log."""

    partition: int
    day: date


class AccountSet(Message, frozen=True, tag="account"):
    """The account as it is now. `left` says that it belongs to another region from now on.

    `source_partition` is where its orders and assignments live, so that the region can answer there.
    """

    region_id: str
    account_id: str
    event_id: str
    source_partition: int
    occurred_at: datetime
    kind: Literal["customer", "prospect"] = "customer"
    segment: str | None = None
    status: Literal["active", "closed"] = "active"
    lat: float | None = None
    lon: float | None = None
    postal_code: str = ""
    city: str = ""
    chain: str = ""
    family_id: str = ""
    visit_minutes: float | None = None
    visits_per_year: float | None = None
    skills: tuple[str, ...] = ()
    left: bool = False


class AssignmentSet(Message, frozen=True, tag="assignment"):
    region_id: str
    account_id: str
    rep_id: str | None
    valid_from: date
    event_id: str
    source: str


class RepSet(Message, frozen=True, tag="rep"):
    """The rep as he or she is now. Goes to every partition: a region keeps its own reps and lets the others go."""

    region_id: str
    rep_id: str
    event_id: str
    occurred_at: datetime
    home_lat: float | None = None
    home_lon: float | None = None
    weekly_hours: float = 35.0
    seniority: float = 1.0
    manager_id: str = ""
    active_from: date | None = None
    active_to: date | None = None
    skills: tuple[str, ...] = ()
    absent_from: date | None = None
    absent_to: date | None = None


class MarketEventSet(Message, frozen=True, tag="market"):
    """Goes to every partition; each region decides whether it is near."""

    market_event_id: str
    event_id: str
    kind: str
    occurred_at: datetime
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    account_id: str | None = None
    region_id: str | None = None
    expected_effect: float | None = None
    note: str = ""


class Decided(Message, frozen=True, tag="decision"):
    decision_id: str
    region_id: str
    kind: str
    occurred_at: datetime
    suggestion_id: str = ""
    account_id: str | None = None
    moves: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    decided_by: str = ""
    effective_from: date | None = None
    until: date | None = None
    alert_id: str = ""
    verdict: str = ""


class DealSet(Message, frozen=True, tag="deal"):
    """A deal of an account is open, or no longer."""

    account_id: str
    opportunity_id: str
    is_open: bool
    occurred_at: datetime
    event_id: str


class SolveFinished(Message, frozen=True, tag="solved"):
    """The answer of a solve; `solution` is the solver's own encoding, "" when it failed for the stated reason."""

    region_id: str
    request_id: str
    solution: bytes = b""
    failure: str = ""


RegionMessage = (
    AccountDays | DayClosed | AccountSet | AssignmentSet | RepSet | MarketEventSet | DealSet | Decided | SolveFinished
)  # fmt: skip

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(RegionMessage).decode
