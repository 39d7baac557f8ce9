"""`terradrift replay`: a company's own files into the running system."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from infra.feeds.publish import publish, wait_until_done
from infra.importers.folder import Import, read_folder
from infra.importers.mapping import load_mapping
from schemas.settings import load_settings
from streams.cli.options import directory_option, json_option
from streams.cli.progress import PublishBar
from streams.system.runtime import Runtime, find, refresh_kpis

SHOWN_REFUSALS = 10
WAIT_SECONDS = 6 * 3600.0


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--mapping", type=click.Path(path_type=Path, dir_okay=False), help="TOML file that explains foreign files."
)
@directory_option
@click.option("--wait", is_flag=True, help="Return when all of it is in ClickHouse.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Leave out events before this day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Leave out events from this day on.")
@click.option("--strict", is_flag=True, help="Exit with status 3 when lines were refused.")
@json_option
def replay(
    folder: Path,
    mapping: Path | None,
    directory: Path,
    wait: bool,
    since: datetime | None,
    until: datetime | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Bring a company's own files in: accounts.csv, reps.csv, assignments.csv, orders.csv, visits.csv,
    market_events.csv, opportunities.csv, targets.csv, surveys.csv (or .csv.gz) in FOLDER; only accounts or orders are
    mandatory.

    Lines that cannot be used are refused one by one and listed; the rest goes on. Doing it twice changes nothing.
    """
    runtime = find(directory)
    found = read(folder, mapping, runtime, since.date() if since else None, until.date() if until else None)
    report = send(found, runtime, wait, quiet=as_json)
    refused = directory / "refused.jsonl"
    _write_refusals(found, refused)
    if as_json:
        click.echo(json.dumps(report, indent=2, default=str))
    else:
        _show(found, report, refused)
    return 3 if strict and report["refused"] else 0


def read(folder: Path, mapping: Path | None, runtime: Runtime, since: date | None, until: date | None) -> Import:
    """Read the folder with the calendar of the running system's settings."""
    settings = load_settings(Path(runtime.config) if runtime.config else None)
    return read_folder(folder, load_mapping(mapping), since=since, until=until, calendar=settings.calendar)


def send(found: Import, runtime: Runtime, wait: bool, quiet: bool) -> dict[str, Any]:
    """Publish what was read; wait for ClickHouse if asked."""
    settings = load_settings(Path(runtime.config) if runtime.config else None)
    total = sum(tally.accepted - tally.repeated for tally in found.tallies.values()) + found.accounts_created
    with PublishBar(total, quiet) as bar:
        options = runtime.kafka_options()
        report = publish(
            found.feed, runtime.kafka, bar.update, lateness_hours=settings.calendar.lateness_hours, options=options
        )
        if wait:
            bar.say("waiting for ClickHouse")
            wait_until_done(
                runtime.kafka,
                is_quiet=lambda: runtime.solves_running() == 0,
                progress=bar.lags,
                deadline=WAIT_SECONDS,
                options=options,
            )
            refresh_kpis(runtime)
    return {
        "published": report.records,
        "by_topic": dict(report.by_topic),
        "seconds": round(report.seconds, 1),
        "read": sum(tally.read for tally in found.tallies.values()),
        "accepted": sum(tally.accepted for tally in found.tallies.values()),
        "refused": sum(tally.refused for tally in found.tallies.values()),
        "repeated": sum(tally.repeated for tally in found.tallies.values()),
        "accounts_created": found.accounts_created,
        "notices": list(found.notices),
        "first_refusals": [str(refusal) for refusal in found.refused[:SHOWN_REFUSALS]],
    }


def _write_refusals(found: Import, path: Path) -> None:
    if found.refused:
        lines = (
            json.dumps({"file": r.file, "line": r.line, "field": r.field, "reason": r.reason, "detail": r.detail, "excerpt": r.excerpt})
            for r in found.refused
        )  # fmt: skip
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _show(found: Import, report: dict[str, Any], refused: Path) -> None:
    for notice in found.notices:
        click.echo(f"note: {notice}")
    for file, tally in found.tallies.items():
        click.echo(f"{file}: {tally.read:,} lines read, {tally.accepted:,} accepted, {tally.refused:,} refused")
    if found.accounts_created:
        click.echo(f"{found.accounts_created:,} accounts occur in events only and were created without a place")
    for text in report["first_refusals"]:
        click.echo(f"refused {text}")
    if report["refused"]:
        click.echo(f"{report['refused']:,} lines refused; the list is in {refused}")
    click.echo(f"{report['published']:,} events published in {report['seconds']} s")
