"""`terradrift crm reconcile`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from infra.clickhouse.client import connect
from infra.crm.reconcile import differences, owners_here, read_crm
from streams.cli.options import directory_option, json_option
from streams.system.reach import reach

WORDS = {"other_rep": "another rep", "missing_in_crm": "not in the CRM", "unknown_here": "not known here"}
SHOWN = 50


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@directory_option
@json_option
def reconcile(file: Path, directory: Path, as_json: bool) -> int:
    """Say where the CRM and Terradrift differ: FILE is a CSV export of the CRM with account_id and rep_id.

    An account the CRM is right about: send an `assignments` event with source "crm"; it is accepted as it is.
    Exit status 1 when there is a difference.
    """
    crm = read_crm(file)
    client = connect(reach(directory).access)
    try:
        here = owners_here(client)
    finally:
        client.close()
    found = differences(here, crm)
    if as_json:
        click.echo(
            json.dumps({"accounts": len(here), "differences": [asdict(difference) for difference in found]}, indent=2)
        )
        return 1 if found else 0
    counts = Counter(difference.kind for difference in found)
    click.echo(f"{len(here):,} active accounts here, {len(crm):,} in the CRM, {len(found):,} differ")
    for kind, count in sorted(counts.items()):
        click.echo(f"  {count:,} {WORDS[kind]}")
    table = Table("account", "what", "rep here", "rep in the CRM", "", box=None, padding=(0, 2, 0, 0))
    for one in found[:SHOWN]:
        state = "a change is on its way" if one.on_its_way else ""
        table.add_row(one.account_id, WORDS[one.kind], one.rep_here or "-", one.rep_in_crm or "-", state)
    if found:
        Console(highlight=False, markup=False).print(table)
    if len(found) > SHOWN:
        click.echo(f"the first {SHOWN} of {len(found):,}; --json has all")
    return 1 if found else 0
