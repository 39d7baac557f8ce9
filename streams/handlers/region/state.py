"""What a region knows, as plain values that a snapshot can hold."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from schemas.region_log import AccountSet, DayTotals, RegionMessage, RepSet

NO_ROW = -1


class AccountState(msgspec.Struct):
    """One account. `row` is its place in the arrays of the models, for ever, NO_ROW before it has one; `zone` where `now`
    places it."""

    now: AccountSet
    row: int
    zone: str
    rep_id: str | None = None
    assigned_from: date | None = None
    moved_on: date | None = None
    pinned_until: date | None = None
    pin_reason: str = ""
    first_order: date | None = None
    last_order: date | None = None
    segment: str = ""
    potential_eur: float = 0.0
    low_eur: float = 0.0
    high_eur: float = 0.0
    heard: list[bytes] = []
    open_deals: dict[str, date] = {}


class RefusedMove(msgspec.Struct):
    """A move that a manager did not want, and what it was worth then."""

    account_id: str
    to_rep: str
    refused_on: date
    worth_eur: float


class MoveState(msgspec.Struct):
    account_id: str
    from_rep: str
    to_rep: str


class Cover(msgspec.Struct, frozen=True):
    """`rep_id` stands in for `home` from `since` on, until `home` is back."""

    rep_id: str
    home: str
    since: date
    suggestion_id: str


class FirstApproval(msgspec.Struct):
    """The first of two persons to approve these very moves (account, rep; sorted)."""

    decision_id: str
    decided_by: str
    decided_at: datetime
    moves: list[tuple[str, str]]
    effective_from: date | None = None


class SuggestionState(msgspec.Struct):
    """A suggestion that may still change: its row as published, and what undoing it needs. `total_eur`: the potential of the
    region when it was planned; `snoozed_until`: the last day of a snooze."""

    row: bytes
    suggestion_id: str
    status: str
    created_on: date
    expires_on: date
    cause: str
    decided_on: date | None = None
    effective_from: date | None = None
    applied: list[MoveState] = []
    first_approval: FirstApproval | None = None
    total_eur: float = 0.0
    snoozed_until: date | None = None
    alert_ids: list[str] = []


class PendingSolve(msgspec.Struct):
    """A problem that is being solved; the region's calendar waits for its answer."""

    request_id: str
    cause: str
    alert_ids: list[str]
    asked_on: date
    problem: bytes


class Waiting(msgspec.Struct, frozen=True):
    """A record of the region's log whose message waits for the answer of a solve."""

    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes


class RegionState(msgspec.Struct):
    """One region. `rows` names the account of each row, `newcomers` those that wait for one; `days` holds the totals heard,
    by day (ordinal) and account; `overridden`: by hand, and not yet answered with a plan; `worked_reps` have worked here (None before the first
    roster), and `joined_reps` have come since and not yet been answered with a plan; `lost_accounts`: some have closed
    since a day was last looked at for occasions; `covers` are decided, by account, and `covers_asked` the first days of the absences for which
    a plan was asked, by rep; `heard` the newest ids that had their effect, as digests in the order of hearing."""

    region_id: str
    accounts: dict[str, AccountState] = {}
    reps: dict[str, RepSet] = {}
    rows: list[str] = []
    newcomers: list[str] = []
    days: dict[int, dict[str, DayTotals]] = {}
    agenda: dict[int, list[RegionMessage]] = {}
    closed: date | None = None
    weeks_closed: int = 0
    weeks_broken: int = 0
    rest_until: date | None = None
    travel_minutes_per_visit: float = 25.0
    left_reps: list[str] = []
    moved_reps: list[str] = []
    moved_eur: list[tuple[date, float]] = []
    moved_by_rep: list[tuple[date, str, float]] = []
    refused: list[RefusedMove] = []
    pending: PendingSolve | None = None
    waiting: list[Waiting] = []
    suggestions: dict[str, SuggestionState] = {}
    overridden: bool = False
    worked_reps: list[str] | None = None
    joined_reps: list[str] = []
    lost_accounts: bool = False
    covers: dict[str, Cover] = {}
    covers_asked: dict[str, date] = {}
    heard: dict[bytes, None] = {}


def is_waiting(suggestion: SuggestionState) -> bool:
    """Whether it can be decided on, now or when its snooze is over."""
    return suggestion.status in ("proposed", "snoozed")


def is_live(rep: RepSet, day: date) -> bool:
    """Whether the rep works on that day."""
    return (rep.active_from is None or rep.active_from <= day) and (rep.active_to is None or day <= rep.active_to)


def is_absent(rep: RepSet, day: date) -> bool:
    """Whether colleagues have to stand in for the rep on that day."""
    return rep.absent_from is not None and rep.absent_to is not None and rep.absent_from <= day <= rep.absent_to
