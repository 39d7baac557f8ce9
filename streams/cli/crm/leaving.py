"""`terradrift crm push` and `export`."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.clickhouse.client import connect
from infra.crm.deliveries import changes
from infra.crm.deliveries import push as push_changes
from infra.crm.table import as_csv
from infra.crm.webhook import Verdict, body_of, deliver
from infra.outward import Outward
from schemas.errors import SettingsError
from schemas.rows import AssignmentChangeRow
from streams.cli.options import directory_option
from streams.system.reach import reach


@click.command()
@directory_option
@click.option("--dry-run", is_flag=True, help="Print what would be sent, one JSON object a line; send nothing.")
def push(directory: Path, dry_run: bool) -> int:
    """Send what the CRM has not taken yet to TERRADRIFT_CRM_URL, signed with TERRADRIFT_CRM_SECRET.

    What fails is tried again by the next push; what the CRM refuses (4xx) is not. Exit status 1 when something is left.
    """
    client = connect(reach(directory).access)
    try:
        waiting = changes(client, pending_only=True)
        if dry_run:
            for change in waiting:
                click.echo(body_of(change).decode())
            return 0
        addresses = Outward.from_env(os.environ)
        secret = addresses.crm_secret.get_secret_value()
        if not addresses.crm_url or not secret:
            raise SettingsError("set TERRADRIFT_CRM_URL and TERRADRIFT_CRM_SECRET, or look first with --dry-run")

        def send(change: AssignmentChangeRow) -> Verdict:
            return deliver(change, addresses.crm_url, secret, lambda: datetime.now(UTC), time.sleep)

        states = Counter[str]()
        for outcome in push_changes(client, waiting, send, lambda: datetime.now(UTC)):
            states[outcome.verdict.state] += 1
            if outcome.verdict.state != "delivered":
                click.echo(
                    f"{outcome.change.account_id} ({outcome.change.change_id}): {outcome.verdict.state}: {outcome.verdict.detail}",
                    err=True,
                )
    finally:
        client.close()
    left = len(waiting) - states["delivered"] - states["refused"]
    click.echo(f"{states['delivered']} delivered, {states['refused']} refused, {left} left for the next push")
    return 1 if left else 0


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
