"""`terradrift up`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Event

import click

from infra.clickhouse.client import Access
from streams.cli.console.serving import first_link
from streams.cli.options import config_option, directory_option
from streams.system.runtime import Runtime
from streams.system.supervisor import Plan, Supervisor


@click.command()
@directory_option
@click.option(
    "--kafka",
    default="embedded",
    show_default=True,
    metavar="ADDRESS|local|embedded",
    help="embedded: in memory, for trying out. local: a real Apache Kafka on this machine (needs Java 17 and Maven). "
    "Or host:port of your own.",
)
@click.option(
    "--clickhouse",
    metavar="URL",
    help="http(s)://host:port of your own ClickHouse; user and password from TERRADRIFT_CLICKHOUSE_USER and _PASSWORD. "
    "Without it the embedded engine.",
)
@config_option
@click.option("--console/--no-console", default=True, show_default=True, help="Whether to serve the web console too.")
def up(directory: Path, kafka: str, clickhouse: str | None, config: Path | None, console: bool) -> None:
    """Run the whole system on this machine until Ctrl-C."""
    stop = stop_on_signals()
    supervisor = Supervisor(Plan(directory, kafka, _access(clickhouse), config, console, crm=True), click.echo, stop)

    def ready(runtime: Runtime) -> None:
        click.echo(
            f"Ready        directory {directory}\n"
            f"{console_lines(runtime, directory)}"
            f"             SQL in the browser  {runtime.clickhouse_url}/play  "
            f"(user {runtime.reader[0]}; password: terradrift status --json)\n"
            f"             next                terradrift replay FOLDER --dir {directory} --wait\n"
            f"             stop                Ctrl-C"
        )

    supervisor.run(ready)
    click.echo("Stopped.")


def console_lines(runtime: Runtime, directory: Path) -> str:
    """Where the console is, and a way in; nothing without one."""
    if not runtime.console_url:
        return ""
    entry = first_link(directory, runtime.console_url)
    way_in = f"sign in once with    {entry}" if entry else "another way in       terradrift console link --user NAME"
    return f"             console              {runtime.console_url}\n             {way_in}\n"


def stop_on_signals() -> Event:
    """An event that Ctrl-C and SIGTERM set. A second Ctrl-C interrupts whatever is going on."""
    stop = Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if number == signal.SIGINT:
            click.echo("\nStopping ... (Ctrl-C again to stop at once)", err=True)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def _access(url: str | None) -> Access | None:
    if url is None:
        return None
    environment = os.environ
    return Access(
        url,
        environment.get("TERRADRIFT_CLICKHOUSE_USER", "default"),
        environment.get("TERRADRIFT_CLICKHOUSE_PASSWORD", ""),
    )
