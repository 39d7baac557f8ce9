"""`terradrift crm push --stand-by`: pushing that goes on until a signal."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, connect
from infra.crm.deliveries import Outcome
from infra.crm.standing_by import StandingBy, pause
from infra.crm.webhook import Verdict, deliver
from schemas.errors import UnavailableError
from schemas.rows import AssignmentChangeRow
from streams.cli.up import stop_on_signals

NO_CRM = "no CRM is told: set TERRADRIFT_CRM_URL and TERRADRIFT_CRM_SECRET"


def keep_pushing(access: Access, crm: tuple[str, str] | None, every: float, heartbeat: Path | None) -> None:
    """Until a signal. A ClickHouse that is away, also at the start, is said once, and waited for."""
    stop = stop_on_signals()
    if crm is None:
        click.echo(NO_CRM)
    client: Client | None = None
    pusher: StandingBy | None = None
    away = 0
    wait = 0.0
    while not stop.wait(wait):
        try:
            client = client or connect(access)
            if crm is not None:
                pusher = pusher or _pusher(client, *crm, every, stop)
                _look(pusher, heartbeat)
            if heartbeat:
                heartbeat.touch()
            away, wait = 0, pusher.pause if pusher else every
        except UnavailableError as error:
            if not away:  # the driver's text differs each time
                click.echo(f"waiting: {error}", err=True)
            away += 1
            wait = pause(away - 1, every)
    if pusher:
        with suppress(UnavailableError):  # the console says so all the same, some minutes later
            pusher.ended()
    if client:
        client.close()


def said(outcome: Outcome) -> str:
    """What became of it; told to people where the CRM did not take it."""
    change, verdict = outcome.change, outcome.verdict
    if verdict.state != "delivered":
        click.echo(f"{change.account_id} ({change.change_id}): {verdict.state}: {verdict.detail}", err=True)
    return verdict.state


def _pusher(client: Client, url: str, secret: str, every: float, stop: Event) -> StandingBy:
    def send(change: AssignmentChangeRow) -> Verdict:
        # one attempt: it is the pauses between looks that wait for the CRM, and they hear the signal
        return deliver(change, url, secret, _now, stop.wait, attempts=1)

    return StandingBy(client, send, _now, every, stop.is_set)


def _look(pusher: StandingBy, heartbeat: Path | None) -> None:
    states = Counter[str]()
    for outcome in pusher.look():
        states[said(outcome)] += 1
        if heartbeat:
            heartbeat.touch()  # a look at many changes takes longer than the health check waits
    if states:
        again = f"; next look in {pusher.pause:.0f} s" if states["failed"] else ""
        click.echo(f"{states['delivered']} delivered, {states['refused']} refused, {states['failed']} failed{again}")


def _now() -> datetime:
    return datetime.now(UTC)
