"""A small company for runs of the whole system: what it tells at the start, each day, and when an account closes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from infra.feeds.record import FeedRecord, record_of
from schemas.events import Account, Assignment, Order, Rep
from schemas.ids import derived
from schemas.topics import ACCOUNTS, ASSIGNMENTS, ORDERS, REPS


@dataclass(frozen=True, slots=True)
class Size:
    accounts: int = 1_000
    reps: int = 20
    regions: tuple[str, ...] = ("north", "east", "south", "west")
    orders_per_day: int = 53  # about every third week from each account


COMPANY = Size()


@dataclass(frozen=True, slots=True)
class Closing:
    """An account that closes, as told."""

    account_id: str
    record: FeedRecord


def roster(first: date) -> list[FeedRecord]:
    """Accounts, reps and assignments, known before the first day."""
    known = _noon(first - timedelta(days=100))
    reps = [
        Rep(event_id=f"rep-{j}", occurred_at=known, rep_id=_rep_id(j), home_lat=_home(j)[0], home_lon=_home(j)[1],
            region_id=_region(j))
        for j in range(COMPANY.reps)
    ]  # fmt: skip
    owners = [
        Assignment(event_id=f"owner-{i}", occurred_at=known, account_id=_account_id(i), rep_id=_rep_id(i % COMPANY.reps),
                   valid_from=known.date())
        for i in range(COMPANY.accounts)
    ]  # fmt: skip
    return [
        *(record_of(ACCOUNTS, _account(i, known, "active")) for i in range(COMPANY.accounts)),
        *(record_of(REPS, rep) for rep in reps),
        *(record_of(ASSIGNMENTS, owner) for owner in owners),
    ]


def day_orders(day: date, number: int = COMPANY.orders_per_day) -> Iterator[FeedRecord]:
    """The orders of a day, in order of time."""
    rng = random.Random(day.toordinal())
    for turn in range(number):
        at = datetime.combine(day, time(), UTC) + timedelta(seconds=turn * 86_400 // number)
        yield _order(f"{day}-{turn}", _account_id(rng.randrange(COMPANY.accounts)), at, rng)


def live_order(number: int, at: datetime) -> FeedRecord:
    """One order that happens now."""
    rng = random.Random(number)
    return _order(f"live-{number}-{at.timestamp()}", _account_id(rng.randrange(COMPANY.accounts)), at, rng)


def closing(number: int, day: date) -> Closing:
    """The account with this number closes."""
    account = _account(number, _noon(day), "closed")
    return Closing(account.account_id, record_of(ACCOUNTS, account))


def _order(order_id: str, account_id: str, at: datetime, rng: random.Random) -> FeedRecord:
    cents = round(100 * rng.lognormvariate(6, 0.4))
    event = Order(event_id=derived(order_id), order_id=order_id, account_id=account_id, occurred_at=at,
                  amount=Decimal(cents).scaleb(-2), currency="EUR")  # fmt: skip
    return record_of(ORDERS, event)


def _account(i: int, at: datetime, status: str) -> Account:
    rng = random.Random(i)
    lat, lon = _home(i % COMPANY.reps)
    return Account.model_validate({
        "event_id": f"account-{i}-{status}", "occurred_at": at, "account_id": _account_id(i), "name": f"Pharmacie {i}",
        "status": status, "lat": lat + rng.gauss(0, 0.2), "lon": lon + rng.gauss(0, 0.2), "region_id": _region(i % COMPANY.reps),
    })  # fmt: skip


def _home(rep: int) -> tuple[float, float]:
    rng = random.Random(1_000_000 + rep)
    return 45 + 4 * rng.random(), 4 * rng.random()


def _region(rep: int) -> str:
    return COMPANY.regions[rep % len(COMPANY.regions)]


def _rep_id(j: int) -> str:
    return f"R{j:03d}"


def _account_id(i: int) -> str:
    return f"A{i:05d}"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
