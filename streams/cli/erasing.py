"""`terradrift erase` and `terradrift held`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from console.access.users import names_of_rep
from infra.clickhouse.client import connect
from infra.clickhouse.snapshots import refresh_snapshots
from infra.feeds.record import record_of
from infra.feeds.resend import send_located
from infra.privacy import erasure
from infra.privacy.held import counts, rows
from infra.privacy.topics import Trace, drop_facts, names_in, traces
from schemas.errors import RefusedError, UnavailableError
from schemas.rows import ErasureRow
from schemas.topics import ACCOUNTS, REPS
from streams.cli.console.users import users_option, users_path
from streams.cli.options import directory_option, json_option
from streams.system.reach import Reach, reach

kind_argument = click.argument("kind", type=click.Choice(["account", "rep"]))


@click.command()
@kind_argument
@click.argument("identity", metavar="ID")
@directory_option
@click.option(
    "--rows", "whole", is_flag=True, help="The rows themselves, one JSON object a line, rather than how many."
)
@users_option
@json_option
def held(
    kind: Literal["account", "rep"], identity: str, directory: Path, whole: bool, users: Path | None, as_json: bool
) -> None:
    """Say what is held of an account or rep: the answer to a request for access.

    What a rep has decided or challenged in the console stands under the name of that user: it is found by the file of users.

    \b
    How many rows where:  terradrift held account A1042
    All of them:          terradrift held account A1042 --rows > A1042.jsonl
    """
    signs = names_of_rep(users_path(directory, users), identity) if kind == "rep" else []
    client = connect(reach(directory).access)
    try:
        if whole:
            for table, row in rows(client, kind, identity, signs):
                click.echo(json.dumps({"table": table, **row}, ensure_ascii=False))
            return
        found = counts(client, kind, identity, signs)
    finally:
        client.close()
    if as_json:
        click.echo(json.dumps({"kind": kind, "id": identity, "users": signs, "rows": found}, indent=2))
        return
    for table, number in found.items():
        click.echo(f"{number:>10,}  {table}")
    if signs:
        click.echo(f"in the console: {', '.join(signs)}")
    if not found:
        click.echo(f"nothing is held of {kind} {identity}")


@click.command()
@kind_argument
@click.argument("identity", metavar="ID")
@directory_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", default="", help="Who asked for it; kept with the wish.")
@click.option(
    "--drop-facts",
    "drop",
    is_flag=True,
    help="Also drop from Kafka the facts that ClickHouse has, of everybody: names do not wait for the retention of 90 days, and a ClickHouse that is lost can only come back from a backup.",
)
@json_option
def erase(
    kind: Literal["account", "rep"], identity: str, directory: Path, yes: bool, by: str, drop: bool, as_json: bool
) -> int:
    """Erase what identifies an account or rep, everywhere, and prove it.

    Name, place or home, family and refused messages go; orders, visits and decisions stay under the id, which is then a
    pseudonym. It cannot be taken back. Exit status 1 when something in ClickHouse still identifies afterwards, or when Kafka
    could not be asked to the end: then run it again.
    """
    found = reach(directory)
    if drop and found.forgets:
        raise RefusedError(
            "unsupported", "the embedded broker drops no records; it forgets all of them at its next start"
        )
    client = connect(found.access)
    try:
        known = erasure.known(client, kind, identity)
        if known is None:
            raise RefusedError("unknown", f"no {kind} {identity} was ever accepted")
        if not yes and not as_json:
            click.confirm(f"Erase name and place of {kind} {identity} for good?", abort=True)
        now = datetime.now(UTC)
        erasure.remember(client, ErasureRow(kind=kind, id=identity, requested_at=now, requested_by=by))
        newest = client.query("SELECT as_of FROM watermark").result_rows[0][0].replace(tzinfo=UTC)
        blank = erasure.blank(known.event, now, newest)
        topic = ACCOUNTS if kind == "account" else REPS
        send_located([record_of(topic, blank)], found.kafka, dict(found.options))
        erasure.apply(client, kind, identity)
        refresh_snapshots(client)
        remains = erasure.remains(client, kind, identity)
        asked = _ask_kafka(found, kind, identity, known.names, drop)
    finally:
        client.close()
    answer = {
        "kind": kind, "id": identity, "erased_at": now.isoformat(), "remains_in_clickhouse": remains,
        "replaced_by": blank.event_id, "facts_dropped": asked.dropped,
        "names_looked_for": asked.names, "open": asked.open,
        "records_in_kafka": [{"topic": t.topic, "read": t.read, "with_a_name": t.records, "gone_by": t.gone_by} for t in asked.left],
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        for table, number in remains.items():
            click.echo(f"ClickHouse  {table:<16} {number} rows identify")
        click.echo(f"State       learns event {blank.event_id}, which has neither name nor place")
        if drop and asked.dropped is not None:
            click.echo(f"Kafka       {asked.dropped:,} facts dropped that ClickHouse has")
        for trace in asked.left:
            until = f"; gone by {trace.gone_by}" if trace.records else ""
            click.echo(f"Kafka       {trace.topic:<16} {trace.records} of {trace.read:,} records hold the name{until}")
        if not asked.names and not asked.open:
            click.echo("Kafka       neither ClickHouse nor Kafka knows a name any more: there is nothing to look for")
        if asked.open:
            click.echo(f"Open        {asked.open}; what is said above holds, the rest is not proved: run it again")
        click.echo("Backups of ClickHouse and Kafka made before are not touched: see docs/operations.md")
    return 1 if any(remains.values()) or asked.open else 0


@dataclass(slots=True)
class _Asked:
    """What Kafka has said so far; `open` is why it said no more, "" when it has said all."""

    names: tuple[str, ...]
    dropped: int | None = None
    left: list[Trace] = field(default_factory=list)
    open: str = ""


def _ask_kafka(
    found: Reach, kind: Literal["account", "rep"], identity: str, names: tuple[str, ...], drop: bool
) -> _Asked:
    """ClickHouse has erased already: whatever Kafka has said before it went away is part of the proof."""
    options = dict(found.options)
    asked = _Asked(names, None if drop else 0)
    try:
        # a former run has erased the names in ClickHouse; the facts that are dropped may be the last to know them
        asked.names = names or names_in(found.kafka, kind, identity, options)
        if drop:
            asked.dropped = drop_facts(found.kafka, options)
        if asked.names:
            asked.left.extend(traces(found.kafka, asked.names, options))
    except UnavailableError as error:
        asked.open = str(error)
    return asked
