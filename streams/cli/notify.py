"""`terradrift notify`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.clickhouse.client import Access, connect
from infra.notify.due import due
from infra.notify.memory import Memory
from infra.notify.rounds import Round, run_round
from infra.notify.ways import Ways, obstacles
from infra.outward import Outward
from schemas.errors import SettingsError, UnavailableError
from schemas.settings import Notify
from streams.cli.options import directory_option
from streams.cli.up import stop_on_signals
from streams.system.reach import reach

NOBODY = "nobody is to be told: add [[notify.recipients]] to terradrift.toml"


@click.command()
@directory_option
@click.option("--once", is_flag=True, help="One round, then end: exit status 1 if a message could not be sent.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent now; send and remember nothing.")
@click.option("--stand-by", is_flag=True, help="When nobody is to be told: say so and wait, rather than end.")
@click.option(
    "--every", default=15.0, show_default=True, type=click.FloatRange(min=1), help="Seconds between two looks."
)
@click.option(
    "--heartbeat", type=click.Path(path_type=Path, dir_okay=False), help="File touched after each look that succeeded."
)
def notify(directory: Path, once: bool, dry_run: bool, stand_by: bool, every: float, heartbeat: Path | None) -> int:
    """Tell people of alerts and suggestions by e-mail and webhook, as [notify] of terradrift.toml says.

    \b
    What would be sent now:   terradrift notify --dry-run
    From a timer:             terradrift notify --once
    As a service:             terradrift notify --stand-by

    Run one of it. Mail server and webhooks come from TERRADRIFT_SMTP_* and the variables that recipients name.
    """
    found = reach(directory)
    rules = found.settings.notify
    if not rules.recipients and not stand_by:
        raise SettingsError(f"{NOBODY} (examples/terradrift.toml)")
    if dry_run:
        _print_due(Memory(connect(found.access)), rules)
        return 0
    ways = Ways(Outward.from_env(os.environ), rules, os.environ)
    for obstacle in obstacles(rules, os.environ):
        click.echo(obstacle, err=True)
    if once:
        return 1 if _told(run_round(Memory(connect(found.access)), ways, rules, _now)) else 0
    if not rules.recipients:
        click.echo(NOBODY)
    _keep_telling(found.access, ways, rules, every, heartbeat)
    return 0


def _print_due(memory: Memory, rules: Notify) -> None:
    items = memory.open_items()
    for message in due(_now(), rules, items, memory.told(items)):
        click.echo(f"to {message.recipient} by {message.channel}: {message.subject}\n{message.body}\n")


def _keep_telling(access: Access, ways: Ways, rules: Notify, every: float, heartbeat: Path | None) -> None:
    """Until a signal. A ClickHouse that is away, also at the start, is said once, and waited for."""
    stop = stop_on_signals()
    memory: Memory | None = None
    away = False
    while True:
        try:
            memory = memory or Memory(connect(access))
            _told(run_round(memory, ways, rules, _now))
            if heartbeat:
                heartbeat.touch()
            away = False
        except UnavailableError as error:
            if not away:  # the driver's text differs each time
                click.echo(f"waiting: {error}", err=True)
            away = True
        if stop.wait(every):
            return


def _told(done: Round) -> bool:
    """Print what a round did; whether something could not be sent."""
    for message in done.sent:
        click.echo(f"sent to {message.recipient} by {message.channel}: {message.subject}")
    for failure in done.failures:
        click.echo(f"not sent {failure}", err=True)
    return bool(done.failures)


def _now() -> datetime:
    return datetime.now(UTC)
