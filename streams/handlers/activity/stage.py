"""The activity stage: one partition's orders, visits, accounts and assignments become account days of region logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from schemas.errors import RefusedError
from schemas.events import Account, Assignment, Event, Order, Tick, VisitReport
from schemas.region_log import AccountSet
from schemas.settings import Settings
from schemas.topics import (
    ACCOUNTS,
    ACTIVITY_STATE,
    ASSIGNMENTS,
    ORDERS,
    TICK_KEY,
    TOPICS,
    VISIT_REPORTS,
)
from streams.handlers.activity.clock import PartitionClock
from streams.handlers.activity.days import AccountDays, day_of, revenue_cents
from streams.handlers.activity.memory import DayTotals, Memory, Sighting
from streams.handlers.activity.roster import (
    account_left,
    account_message,
    assignment_message,
    created_account,
    creation_id,
)
from streams.handlers.activity.voice import Voice
from streams.handlers.facts import fact, nameless_fact
from streams.handlers.parsing import parse
from streams.ports import Output, Record

TICKING = tuple(topic.name for topic in TOPICS if topic.carries_ticks)


class Activity:
    """Handler of one partition. A day's mark follows everything that belongs to the day."""

    def __init__(self, partition: int, store: dict[bytes, bytes], settings: Settings, log_id: str) -> None:
        self._partition = partition
        self._settings = settings
        self._log_id = log_id
        self._memory = Memory(store)
        self._days = AccountDays(self._memory)
        self._clock = PartitionClock(self._memory.watermark(), TICKING, settings.calendar.lateness_hours)
        self._voice = Voice(partition, log_id)
        self._must_mark = False
        self._apply: Mapping[str, Callable[[Record], None]] = {
            ORDERS.name: self._on_order,
            VISIT_REPORTS.name: self._on_visit,
            ACCOUNTS.name: self._on_account,
            ASSIGNMENTS.name: self._on_assignment,
        }

    def start_offset(self, topic: str) -> int | None:  # noqa: ARG002 - the contract names it
        return None

    def handle(self, records: Sequence[Record]) -> Output:
        self._voice.begin()
        for record in records:
            self._one(record)
        self._flush_days()
        if self._must_mark and self._clock.closed is not None:
            self._mark(self._clock.closed)
        self._memory.keep_watermark(self._clock.watermark)
        self._voice.output.state = self._memory.take_changes()
        return self._voice.output

    def newest_event(self) -> datetime | None:
        """The newest event time of this partition."""
        newest = self._clock.watermark.newest_ms
        return datetime.fromtimestamp(max(newest.values()) / 1000, UTC) if newest else None

    def _one(self, record: Record) -> None:
        self._voice.output.count("messages", record.topic)
        try:
            if record.key == TICK_KEY and record.topic in TICKING:
                at = parse(Tick, record, self._settings).occurred_at
                self._note_repetition(record.topic, at)
                self._advance(record.topic, at)
            else:
                self._apply[record.topic](record)
        except RefusedError as refused:
            self._voice.bury(record, refused)

    def _on_order(self, record: Record) -> None:
        order = parse(Order, record, self._settings)
        self._check_currency(order)
        account = self._account_of(order.account_id, order, record)
        self._clock.watermark.currency = order.currency
        content = f"{order.order_id}|{order.amount.normalize()}|{order.currency}|{order.status}"
        totals = DayTotals(revenue_cents=revenue_cents(order), orders=int(order.status == "placed"))
        self._fold("orders", order, account, content, totals, record)

    def _on_visit(self, record: Record) -> None:
        visit = parse(VisitReport, record, self._settings)
        account = self._account_of(visit.account_id, visit, record)
        content = visit.model_dump_json(exclude={"event_id", "occurred_at", "schema_version"})
        totals = DayTotals(visits=1, visit_minutes=visit.duration_minutes, travel_minutes=visit.travel_minutes)
        self._fold("visits", visit, account, content, totals, record)

    def _fold(
        self, table: str, event: Event, account: AccountSet, content: str, totals: DayTotals, record: Record
    ) -> None:
        """Apply a dated event once; its fact goes out once per source record."""
        sighting = self._sight(account.account_id, event, content, record)
        if sighting is Sighting.DUPLICATE:
            return
        day = day_of(event.occurred_at)
        self._days.add(account.region_id, account.account_id, day, totals, record.topic, record.offset)
        if sighting is Sighting.REPLAYED:
            self._note_repetition(record.topic, event.occurred_at)
        elif self._clock.is_closed(day):
            self._voice.output.count("late_events", record.topic)
        self._voice.write(record, fact(table, event, record, self._log_id, account.region_id))
        self._advance(record.topic, event.occurred_at)

    def _on_account(self, record: Record) -> None:
        account = parse(Account, record, self._settings)
        before = self._memory.account(account.account_id)
        content = account.model_dump_json(exclude={"event_id", "occurred_at", "schema_version"})
        if self._sight(account.account_id, account, content, record) is Sighting.DUPLICATE:
            return
        self._voice.write(record, *nameless_fact("accounts", account, record, self._log_id))
        if before is not None and before.occurred_at > account.occurred_at:
            return  # history only: the present is newer
        now = account_message(account, self._partition, self._settings.company.base_region)
        self._keep_account(now, before)

    def _keep_account(self, now: AccountSet, before: AccountSet | None) -> None:
        """Remember and tell. A repetition after a crash tells the region that was left once more."""
        if before is not None and before.region_id != now.region_id:
            self._memory.keep_left_region(now.account_id, before.region_id)
        self._memory.keep_account(now)
        moved = before is not None and (before.region_id != now.region_id or before.event_id == now.event_id)
        left = self._memory.left_region(now.account_id) if moved else ""
        if left:
            self._voice.tell(left, account_left(left, now))
        self._voice.tell(now.region_id, now)
        if left:
            self._days.touch_all(now.region_id, now.account_id)

    def _on_assignment(self, record: Record) -> None:
        assignment = parse(Assignment, record, self._settings)
        account = self._account_of(assignment.account_id, assignment, record)
        content = f"{assignment.rep_id}|{assignment.valid_from}|{assignment.source}"
        if self._sight(account.account_id, assignment, content, record) is Sighting.DUPLICATE:
            return
        self._voice.write(record, fact("assignments", assignment, record, self._log_id, account.region_id))
        self._voice.tell(account.region_id, assignment_message(assignment, account.region_id))

    def _account_of(self, account_id: str, event: Event, record: Record) -> AccountSet:
        account = self._memory.account(account_id)
        if account is None and self._settings.company.unknown_accounts == "refuse":
            raise RefusedError("unknown_account", f"no accounts event has named {account_id!r}", "account_id")
        creation = creation_id(account_id), event.occurred_at
        if account is not None and (account.event_id, account.occurred_at) != creation:
            return account
        created = created_account(account_id, event, self._settings.company.base_region)
        sighting = self._memory.see(account_id, created, "", record.offset)
        if account is not None and sighting is Sighting.DUPLICATE:
            return account
        self._voice.write(record, *nameless_fact("accounts", created, record, self._log_id))
        now = account_message(created, self._partition, self._settings.company.base_region)
        self._keep_account(now, account)
        return now

    def _check_currency(self, order: Order) -> None:
        configured = self._settings.company.currency
        expected = order.currency if configured == "auto" else configured
        expected = self._clock.watermark.currency or expected
        if order.currency != expected:
            raise RefusedError(
                "foreign_currency", f"{order.currency} where the company's orders are in {expected}", "currency"
            )

    def _sight(self, account_id: str, event: Event, content: str, record: Record) -> Sighting:
        sighting = self._memory.see(account_id, event, content, record.offset)
        if sighting is Sighting.CONFLICT:
            raise RefusedError("duplicate_id", f"{event.event_id!r} was seen before with other content", "event_id")
        if sighting is Sighting.DUPLICATE:
            self._voice.output.count("duplicates", record.topic)
        return sighting

    def _advance(self, topic: str, at: datetime) -> None:
        closed = self._clock.advance(topic, int(at.timestamp() * 1000))
        if closed is None:
            return
        self._mark(closed)
        self._voice.output.gauges["closed_day", str(self._partition)] = float(closed.toordinal())
        self._voice.output.gauges["watermark", str(self._partition)] = self._clock.watermark_seconds

    def _mark(self, closed: date) -> None:
        """Tell every region that the day is over here, after everything that belongs to it."""
        self._flush_days()
        self._voice.tell_closed(closed)
        self._must_mark = False

    def _note_repetition(self, topic: str, at: datetime) -> None:
        """A record that came again after a crash: if it moved the clock last, its mark may have been lost."""
        if self._clock.is_newest(topic, int(at.timestamp() * 1000)):
            self._must_mark = True

    def _flush_days(self) -> None:
        for day in self._days.flush():
            self._voice.tell(day.region_id, day)


class ActivityStage:
    """All partitions of the activity stage."""

    name = "activity"
    topics = (ORDERS.name, VISIT_REPORTS.name, ACCOUNTS.name, ASSIGNMENTS.name)
    state_topic = ACTIVITY_STATE.name

    def __init__(self, settings: Settings, log_id: str) -> None:
        self._settings = settings
        self._log_id = log_id
        self._opened: dict[int, Activity] = {}

    def open(self, partition: int, state: dict[bytes, bytes]) -> Activity:
        self._opened[partition] = Activity(partition, state, self._settings, self._log_id)
        return self._opened[partition]

    def newest_event(self) -> datetime | None:
        """The newest event time seen on any partition opened here, ticks included."""
        return max(
            (t for activity in self._opened.values() if (t := activity.newest_event()) is not None), default=None
        )
