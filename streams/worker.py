"""The composition root: addresses and settings in, a running engine or sink out. Everything is wired here and only here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import infra
from infra.clickhouse.client import Access
from infra.clickhouse.knock import knock
from infra.clickhouse.sink import Sink
from infra.kafka.topics import cluster_id, expect
from infra.metrics import catalogue
from infra.metrics.exporter import Metrics, MetricsServer
from infra.settings import Addresses, Role
from schemas.settings import Settings, load_settings
from schemas.topics import ENGINE_GROUP, SINK_GROUP, SINK_TOPICS
from streams.agents import StagesApp, build_app, declare_progress, declare_ticker, run
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.handlers.region.learning import Learner
from streams.handlers.region.stage import RegionStage
from streams.metering import MetricsMeter
from streams.solver_pool import SolverPool
from streams.transport.changelog import read_state
from streams.transport.dead_letter_limit import DeadLetterLimit
from streams.transport.producer import BatchProducer
from streams.transport.sinking import SinkDelivery
from streams.transport.sparing_log import spare_the_log
from streams.transport.stages import StageDelivery


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
    with MetricsServer.start(metrics, addresses.metrics_host, addresses.metrics_port_of(role)):
        meter = MetricsMeter(metrics)
        log_id = addresses.log_id or cluster_id(addresses.kafka, addresses.kafka_security())
        app = engine_app(addresses, settings, log_id, meter) if role == "worker" else sink_app(addresses, log_id, meter)
        return run(app, environment.get("TERRADRIFT_LOG_LEVEL", "WARNING"))


def check_surroundings(role: Role, addresses: Addresses) -> None:
    """Return when what this process needs is there and lets it in; else an error that says what to mend.

    Raises UnavailableError when Kafka or (for the sink) ClickHouse cannot be reached, SettingsError when user, password, TLS
    or topics are not right. Afterwards an outage is waited out.
    """
    expect(addresses.kafka, addresses.kafka_security())
    if role == "sink":
        knock(access_of(addresses))


def engine_app(addresses: Addresses, settings: Settings, log_id: str, meter: MetricsMeter) -> StagesApp:
    """Activity, intake and region: Kafka in, Kafka out."""
    connection = connection_of(addresses)
    producer = BatchProducer(connection)
    pool = SolverPool(producer.send, meter.solves)
    stages = (ActivityStage(settings, log_id), IntakeStage(settings, log_id), RegionStage(settings, log_id))

    async def restore(topic: str, partition: int) -> dict[bytes, bytes]:
        return await read_state(connection, topic, partition)

    delivery = StageDelivery(stages, producer, restore, pool.submit, meter, DeadLetterLimit(settings.feed))
    topics = [topic for stage in stages for topic in stage.topics]
    app = build_app(ENGINE_GROUP, addresses.kafka, addresses.kafka_security(), topics, delivery)
    app.opening = (producer.start,)
    app.closing = (pool.close, producer.stop)
    declare_progress(app, meter)
    declare_ticker(app, producer, stages[0], settings.feed.live_hours)
    return app


def sink_app(addresses: Addresses, log_id: str, meter: MetricsMeter) -> StagesApp:
    """Every topic with a table into ClickHouse."""
    delivery = SinkDelivery(Sink(access_of(addresses), log_id), meter)
    topics = [topic.name for topic in SINK_TOPICS]
    app = build_app(SINK_GROUP, addresses.kafka, addresses.kafka_security(), topics, delivery)
    declare_progress(app, meter)
    return app


def access_of(addresses: Addresses) -> Access:
    """How to enter ClickHouse."""
    return Access(addresses.clickhouse_url, addresses.clickhouse_user, addresses.clickhouse_password.get_secret_value())


def connection_of(addresses: Addresses) -> dict[str, Any]:
    """Keyword arguments for aiokafka clients."""
    return {"bootstrap_servers": addresses.kafka.split(","), **addresses.kafka_security()}
