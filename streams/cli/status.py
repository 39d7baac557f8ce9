"""`terradrift status`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from schemas.errors import UnavailableError
from streams.cli.options import directory_option, json_option
from streams.system.health import look


@click.command()
@directory_option
@json_option
def status(directory: Path, as_json: bool) -> int:
    """Say what is healthy, how far behind, what is open. Exit status 0 when healthy, else 1."""
    try:
        report = look(directory)
    except UnavailableError as error:
        if not as_json:
            raise
        report = {"healthy": False, "problems": [str(error)]}
    if as_json:
        click.echo(json.dumps(report, indent=2, default=str))
    else:
        _show(report, directory)
    return 0 if report["healthy"] else 1


def _show(report: dict[str, Any], directory: Path) -> None:
    console = Console(highlight=False)
    console.print("[green]healthy[/]" if report["healthy"] else "[red]not healthy[/]: " + "; ".join(report["problems"]))
    table = Table.grid(padding=(0, 2))
    table.add_row("directory", str(directory))
    table.add_row("Kafka", f"{report['kafka']} ({report['kafka_mode']})")
    scheme, _, place = report["clickhouse_url"].partition("://")
    table.add_row("ClickHouse", f"{scheme}://{place.rpartition('@')[2]}/play (user {report['clickhouse_user']})")
    table.add_row("behind", f"{report['lag']} records, {report['solves_running']} solves running")
    table.add_row("alerts open", str(report["alerts_open"]))
    table.add_row("suggestions", f"{report['suggestions_waiting']} waiting for a decision")
    table.add_row("rows", ", ".join(f"{name} {n:,}" for name, n in report["counts"].items() if n) or "none yet")
    for warning in report["warnings"]:
        table.add_row("settings", warning)
    console.print(table)
