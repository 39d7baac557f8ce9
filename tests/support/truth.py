"""What a feed comes to, summed in plain Python, and what the product made of it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from clickhouse_connect.driver.client import Client

from infra.simulator.company import Company
from schemas.region_log import AccountDays, decode
from schemas.topics import FACTS, REGION_EVENTS, SINK_TOPICS, Topic
from streams.handlers.sink import as_block
from tests.support.every_row import Stored, stored_in

Sums = dict[str, tuple[int, int]]
"""account_id -> (orders, cents)."""
Days = dict[tuple[str, date], tuple[int, int, int]]
"""(account_id, day) -> (orders, cents, visits)."""
RESULTS = {
    "alerts": ("alert_id", "revision"),
    "suggestions": ("suggestion_id", "revision"),
    "potentials": ("account_id", "week"),
}
"""Tables of results, and what makes a row of them the same row."""
RESULT_TOPICS = tuple(topic for topic in SINK_TOPICS if topic is not FACTS)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the company has told."""

    sums: Sums
    days: Days
    orders: int
    visits: int
    """Reports of visits, with those that tell of calls or of plans."""

    @property
    def records(self) -> int:
        return self.orders + self.visits


def truth_of(company: Company) -> Truth:
    """Sum the orders and count the visits of a company, one by one."""
    ids, start = company.market.ids, company.size.start
    counts, cents = Counter[str](), Counter[str]()
    days: defaultdict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0, 0])
    orders, visits = company.orders, company.visits
    for i, day, amount in zip(orders.account.tolist(), orders.day.tolist(), orders.cents.tolist(), strict=True):
        counts[ids[i]] += 1
        cents[ids[i]] += amount
        totals = days[ids[i], start + timedelta(days=day)]
        totals[0] += 1
        totals[1] += amount
    for i, day in zip(visits.account.tolist(), visits.day.tolist(), strict=True):
        days[ids[i], start + timedelta(days=day)][2] += 1
    for i, day in zip(company.contacts.account.tolist(), company.contacts.day.tolist(), strict=True):
        days[ids[i], start + timedelta(days=day)][2] += 0  # its day is told, and nothing was done on it
    return Truth(
        {account: (counts[account], cents[account]) for account in counts},
        {key: (totals[0], totals[1], totals[2]) for key, totals in days.items()},
        len(orders.account),
        len(visits.account) + len(company.contacts.account),
    )


def sums_in(client: Client) -> Sums:
    """Orders and cents by account, as reports see them."""
    rows = client.query(
        "SELECT account_id, count(), toInt64(sum(amount) * 100) FROM orders FINAL GROUP BY account_id"
    ).result_rows
    return {account: (count, cents) for account, count, cents in rows}


def results_in(client: Client, table: str) -> list[dict[str, Any]]:
    """Every row of a table of results, whole."""
    answer = client.query(f"SELECT * FROM {table} FINAL")
    return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]


async def account_days(bootstrap: str) -> Days:
    """The last word of the regions' logs on every account and day."""
    days: Days = {}
    async for record in everything(bootstrap, (REGION_EVENTS,)):
        _note_days(decode(record.value), days)
    return days


async def rows_published(bootstrap: str) -> dict[str, int]:
    """By table: rows in the topics of results, as often as they were said."""
    said = Counter[str]()
    async for record in everything(bootstrap, RESULT_TOPICS):
        block = as_block(record.topic, record.offset, record.headers, record.value)
        said[block.table] += block.rows
    return dict(said)


async def everything(bootstrap: str, topics: Iterable[Topic]) -> AsyncIterator[Any]:
    """All records of these topics, in the order of each partition."""
    places = [TopicPartition(topic.name, partition) for topic in topics for partition in range(topic.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()


def _note_days(message: object, days: Days) -> None:
    if isinstance(message, AccountDays):
        for day in message.days:
            days[day.account_id, date.fromordinal(day.day)] = (day.orders, day.revenue_cents, day.visits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind, in ClickHouse and in the regions' logs."""

    sums: Sums
    days: Days
    stored: dict[str, Stored]
    """By table, each row ever inserted."""
    published: dict[str, int]
    results: dict[str, list[dict[str, Any]]]


def outcome_of(client: Client, bootstrap: str) -> Outcome:
    return Outcome(
        sums_in(client),
        asyncio.run(account_days(bootstrap)),
        stored_in(client),
        asyncio.run(rows_published(bootstrap)),
        {table: results_in(client, table) for table in RESULTS},
    )


def assert_exact(outcome: Outcome, truth: Truth) -> None:
    """Every order and visit counted once, by account, by account and day, and as rows ever inserted; no row came twice.

    A region that goes on after a kill says again what it had said (decision 0006): word for word, and the sink stores as
    many rows as Kafka holds.
    """
    wrong = _differences(outcome.sums, truth.sums) + _differences(outcome.days, truth.days)
    assert not wrong, "\n".join(wrong)
    stored = outcome.stored
    assert (stored["orders"].rows, stored["visits"].rows) == (truth.orders, truth.visits)
    assert rows_twice({table: stored[table] for table in FACTS.row_types}) == {}
    said = {table: stored[table].rows for table in outcome.published}
    assert said == outcome.published
    assert stored["potentials_newest"].rows == stored["potentials"].rows
    results = {table: counted for table, counted in stored.items() if table not in FACTS.row_types}
    assert {table: counted for table, counted in results.items() if counted.contents != counted.identities} == {}


def assert_said_once(outcome: Outcome) -> None:
    """No result came twice either: no worker was killed."""
    assert rows_twice(outcome.stored) == {}


def rows_twice(stored: Mapping[str, Stored]) -> dict[str, Stored]:
    return {table: counted for table, counted in stored.items() if counted.rows != counted.identities}


def _differences(found: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> list[str]:
    """The first keys whose values differ, with both; and how many there are."""
    keys = [key for key in {**wanted, **found} if found.get(key) != wanted.get(key)]
    shown = [f"{key}: {found.get(key)}, not {wanted.get(key)}" for key in keys[:5]]
    return [f"{len(keys)} of {len(wanted)} differ", *shown] if keys else []


def assert_same_results(outcome: Outcome, expected: Outcome) -> None:
    """The same alerts, suggestions and potentials with the same ids, and the same to the last digit in every column."""
    for table, identity in RESULTS.items():
        assert expected.results[table], f"the run has no {table}: nothing would be compared"
        found = {tuple(row[name] for name in identity): row for row in outcome.results[table]}
        wanted = {tuple(row[name] for name in identity): row for row in expected.results[table]}
        strange = sorted(str(key) for key in found.keys() ^ wanted.keys())
        assert not strange, f"{table} with {len(strange)} other ids, such as {strange[:3]}"
        differing = [(key, name, found[key][name], value) for key, row in wanted.items() for name, value in row.items()
                     if found[key][name] != value]  # fmt: skip
        assert not differing, f"{table}: {len(differing)} figures differ, such as {differing[0]}"
