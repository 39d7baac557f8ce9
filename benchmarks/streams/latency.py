"""How long news takes through the whole system, not saturated: an order, and what a closing tick brings, until SQL sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from functools import partial
from pathlib import Path
from statistics import quantiles
from threading import Event as Flag
from typing import Any

from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from benchmarks.streams.company import COMPANY, closing, day_orders, live_order, roster
from benchmarks.streams.progress import say
from infra.feeds.outbox import Outbox
from infra.feeds.publish import publish, wait_until_done
from infra.feeds.record import Feed
from schemas.errors import TerradriftError
from schemas.topics import ORDERS
from streams.system.background import running
from streams.system.runtime import Runtime
from streams.system.supervisor import Plan

HISTORY_WEEKS = 6
PER_SECOND = 200
SUNDAY = 6
WARM_SECONDS = 5.0
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, one number each: `orders` published to queryable; `alerts` and `weeks` closing tick to queryable row."""

    orders: list[float]
    alerts: list[float]
    weeks: list[float]


def percentile(values: list[float], percent: int) -> float:
    """By linear interpolation, of at least one value; of a few the 99th is next to the largest."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


@contextmanager
def whole_system(folder: Path) -> Iterator[Runtime]:
    """`terradrift up --kafka local`, until the end of the block."""
    with running(Plan(folder, "local"), say, Flag()) as runtime:
        yield runtime


def measure(folder: Path, seconds: float, days: int) -> Latency:
    """Some weeks of history, `days` closing days one by one, then orders at a steady pace for `seconds`."""
    first = datetime.now(UTC).date() - timedelta(days=days + 7 * HISTORY_WEEKS + 10)
    first -= timedelta(days=first.weekday())
    with whole_system(folder) as runtime:
        client = runtime.connect_reader()
        try:
            history = [first + timedelta(days=n) for n in range(7 * HISTORY_WEEKS)]
            events = [record for day in history for record in day_orders(day)]
            publish(Feed(roster(first), events), runtime.kafka)
            _settle(runtime)
            alerts, weeks = _closing_days(runtime, client, history[-1] + timedelta(days=1), days)
            say("latency: orders at a steady pace")
            orders = asyncio.run(_steady_orders(runtime, client, seconds))
        finally:
            client.close()
    return Latency(orders, alerts, weeks)


def _settle(runtime: Runtime) -> None:
    wait_until_done(runtime.kafka, is_quiet=lambda: runtime.solves_running() == 0, deadline=300)


def _closing_days(runtime: Runtime, client: Client, first: date, days: int) -> tuple[list[float], list[float]]:
    """Each day an account closes; the tick that ends the day brings its alert, and on Sundays the week's figures."""
    alerts: list[float] = []
    weeks: list[float] = []
    for number in range(days):
        day = first + timedelta(days=number)
        account = closing(number, day)
        publish(Feed((), [*day_orders(day), account.record]), runtime.kafka, closing_tick=False)
        _settle(runtime)
        started = time.monotonic()
        with Outbox(runtime.kafka) as outbox:
            started = time.monotonic()
            outbox.tick(datetime.combine(day + timedelta(days=2), day_time(0, 0, 1), UTC))
            outbox.flush()
            alerts.append(_until(partial(_seen, client, ALERT_OF, {"account": account.account_id}), started))
            if day.weekday() == SUNDAY:
                week = {"week": day - timedelta(days=6), "regions": len(COMPANY.regions)}
                weeks.append(_until(partial(_seen, client, WEEK_OF, week), started))
        say(f"latency: day {number + 1}/{days}, alert after {alerts[-1]:.2f} s")
    return alerts, weeks


ALERT_OF = "SELECT count() FROM alerts WHERE scope = 'account' AND scope_id = {account:String} AND state = 'firing'"
WEEK_OF = "SELECT uniqExact(region_id) >= {regions:UInt16} FROM model_quality WHERE week = {week:Date}"
NEWEST = "SELECT partition, max(offset) FROM orders WHERE occurred_at >= {since:DateTime64(3)} GROUP BY partition"


def _seen(client: Client, query: str, parameters: dict[str, Any]) -> int:
    return int(client.query(query, parameters=parameters).result_rows[0][0])


def _until(arrived: Callable[[], Any], started: float) -> float:
    """Seconds until a question to ClickHouse is answered with yes; the asking itself is part of it."""
    while not arrived():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TerradriftError(f"not in ClickHouse after {PATIENCE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - started


async def _steady_orders(runtime: Runtime, client: Client, seconds: float) -> list[float]:
    """Publish at PER_SECOND and watch, partition by partition, up to which offset the orders are queryable."""
    producer = AIOKafkaProducer(bootstrap_servers=runtime.kafka, linger_ms=0, acks="all", enable_idempotence=True)
    await producer.start()
    sent: dict[tuple[int, int], float] = {}
    latencies: list[float] = []
    began = time.monotonic()
    since = datetime.now(UTC) - timedelta(minutes=1)

    async def send(number: int) -> None:
        record = live_order(number, datetime.now(UTC))
        at = time.monotonic()
        place = await producer.send_and_wait(ORDERS.name, key=record.key, value=record.value)
        sent[place.partition, place.offset] = at

    async def feed() -> None:
        sending = []
        for number in range(round(PER_SECOND * (seconds + WARM_SECONDS))):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            sending.append(asyncio.create_task(send(number)))
        await asyncio.gather(*sending)

    feeding = asyncio.create_task(feed())
    while not feeding.done() or sent:
        answer = await asyncio.to_thread(client.query, NEWEST, parameters={"since": since})
        newest = {int(partition): int(offset) for partition, offset in answer.result_rows}
        seen_at = time.monotonic()
        for place in [p for p in sent if p[1] <= newest.get(p[0], -1)]:
            at = sent.pop(place)
            if at - began >= WARM_SECONDS:
                latencies.append(seen_at - at)
        if seen_at - began > seconds + WARM_SECONDS + PATIENCE_SECONDS:
            raise TerradriftError(f"{len(sent)} orders are not in ClickHouse after {PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(POLL_SECONDS)
    await feeding
    await producer.stop()
    return latencies
