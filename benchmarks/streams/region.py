"""How long a large region takes to close a day and a week: its log from the activity stage, its fold in this process."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from typing import Any

from benchmarks.streams.orders import account_key
from benchmarks.streams.progress import say
from benchmarks.streams.wiring import RegionLog, region_handler
from schemas.events import Account, Assignment, Event, Order, Rep, Tick
from schemas.ids import derived
from schemas.topics import ACCOUNTS, ASSIGNMENTS, ORDERS, REPS
from streams.ports import Record

REGION = "north"
MONDAY = date(2025, 1, 6)
ORDERS_PER_WEEK = 0.37
"""Of an account: a rep's customers order about every third week."""
ACCOUNTS_PER_REP = 200
SUNDAY = 6
WARM_WEEKS = 9
"""Enough for each account's own forecast (potential.min_weeks) and for the detectors to have begun."""


@dataclass(slots=True)
class Closings:
    """Seconds from the first mark of a day to the last: of ordinary days, and of Sundays, which close their week.

    `with_snapshot`: seconds of the batches, of any kind, that wrote a snapshot as well.
    """

    days: list[float] = field(default_factory=list)
    weeks: list[float] = field(default_factory=list)
    with_snapshot: list[float] = field(default_factory=list)


def measure(accounts: int, weeks: int) -> Closings:
    """A region of so many accounts: its history until the models run, then `weeks` weeks that are timed."""
    rng = random.Random(7)
    log = RegionLog(REGION)
    handler = region_handler(log.partition)
    closings = Closings()
    _roster(log, accounts)
    _hear(handler, log.take())
    for week in range(WARM_WEEKS + weeks):
        for weekday in range(7):
            day = MONDAY + timedelta(days=7 * week + weekday)
            number = round(accounts * ORDERS_PER_WEEK / 7)
            log.say(ORDERS, _orders(rng, accounts, day, number))
            before, saved_before = _hear(handler, log.take())  # the day's account days; its closing marks come now
            log.tick(_tick(day))
            seconds, saved = _hear(handler, log.take())
            if week >= WARM_WEEKS:
                (closings.weeks if weekday == SUNDAY else closings.days).append(seconds)
                closings.with_snapshot += [s for s, n in ((before, saved_before), (seconds, saved)) if n]
        say(f"region: week {week + 1}/{WARM_WEEKS + weeks}")
    if not closings.days or not closings.weeks:
        raise RuntimeError("no day or week closed in the time measured")
    return closings


def _hear(handler: Any, records: list[Record]) -> tuple[float, int]:
    """Handle records; seconds and how many snapshots were written. Refused messages are a defect of the benchmark."""
    if not records:
        return 0.0, 0
    started = time.monotonic()
    output = handler.handle(records)
    seconds = time.monotonic() - started
    refused = [name for name in output.counts if name[0] == "dead_letters"]
    if refused:
        raise RuntimeError(f"the region refused messages: {refused}")
    return seconds, sum(n for (name, _), n in output.counts.items() if name == "snapshots")


def _roster(log: RegionLog, accounts: int) -> None:
    rng = random.Random(1)
    known = _noon(MONDAY - timedelta(days=100))
    reps = max(1, accounts // ACCOUNTS_PER_REP)
    homes = [(45 + 4 * rng.random(), 4 * rng.random()) for _ in range(reps)]
    log.say(REPS, [_rep(j, home, known) for j, home in enumerate(homes)])
    for i in range(accounts):
        lat, lon = homes[i % reps]
        event = Account(
            event_id=f"account-{i}", occurred_at=known, account_id=account_key(i), name=f"Pharmacie {i}",
            lat=lat + rng.gauss(0, 0.2), lon=lon + rng.gauss(0, 0.2), postal_code=f"{10_000 + i % 300:05d}", region_id=REGION,
        )  # fmt: skip
        log.say(ACCOUNTS, [event])
        owner = Assignment(event_id=f"owner-{i}", occurred_at=known, account_id=event.account_id,
                           rep_id=f"R{i % reps:04d}", valid_from=known.date())  # fmt: skip
        log.say(ASSIGNMENTS, [owner])


def _rep(number: int, home: tuple[float, float], known: datetime) -> Rep:
    return Rep(
        event_id=f"rep-{number}", occurred_at=known, rep_id=f"R{number:04d}", home_lat=home[0], home_lon=home[1],
        region_id=REGION,
    )  # fmt: skip


def _orders(rng: random.Random, accounts: int, day: date, number: int) -> Iterable[Event]:
    for turn in range(number):
        order_id = f"{day}-{turn}"
        yield Order.model_validate({
            "event_id": derived(order_id), "order_id": order_id, "account_id": account_key(rng.randrange(accounts)),
            "amount": f"{rng.lognormvariate(6, 0.5):.2f}", "currency": "EUR", "occurred_at": _noon(day),
        })  # fmt: skip


def _tick(day: date) -> Tick:
    """What closes a day: the time after its end and the allowed lateness."""
    at = datetime.combine(day + timedelta(days=2), day_time(0, 0, 1), UTC)
    return Tick(event_id=derived("tick", day), occurred_at=at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, day_time(12), UTC)
