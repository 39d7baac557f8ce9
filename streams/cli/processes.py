"""`worker`, `sink`, `provision`: the parts for production, configured by environment variables."""

from __future__ import annotations

import os

import click

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import connect
from infra.clickhouse.knock import knock
from infra.clickhouse.migrate import migrate
from infra.kafka import topics
from infra.privacy.erasure import apply_all
from infra.settings import Addresses
from schemas.settings import load_settings
from streams.worker import access_of, run_role


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
    access = access_of(addresses)
    knock(access, database=False)
    created = topics.provision(addresses.kafka, addresses.kafka_security(), replication)
    click.echo(f"topics created: {', '.join(created) or 'none, all are there'}")
    click.echo(f"migrations applied: {', '.join(map(str, migrate(access))) or 'none, all are there'}")
    client = connect(access)
    publish_settings(client, load_settings(addresses.config))
    if again := apply_all(client):
        click.echo(f"erased again, since it had come back: {', '.join(f'{wish.kind} {wish.id}' for wish in again)}")
    client.close()
