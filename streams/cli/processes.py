"""`worker`, `sink`, `provision`: the parts for production, configured by environment variables."""

from __future__ import annotations

import os

import click

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.kafka import topics
from infra.settings import Addresses
from schemas.settings import load_settings
from streams.worker import run_role


@click.command()
def worker() -> int:
    """Run the engine: events in, potentials, alerts and suggestions out.

    Addresses come from TERRADRIFT_* environment variables (docs/operations.md). Start as many as there are partitions.
    """
    return run_role("worker")


@click.command()
def sink() -> int:
    """Run the sink: Kafka topics into ClickHouse tables, each row once."""
    return run_role("sink")


@click.command()
@click.option("--replication", default=1, show_default=True, help="Replicas of a topic that is created.")
def provision(replication: int) -> None:
    """Create the topics that are missing and bring the database up to date. Doing it twice changes nothing."""
    addresses = Addresses.from_env(os.environ)
    created = topics.provision(addresses.kafka, addresses.kafka_security(), replication)
    click.echo(f"topics created: {', '.join(created) or 'none, all are there'}")
    access = Access(
        addresses.clickhouse_url, addresses.clickhouse_user, addresses.clickhouse_password.get_secret_value()
    )
    click.echo(f"migrations applied: {', '.join(map(str, migrate(access))) or 'none, all are there'}")
    client = connect(access)
    publish_settings(client, load_settings(addresses.config))
    client.close()
