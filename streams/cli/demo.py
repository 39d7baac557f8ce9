"""`terradrift demo`: the demo company through the whole loop."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from threading import Event

import click
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.live import Live

from infra.clickhouse.read import counts, flash_kpis, open_alerts, waiting_suggestions
from infra.clickhouse.stories import all_alerts, all_suggestions, rep_with_most_to_see
from infra.embedded.directory import RunDirectory
from infra.feeds.publish import Progress, publish, wait_until_done
from infra.simulator.company import Company, build
from schemas.errors import TerradriftError
from streams.cli import demo_report
from streams.cli.demo_people import invite, write_settings
from streams.cli.up import stop_on_signals
from streams.system.background import running
from streams.system.findings import match
from streams.system.runtime import Runtime, refresh_kpis
from streams.system.supervisor import Plan

DIRECTORY = Path(".terradrift-demo")
LOOK_EVERY = 10
"""Look at alerts and suggestions with every so many progress reports."""


@click.command()
@click.option("--dir", "directory", type=click.Path(path_type=Path, file_okay=False), default=DIRECTORY, show_default=True,
              help="Directory of the demo; emptied at the start.")  # fmt: skip
@click.option("--kafka", default="embedded", show_default=True, metavar="ADDRESS|local|embedded")
def demo(directory: Path, kafka: str) -> None:
    """Play the demo company: two years of history, then planted shocks, and what Terradrift makes of them.

    With a terminal the system stays up until Ctrl-C, to look around; without one the command ends.
    """
    console = Console(highlight=False)
    stop = stop_on_signals()
    _empty(directory)
    company = build()
    console.print(
        f"[bold]The demo company[/]: {len(company.market):,} accounts around real French towns, 2 regions, "
        f"{len(company.team.ids)} reps, {company.size.weeks} weeks from {company.size.start}"
    )
    with running(
        Plan(directory, kafka, config=write_settings(directory)), lambda text: console.print(text, markup=False), stop
    ) as runtime:
        client = runtime.connect_reader()
        _play(company, runtime, client, console, stop)
        refresh_kpis(runtime)
        findings = match(company.planted(), all_alerts(client))
        demo_report.show(console, findings, all_suggestions(client), flash_kpis(client), counts(client))
        invited = invite(directory, runtime.console_url, rep_with_most_to_see(client)) if runtime.console_url else []
        demo_report.where_next(console, runtime, directory, invited)
        client.close()
        if sys.stdout.isatty():
            console.print("\nThe system stays up. [bold]Ctrl-C[/] stops it.")
            stop.wait()


def _empty(directory: Path) -> None:
    """Begin anew, unless somebody is at home."""
    holder = RunDirectory(directory).holder() if directory.exists() else None
    if holder is not None:
        raise TerradriftError(f"{directory} is held by {holder}; stop that first or name another --dir")
    shutil.rmtree(directory, ignore_errors=True)


def _play(company: Company, runtime: Runtime, client: Client, console: Console, stop: Event) -> None:
    """Publish the company's life with a live view of it."""
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        seen = demo_report.Seen(total=sum(len(each.day) for each in (company.orders, company.visits, company.contacts)))

        def look(progress: Progress) -> None:
            if stop.is_set():
                raise click.Abort
            if seen.looks % LOOK_EVERY == 0:
                seen.alerts, seen.suggestions = len(open_alerts(client)), len(waiting_suggestions(client))
            seen.looks += 1
            seen.progress = progress
            live.update(demo_report.live_view(seen))

        publish(company.feed(), runtime.kafka, look, options=runtime.kafka_options())
        wait_until_done(runtime.kafka, is_quiet=lambda: runtime.solves_running() == 0, options=runtime.kafka_options())
