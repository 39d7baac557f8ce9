"""The activity stage: one partition's orders, visits, accounts and assignments become account days of region logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from schemas.errors import RefusedError
from schemas.events import Account, Assignment, Event, Order, Tick, VisitReport
from schemas.ids import region_partition
from schemas.region_log import AccountSet, DayClosed, RegionMessage, encode
from schemas.settings import Settings
from schemas.topics import (
    ACCOUNTS,
    ACTIVITY_STATE,
    ASSIGNMENTS,
    EVERY_REGION,
    ORDERS,
    REGION_EVENTS,
    TICK_KEY,
    TOPICS,
    VISIT_REPORTS,
)
from streams.handlers.activity.clock import PartitionClock
from streams.handlers.activity.days import AccountDays, day_of
from streams.handlers.activity.memory import DayTotals, Memory, Sighting
from streams.handlers.activity.roster import account_left, account_message, assignment_message, created_account
from streams.handlers.dead_letters import bury
from streams.handlers.facts import fact, nameless_fact
from streams.handlers.parsing import parse
from streams.ports import Emit, Output, Record

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
        self._output = Output()
        self._apply: Mapping[str, Callable[[Record], None]] = {
            ORDERS.name: self._on_order,
            VISIT_REPORTS.name: self._on_visit,
            ACCOUNTS.name: self._on_account,
            ASSIGNMENTS.name: self._on_assignment,
        }

    def start_offset(self, topic: str) -> int | None:  # noqa: ARG002 - the contract names it
        return None

    def handle(self, records: Sequence[Record]) -> Output:
        self._output = Output()
        for record in records:
            self._one(record)
        self._flush_days()
        self._memory.keep_watermark(self._clock.watermark)
        self._output.state = self._memory.take_changes()
        return self._output

    def newest_event(self) -> datetime | None:
        """The newest event time of this partition."""
        newest = self._clock.watermark.newest_ms
        return datetime.fromtimestamp(max(newest.values()) / 1000, UTC) if newest else None

    def _one(self, record: Record) -> None:
        self._output.count("messages", record.topic)
        try:
            if record.key == TICK_KEY:
                self._advance(record.topic, parse(Tick, record, self._settings).occurred_at)
            else:
                self._apply[record.topic](record)
        except RefusedError as refused:
            self._output.emits.append(bury(record, refused, self._log_id))
            self._output.count("dead_letters", f"{record.topic}|{refused.reason}")

    def _on_order(self, record: Record) -> None:
        order = parse(Order, record, self._settings)
        account = self._account_of(order.account_id, order, record)
        self._check_currency(order)
        content = f"{order.amount.normalize()}|{order.currency}|{order.status}"
        counts = order.status != "cancelled"
        cents = int((order.amount * 100).to_integral_value()) if counts else 0
        totals = DayTotals(revenue_cents=cents, orders=int(counts and order.status == "placed"))
        self._fold("orders", order, account, content, totals, record)

    def _on_visit(self, record: Record) -> None:
        visit = parse(VisitReport, record, self._settings)
        account = self._account_of(visit.account_id, visit, record)
        content = f"{visit.rep_id}|{visit.duration_minutes}|{visit.outcome}"
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
        if sighting is Sighting.NEW:
            self._days.add(account.region_id, account.account_id, day, totals)
            if self._clock.is_closed(day):
                self._output.count("late_events", record.topic)
        self._days.touch(account.region_id, account.account_id, day)
        self._fact(record, fact(table, event, record, self._log_id, account.region_id))
        self._advance(record.topic, event.occurred_at)

    def _on_account(self, record: Record) -> None:
        account = parse(Account, record, self._settings)
        before = self._memory.account(account.account_id)
        content = account.model_dump_json(exclude={"event_id", "occurred_at", "schema_version"})
        if self._sight(account.account_id, account, content, record) is Sighting.DUPLICATE:
            return
        self._fact(record, *nameless_fact("accounts", account, record, self._log_id))
        if before is not None and before.occurred_at > account.occurred_at:
            return  # history only: the present is newer
        now = account_message(account, self._partition, self._settings.company.base_region)
        self._keep_account(now, before)

    def _keep_account(self, now: AccountSet, before: AccountSet | None) -> None:
        self._memory.keep_account(now)
        if before is not None and before.region_id != now.region_id:
            self._tell(before.region_id, account_left(before, now))
        self._tell(now.region_id, now)
        if before is not None and before.region_id != now.region_id:
            self._days.touch_all(now.region_id, now.account_id)

    def _on_assignment(self, record: Record) -> None:
        assignment = parse(Assignment, record, self._settings)
        account = self._account_of(assignment.account_id, assignment, record)
        content = f"{assignment.rep_id}|{assignment.valid_from}|{assignment.source}"
        if self._sight(account.account_id, assignment, content, record) is Sighting.DUPLICATE:
            return
        self._fact(record, fact("assignments", assignment, record, self._log_id, account.region_id))
        self._tell(account.region_id, assignment_message(assignment, account.region_id))

    def _account_of(self, account_id: str, event: Event, record: Record) -> AccountSet:
        account = self._memory.account(account_id)
        if account is not None:
            return account
        if self._settings.company.unknown_accounts == "refuse":
            raise RefusedError("unknown_account", f"no accounts event has named {account_id!r}", "account_id")
        created = created_account(account_id, event, self._settings.company.base_region)
        self._fact(record, *nameless_fact("accounts", created, record, self._log_id))
        now = account_message(created, self._partition, self._settings.company.base_region)
        self._keep_account(now, None)
        return now

    def _check_currency(self, order: Order) -> None:
        watermark = self._clock.watermark
        if not watermark.currency:
            configured = self._settings.company.currency
            watermark.currency = order.currency if configured == "auto" else configured
        if order.currency != watermark.currency:
            raise RefusedError(
                "foreign_currency",
                f"{order.currency} where the company's orders are in {watermark.currency}",
                "currency",
            )

    def _sight(self, account_id: str, event: Event, content: str, record: Record) -> Sighting:
        sighting = self._memory.see(account_id, event, content, record.offset)
        if sighting is Sighting.CONFLICT:
            raise RefusedError("duplicate_id", f"{event.event_id!r} was seen before with other content", "event_id")
        if sighting is Sighting.DUPLICATE:
            self._output.count("duplicates", record.topic)
        return sighting

    def _advance(self, topic: str, at: datetime) -> None:
        closed = self._clock.advance(topic, int(at.timestamp() * 1000))
        if closed is None:
            return
        self._flush_days()
        mark = encode(DayClosed(partition=self._partition, day=closed))
        for partition in range(REGION_EVENTS.partitions):
            self._output.emits.append(Emit(REGION_EVENTS.name, partition, EVERY_REGION, mark))
        self._output.gauges["closed_day", str(self._partition)] = float(closed.toordinal())
        self._output.gauges["watermark", str(self._partition)] = self._clock.watermark_seconds

    def _fact(self, record: Record, *facts: Emit) -> None:
        if not record.restored:
            self._output.emits.extend(facts)
            for emit in facts:
                self._output.count("facts", emit.table)

    def _flush_days(self) -> None:
        for day in self._days.flush():
            self._tell(day.region_id, day)

    def _tell(self, region_id: str, message: RegionMessage) -> None:
        partition = region_partition(region_id, REGION_EVENTS.partitions)
        self._output.emits.append(Emit(REGION_EVENTS.name, partition, region_id.encode(), encode(message)))


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
