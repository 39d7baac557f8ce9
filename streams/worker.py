"""The composition root: addresses and settings in, a running engine or sink out. Everything is wired here and only here."""

from __future__ import annotations

import gc
import logging
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import infra
from infra.clickhouse.client import Access
from infra.clickhouse.knock import knock_to_write
from infra.clickhouse.sink import Sink
from infra.kafka.topics import cluster_id, expect
from infra.metrics import catalogue
from infra.metrics.exporter import Metrics, MetricsServer
from infra.roads import roads_of
from infra.settings import Addresses, Role
from infra.store.rocks import RocksStore
from schemas.errors import TerradriftError, UnavailableError
from schemas.settings import Settings, load_settings
from schemas.topics import ACTIVITY_STATE, ENGINE_GROUP, SINK_GROUP, SINK_TOPICS
from streams.agents import SESSION_SECONDS, StagesApp, build_app, declare_progress, declare_ticker, run
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.handlers.region.learning import Learner
from streams.handlers.region.stage import RegionStage
from streams.metering import MetricsMeter
from streams.ports import MemoryStore, Store
from streams.ready import make_ready
from streams.solver_pool import SolverPool
from streams.table import Table
from streams.transport.changelog import restore
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.last_letter import stamp_of_last_letter
from streams.transport.lease import Lease
from streams.transport.producer import BatchProducer
from streams.transport.progress import Excuses
from streams.transport.sinking import SinkDelivery
from streams.transport.stages import StageDelivery
from streams.transport.upstream.lean_fetch import fetch_lean_records
from streams.transport.upstream.sparing_log import spare_the_log
from streams.transport.waiting import WaitingWriter
from streams.transport.watchdog import Watchdog, end_process

log = logging.getLogger("terradrift")


def run_role(role: Role, environment: Mapping[str, str] = os.environ) -> int:
    """Run the engine ("worker") or the sink until stopped; the exit status."""
    addresses = Addresses.from_env(environment)
    settings = load_settings(addresses.config)
    metrics = Metrics()
    metrics.set(
        catalogue.BUILD_INFO, 1, version=infra.VERSION, model_version=Learner.version, config_version=settings.version
    )
    check_surroundings(role, addresses)
    spare_the_log()
    fetch_lean_records()
    if role == "worker":
        make_ready()
    collect_rarely()
    with MetricsServer.start(metrics, addresses.metrics_host, addresses.metrics_port_of(role)):
        meter = MetricsMeter(metrics)
        log_id = addresses.log_id or cluster_id(addresses.kafka, addresses.kafka_security())
        make_app = engine_app if role == "worker" else sink_app
        app = make_app(addresses, settings, log_id, meter)
        return run(app, environment.get("TERRADRIFT_LOG_LEVEL", "WARNING"))


def check_surroundings(role: Role, addresses: Addresses) -> None:
    """Return when what this process needs is there and lets it in; else an error that says what to mend.

    Raises UnavailableError when Kafka or (for the sink) ClickHouse cannot be reached, SettingsError when user, password, TLS
    or topics are not right. Afterwards an outage is waited out.
    """
    expect(addresses.kafka, addresses.kafka_security())
    if role == "sink":
        knock_to_write(access_of(addresses))


def engine_app(addresses: Addresses, settings: Settings, log_id: str, meter: MetricsMeter) -> StagesApp:
    """Activity, intake and region: Kafka in, Kafka out."""
    connection = connection_of(addresses)
    lease = Lease(SESSION_SECONDS)
    producer = BatchProducer(connection, lease=lease)
    pool = SolverPool(producer.send, meter.solves, roads=roads_of(settings.travel))
    stages = (ActivityStage(settings, log_id), IntakeStage(settings, log_id), RegionStage(settings, log_id))

    new_store = store_maker(addresses)

    excuses = Excuses(time.monotonic)

    async def open_store(topic: str, partition: int) -> Store:
        store = new_store(topic, partition)
        await restore(connection, topic, partition, store, lambda: excuses.tell("its state"))
        return store

    limit = DeadLetterLimit(settings.feed)

    async def recall_refusals() -> None:
        limit.recall(await stamp_of_last_letter(connection, now_ms=int(time.time() * 1000)))

    delivery = StageDelivery(stages, producer, open_store, pool.submit, meter, limit)
    topics = [topic for stage in stages for topic in stage.topics]
    app = build_app(
        ENGINE_GROUP,
        addresses.kafka,
        addresses.kafka_security(),
        topics,
        delivery,
        addresses.instance_of("worker"),
        lease,
    )
    app.opening = (producer.start, recall_refusals)
    app.closing = (pool.close, producer.stop)
    declare_progress(app, meter, watchdog_of("worker", addresses, settings, meter, excuses))
    declare_ticker(app, producer, stages[0], settings.feed.live_hours)
    return app


def store_maker(addresses: Addresses) -> Callable[[str, int], Store]:
    """How stores are made. Only the state of accounts grows with the company, so only that may go to disk."""
    if addresses.store == "memory":
        return lambda topic, _partition: Table() if topic == ACTIVITY_STATE.name else MemoryStore()
    folder = addresses.store_folder or Path(tempfile.mkdtemp(prefix="terradrift-store-"))
    return lambda topic, partition: (
        RocksStore(folder / f"{topic}-{partition}") if topic == ACTIVITY_STATE.name else MemoryStore()
    )


def sink_app(addresses: Addresses, settings: Settings, log_id: str, meter: MetricsMeter) -> StagesApp:
    """Every topic with a table into ClickHouse."""
    excuses = Excuses(time.monotonic)
    delivery = SinkDelivery(WaitingWriter(Sink(access_of(addresses), log_id), excuses), meter)
    topics = [topic.name for topic in SINK_TOPICS]
    app = build_app(
        SINK_GROUP, addresses.kafka, addresses.kafka_security(), topics, delivery, addresses.instance_of("sink")
    )
    declare_progress(app, meter, watchdog_of("sink", addresses, settings, meter, excuses))
    return app


def collect_rarely() -> None:
    """Let Python look for cycles seldom: a batch makes thousands of objects without any, and state is large."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def watchdog_of(
    role: Role, addresses: Addresses, settings: Settings, meter: MetricsMeter, excuses: Excuses
) -> Watchdog:
    """Ends the process when it stands still while Kafka answers and nothing else excuses it."""

    def broker_answers() -> bool:
        return is_there(addresses)

    return Watchdog(role, settings.feed.stall_exit_seconds, meter, excuses, broker_answers, end_process)


def is_there(addresses: Addresses) -> bool:
    """Whether Kafka answers. One that does not let us in is there: waiting will not help, and a fresh start says what to mend."""
    try:
        cluster_id(addresses.kafka, addresses.kafka_security())
    except UnavailableError:
        return False
    except TerradriftError as refused:
        log.warning("%s", refused)
    return True


def access_of(addresses: Addresses) -> Access:
    """How to enter ClickHouse."""
    return Access(addresses.clickhouse_url, addresses.clickhouse_user, addresses.clickhouse_password.get_secret_value())


def connection_of(addresses: Addresses) -> dict[str, Any]:
    """Keyword arguments for aiokafka clients."""
    return {"bootstrap_servers": addresses.kafka.split(","), **addresses.kafka_security()}
