"""`terradrift crm push` and `export`."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.clickhouse.client import Access, connect
from infra.crm.deliveries import changes
from infra.crm.deliveries import push as push_changes
from infra.crm.table import as_csv
from infra.crm.webhook import Verdict, body_of, deliver
from infra.outward import Outward
from schemas.errors import SettingsError
from schemas.rows import AssignmentChangeRow
from streams.cli.crm.standing import keep_pushing, said
from streams.cli.options import directory_option
from streams.system.reach import reach


@click.command()
@directory_option
@click.option("--dry-run", is_flag=True, help="Print what would be sent, one JSON object a line; send nothing.")
@click.option(
    "--stand-by", is_flag=True, help="Go on until stopped; where no CRM is set, say so and wait rather than end."
)
@click.option(
    "--every", default=15.0, show_default=True, type=click.FloatRange(min=1), help="Seconds between two looks."
)
@click.option(
    "--heartbeat", type=click.Path(path_type=Path, dir_okay=False), help="File touched after each look that succeeded."
)
def push(directory: Path, dry_run: bool, stand_by: bool, every: float, heartbeat: Path | None) -> int:
    """Send what the CRM has not taken yet to TERRADRIFT_CRM_URL, signed with TERRADRIFT_CRM_SECRET.

    \b
    What would be sent now:   terradrift crm push --dry-run
    From a timer:             terradrift crm push
    As a service:             terradrift crm push --stand-by

    What fails is tried again by the next push; what the CRM refuses (4xx) is not. Exit status 1 when something is left.
    With --stand-by what fails is tried again after 30 seconds, 1, 2 ... 10 minutes; run one of it.
    """
    access = reach(directory).access
    if dry_run:
        _print_waiting(access)
        return 0
    crm = Outward.from_env(os.environ).crm()
    if stand_by:
        keep_pushing(access, crm, every, heartbeat)
        return 0
    if crm is None:
        raise SettingsError("set TERRADRIFT_CRM_URL and TERRADRIFT_CRM_SECRET, or look first with --dry-run")
    return 1 if _pushed_once(access, *crm) else 0


def _print_waiting(access: Access) -> None:
    client = connect(access)
    try:
        for change in changes(client, pending_only=True):
            click.echo(body_of(change).decode())
    finally:
        client.close()


def _pushed_once(access: Access, url: str, secret: str) -> int:
    """How many are left."""

    def send(change: AssignmentChangeRow) -> Verdict:
        return deliver(change, url, secret, lambda: datetime.now(UTC), time.sleep)

    client = connect(access)
    states = Counter[str]()
    try:
        waiting = changes(client, pending_only=True)
        for outcome in push_changes(client, waiting, send, lambda: datetime.now(UTC)):
            states[said(outcome)] += 1
    finally:
        client.close()
    left = len(waiting) - states["delivered"] - states["refused"]
    click.echo(f"{states['delivered']} delivered, {states['refused']} refused, {left} left for the next push")
    return left


@click.command()
@directory_option
@click.option("--pending", is_flag=True, help="Only what the CRM has not taken yet.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was decided from that day on (event time).")
def export(directory: Path, pending: bool, since: datetime | None) -> None:
    """Write the changes as CSV to standard output, in the order in which they were decided."""
    client = connect(reach(directory).access)
    try:
        found = changes(client, pending, since)
    finally:
        client.close()
    click.echo(as_csv(found), nl=False)
