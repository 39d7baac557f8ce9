"""Account days of a batch: totals are folded in memory and leave as absolute values, once per batch and closing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from schemas.events import Order
from schemas.region_log import AccountDay
from streams.handlers.activity.memory import DayTotals, Memory


def day_of(at: datetime) -> date:
    """The calendar day (UTC) an event belongs to."""
    return at.astimezone(UTC).date()


def revenue_cents(order: Order) -> int:
    """What an order adds to the day it happened on: a return takes back, whatever its sign; a cancelled one is nothing."""
    if order.status == "cancelled":
        return 0
    cents = int((order.amount * 100).to_integral_value())
    return -abs(cents) if order.status == "returned" else cents


class AccountDays:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._touched: dict[tuple[str, str, date], None] = {}

    def add(self, region_id: str, account_id: str, day: date, more: DayTotals, topic: str, offset: int) -> None:
        """Fold `more`, which came at `offset` of `topic`, into the day's totals, once."""
        self.touch(region_id, account_id, day)
        month = self._memory.month(account_id, day)
        if offset <= month.applied.get(topic, -1):
            return
        totals = month.days.setdefault(day.day, DayTotals())
        totals.revenue_cents += more.revenue_cents
        totals.orders += more.orders
        totals.visits += more.visits
        totals.visit_minutes += more.visit_minutes
        totals.travel_minutes += more.travel_minutes
        month.applied[topic] = offset
        self._memory.keep_month(account_id, day, month)

    def touch(self, region_id: str, account_id: str, day: date) -> None:
        """Say this day again, changed or not (a replay after a crash must)."""
        self._touched[region_id, account_id, day] = None

    def touch_all(self, region_id: str, account_id: str) -> None:
        """Say the whole history of an account again: it has come to another region."""
        for year, number, month in self._memory.months_of(account_id):
            for day in sorted(month.days):
                self.touch(region_id, account_id, date(year, number, day))

    def flush(self) -> list[AccountDay]:
        """The touched days with their totals, in the order of first touch."""
        days = [self._message(*key) for key in self._touched]
        self._touched.clear()
        return days

    def _message(self, region_id: str, account_id: str, day: date) -> AccountDay:
        totals = self._memory.month(account_id, day).days.get(day.day, DayTotals())
        return AccountDay(
            region_id=region_id,
            account_id=account_id,
            day=day,
            revenue_cents=totals.revenue_cents,
            orders=totals.orders,
            visits=totals.visits,
            visit_minutes=totals.visit_minutes,
            travel_minutes=totals.travel_minutes,
        )
