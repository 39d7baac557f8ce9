"""Publishing and lag, against a broker that really speaks Kafka's protocol (librdkafka's, inside this process)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from confluent_kafka import Producer
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from infra.feeds.connection import client_options
from infra.feeds.lag import GROUPS, LagMeter, lags, total
from infra.feeds.publish import Progress, publish, wait_until_done
from infra.feeds.record import Feed, FeedRecord, record_of, restored
from schemas.errors import RefusedError, UnavailableError
from schemas.events import Account, Assignment, Event, MarketEvent, Order, Rep, Tick
from schemas.topics import (
    ACCOUNTS,
    ASSIGNMENTS,
    BY_NAME,
    ENGINE_GROUP,
    FACTS,
    MARKET_EVENTS,
    ORDERS,
    REGION_EVENTS,
    REPS,
    RESTORED_HEADER,
    SINK_GROUP,
    TICK_KEY,
    TICKED,
    TOPICS,
    Topic,
)  # fmt: skip

pytestmark = pytest.mark.io
MONDAY = datetime(2024, 1, 1, 9, tzinfo=UTC)
PARTITIONS = 4  # what this broker gives a topic


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of an empty broker with all our topics."""
    owner = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    brokers = owner.list_topics(timeout=10).brokers.values()
    for topic in TOPICS:
        owner.list_topics(topic.name, timeout=10)
    yield ",".join(f"{each.host}:{each.port}" for each in brokers)
    owner.flush(0)  # the broker lives as long as its owner


class Engine:
    """Consumes what a group reads and commits it, as fast as it can; remembers all records in the order consumed."""

    def __init__(self, bootstrap: str, group: str) -> None:
        self.records: list[tuple[str, int, bytes, bytes, list[tuple[str, bytes]]]] = []
        self._consumer = KafkaConsumer(
            **client_options(bootstrap), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        self._consumer.assign([TopicPartition(topic, p) for topic in GROUPS[group] for p in range(PARTITIONS)])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            for tp, batch in self._consumer.poll(timeout_ms=50).items():
                self.records += [(tp.topic, tp.partition, r.key, r.value, list(r.headers)) for r in batch]
                self._consumer.commit({tp: OffsetAndMetadata(batch[-1].offset + 1, "", -1)})

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()


@contextmanager
def engine(bootstrap: str) -> Iterator[Engine]:
    running = Engine(bootstrap, ENGINE_GROUP)
    try:
        yield running
    finally:
        running.stop()


def an_order(number: int, at: datetime = MONDAY) -> FeedRecord:
    order = Order(event_id=f"e{number}", order_id=f"o{number}", account_id=f"a{number % 50}", amount=10,
                  currency="EUR", occurred_at=at)  # fmt: skip
    return record_of(ORDERS, order)


def a_roster() -> list[FeedRecord]:
    known = MONDAY - timedelta(days=400)
    events: list[tuple[Topic, Event]] = [
        *((ACCOUNTS, Account(event_id=f"acc{n}", account_id=f"a{n}", occurred_at=known)) for n in range(50)),
        (REPS, Rep(event_id="rep1", rep_id="r1", occurred_at=known)),
        *(
            (ASSIGNMENTS, Assignment(event_id=f"as{n}", account_id=f"a{n}", rep_id="r1", valid_from=date(2023, 1, 1),
                                     occurred_at=known))
            for n in range(50)
        ),
    ]  # fmt: skip
    return [record_of(topic, event) for topic, event in events]


def test_all_records_arrive_and_every_partition_gets_its_ticks(broker: str) -> None:
    orders = [an_order(n, MONDAY + timedelta(hours=n)) for n in range(60)]
    with engine(broker) as reader:
        report = publish(Feed(a_roster(), orders), broker)
        wait_until_done(broker, {ENGINE_GROUP: GROUPS[ENGINE_GROUP]}, deadline=20)
    assert report.by_topic == {"accounts": 50, "reps": 1, "assignments": 50, "orders": 60}
    assert report.ticks == 3 * len(TICKED) * PARTITIONS  # two midnights and the closing tick
    told = [record for record in reader.records if record[2] != TICK_KEY]
    assert len(told) == report.records == 161
    assert all(BY_NAME[topic].payload.model_validate_json(value) for topic, _, _, value, _ in told)
    for topic in sorted(TICKED):
        for partition in range(PARTITIONS):
            ticks = [
                Tick.model_validate_json(r[3]).occurred_at
                for r in reader.records
                if r[:3] == (topic, partition, TICK_KEY)
            ]
            assert ticks == [
                datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 5, 0, 0, 1, tzinfo=UTC)
            ]  # fmt: skip


def test_a_market_event_is_consumed_between_the_days_around_it(broker: str) -> None:
    opened = MarketEvent(event_id="m1", market_event_id="m1", occurred_at=MONDAY + timedelta(days=1))
    events = [
        *(an_order(n) for n in range(300)),
        record_of(MARKET_EVENTS, opened),
        *(an_order(n, MONDAY + timedelta(days=2)) for n in range(300, 600)),
    ]
    with engine(broker) as reader:
        publish(Feed((), events), broker)
        wait_until_done(broker, {ENGINE_GROUP: GROUPS[ENGINE_GROUP]}, deadline=20)
    topics = [topic for topic, _, key, _, _ in reader.records if key != TICK_KEY]
    assert topics == ["orders"] * 300 + ["market-events"] + ["orders"] * 300


def test_the_publisher_stays_within_its_window(broker: str) -> None:
    seen: list[Progress] = []
    with engine(broker):
        publish(Feed((), [an_order(n) for n in range(2_000)]), broker, seen.append, window=200, closing_tick=False)
    assert max(step.lag for step in seen) <= 200
    assert seen[-1].sent == 2_000


def test_without_consumers_the_publisher_stops_at_its_window_and_says_so(broker: str) -> None:
    with pytest.raises(UnavailableError, match=r"no progress.*is a worker running") as stopped:
        publish(Feed((), [an_order(n) for n in range(500)]), broker, window=100, stall_seconds=0.5)
    behind = re.search(r"terradrift-engine orders (\d+)", str(stopped.value))
    assert behind is not None
    assert 50 < int(behind[1]) <= 100


def test_a_group_that_committed_nothing_lags_from_the_start_of_the_log(broker: str) -> None:
    publish(Feed((), [an_order(n) for n in range(30)]), broker, closing_tick=False)
    reading = lags(broker)
    assert reading[ENGINE_GROUP][ORDERS.name] == 30
    assert reading[ENGINE_GROUP][REGION_EVENTS.name] == 0
    assert reading[SINK_GROUP][FACTS.name] == 0
    assert total(reading) == 30


def test_what_a_group_committed_no_longer_counts(broker: str) -> None:
    publish(Feed((), [an_order(n) for n in range(30)]), broker, closing_tick=False)
    with engine(broker):
        wait_until_done(broker, {ENGINE_GROUP: GROUPS[ENGINE_GROUP]}, deadline=20)
    assert total(lags(broker)) == 0


def test_restored_events_carry_their_header(broker: str) -> None:
    with engine(broker) as reader:
        publish(Feed((), [restored(an_order(1))]), broker, closing_tick=False)
        wait_until_done(broker, {ENGINE_GROUP: GROUPS[ENGINE_GROUP]}, deadline=20)
    assert [headers for *_, headers in reader.records] == [[(RESTORED_HEADER, b"1")]]


def test_waiting_ends_at_its_deadline_with_the_ones_behind(broker: str) -> None:
    publish(Feed((), [an_order(1)]), broker, closing_tick=False)
    with pytest.raises(UnavailableError, match="terradrift-engine orders 1"):
        wait_until_done(broker, deadline=0.3)


def test_waiting_also_waits_for_quiet(broker: str) -> None:
    answers = iter([False, True, False, True, True])
    wait_until_done(broker, is_quiet=lambda: next(answers), deadline=10)
    assert next(answers, "none left") == "none left"


def test_a_record_too_large_is_refused(broker: str) -> None:
    huge = FeedRecord("orders", b"a", b"x" * 2_000_000, MONDAY)
    with pytest.raises(RefusedError, match="larger than Kafka takes"):
        publish(Feed((), [huge]), broker)


def test_no_broker_is_unavailable_with_its_address() -> None:
    with pytest.raises(UnavailableError, match=r"Kafka at 127\.0\.0\.1:1"):
        publish(Feed(), "127.0.0.1:1", options={"bootstrap_timeout_ms": 300})


def test_a_missing_topic_is_named(broker: str) -> None:
    with pytest.raises(UnavailableError, match="has no topic a b"), LagMeter(broker, {"g": ["orders", "a b"]}) as meter:
        meter.read()
