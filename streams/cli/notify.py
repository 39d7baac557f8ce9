"""`terradrift notify`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.clickhouse.client import connect
from infra.notify.due import due
from infra.notify.memory import Memory
from infra.notify.rounds import run_round
from infra.notify.ways import Ways
from infra.outward import Outward
from schemas.errors import SettingsError, UnavailableError
from streams.cli.options import directory_option
from streams.cli.up import stop_on_signals
from streams.system.reach import reach


@click.command()
@directory_option
@click.option("--once", is_flag=True, help="One round, then end: exit status 1 if a message could not be sent.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent now; send and remember nothing.")
@click.option(
    "--every", default=15.0, show_default=True, type=click.FloatRange(min=1), help="Seconds between two looks."
)
def notify(directory: Path, once: bool, dry_run: bool, every: float) -> int:
    """Tell people of alerts and suggestions by e-mail and webhook, as [notify] of terradrift.toml says.

    \b
    What would be sent now:   terradrift notify --dry-run
    From a timer:             terradrift notify --once
    As a service:             terradrift notify

    Run one of it. Mail server and webhooks come from TERRADRIFT_SMTP_* and the variables that recipients name.
    """
    found = reach(directory)
    rules = found.settings.notify
    if not rules.recipients:
        raise SettingsError(
            "nobody is to be told: add [[notify.recipients]] to terradrift.toml (examples/terradrift.toml)"
        )
    client = connect(found.access)
    memory = Memory(client)
    if dry_run:
        items = memory.open_items()
        for message in due(datetime.now(UTC), rules, items, memory.told(items)):
            click.echo(f"to {message.recipient} by {message.channel}: {message.subject}\n{message.body}\n")
        return 0
    ways = Ways(Outward.from_env(os.environ), rules, os.environ)
    stop = stop_on_signals()
    away = ""
    while True:
        try:
            done = run_round(memory, ways, rules, lambda: datetime.now(UTC))
            away = ""
        except UnavailableError as error:
            if once:
                raise
            if str(error) != away:
                click.echo(f"waiting: {error}", err=True)
            away = str(error)
        else:
            for message in done.sent:
                click.echo(f"sent to {message.recipient} by {message.channel}: {message.subject}")
            for failure in done.failures:
                click.echo(f"not sent {failure}", err=True)
            if once:
                return 1 if done.failures else 0
        if stop.wait(every):
            return 0
