"""The orders every path reads: seeded JSON of about 223 bytes, keyed by account, time moving on through the year."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from kafka.partitioner.default import murmur2

from infra.feeds.plan import tick_record
from schemas.topics import ACTIVITY_PARTITIONS, ORDERS, TICK_KEY

YEAR = 2025
FIRST_DAY = date(YEAR, 1, 1)
DAYS = 365
SECONDS_PER_DAY = 86_400
REGIONS = ("north", "east", "south", "west")
REPEATED_SHARE = 0.01
"""Events that are sent a second time, soon after the first: what a feed with retries does."""
REPEAT_WITHIN = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One record to write: where, key and value."""

    partition: int
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Workload:
    """`events` orders of `accounts` accounts in one year, a hundredth of them repetitions. Same fields, same bytes."""

    accounts: int
    events: int
    seed: int = 7

    def account(self, number: int) -> Line:
        """The master record of an account."""
        key = account_key(number).encode()
        value = (
            f'{{"event_id":"account-{number:024d}","occurred_at":"{YEAR - 1}-01-01T00:00:00Z","account_id":"{key.decode()}",'
            f'"name":"Pharmacie {number}","lat":{44 + number % 5003 / 1000},"lon":{number % 6007 / 1000 - 1},'
            f'"city":"Town {number % 997}","region_id":"{REGIONS[number % len(REGIONS)]}","visit_minutes":45.0}}'
        )
        return Line(partition_of(key), key, value.encode())

    def earlier_orders(self) -> Iterator[Line]:
        """One order of each account from the December before."""
        rng = random.Random(self.seed + 1)
        for number in range(self.accounts):
            at = f"{YEAR - 1}-12-{1 + number % 28:02d}T10:00:00.000Z"
            yield _order(rng, account_key(number), at, f"SO-{YEAR - 1}-{number:016d}")

    def lines(self) -> Iterator[Line]:
        """The year: orders by time, repetitions among them, and at each new day a tick to every partition."""
        rng = random.Random(self.seed)
        recent: list[Line] = []
        today = -1
        for number in range(self.events):
            second = number * DAYS * SECONDS_PER_DAY // self.events
            day, second = divmod(second, SECONDS_PER_DAY)
            if day != today:
                today = day
                yield from ticks_of_day(day)
            if recent and rng.random() < REPEATED_SHARE:
                yield recent.pop(rng.randrange(len(recent)))
                continue
            at = f"{_date(day)}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{number % 1000:03d}Z"
            line = _order(rng, account_key(rng.randrange(self.accounts)), at, f"SO-{YEAR}-{number:016d}")
            if len(recent) < REPEAT_WITHIN:
                recent.append(line)
            else:
                recent[number % REPEAT_WITHIN] = line
            yield line


def _order(rng: random.Random, account: str, at: str, order_id: str) -> Line:
    key = account.encode()
    value = (
        f'{{"event_id":"{rng.getrandbits(128):032x}","occurred_at":"{at}","schema_version":1,"order_id":"{order_id}",'
        f'"account_id":"{account}","amount":"{rng.randrange(500, 200_000) / 100:.2f}","currency":"EUR","status":"placed"}}'
    )
    return Line(partition_of(key), key, value.encode())


def account_key(number: int) -> str:
    return f"A{number:07d}"


def ticks_of_day(day: int) -> list[Line]:
    """What the publisher sends when a day of the year (from 0) begins: one tick for each partition."""
    at = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    return [Line(p, TICK_KEY, tick_record(ORDERS.name, p, at).value) for p in range(ACTIVITY_PARTITIONS)]


@lru_cache(maxsize=1_000_000)
def partition_of(key: bytes) -> int:
    """Kafka's own spread of keys over the partitions of the activity topics."""
    return int((murmur2(key) & 0x7FFFFFFF) % ACTIVITY_PARTITIONS)


def _date(day: int) -> str:
    return (FIRST_DAY + timedelta(days=day)).isoformat()
