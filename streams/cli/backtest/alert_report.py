"""The output of `terradrift backtest alerts`: alerts as a file, and what people read of its quality."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import click

from schemas.errors import SettingsError
from streams.cli.backtest.alert_causes import Line
from streams.cli.backtest.alert_quality import Quality

COLUMNS = ("scope", "scope_id", "detected_on", "started_on", "direction", "magnitude", "cause_class", "evidence")
DECIDED = ("state", "decided_on")


def write(found: Sequence[Line], out: Path) -> None:
    """Raises SettingsError when the disk does not take it."""
    try:
        with out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow((*COLUMNS, *DECIDED))
            for line in found:
                one = line.warned
                cells = [getattr(one, name) if name != "magnitude" else f"{one.magnitude:.4f}" for name in COLUMNS]
                writer.writerow([*cells, *(getattr(line, name) or "" for name in DECIDED)])
    except OSError as error:
        raise SettingsError(f"{out}: {error.strerror}") from None


def quality_table(quality: Sequence[Quality], accounts: int, rhythm: str) -> str:
    """For people: how soon drops are found, Terradrift first."""
    if not quality:
        return "fewer than ten accounts have ordered regularly for long enough to measure the quality on them"
    streams = f"this history's own streams ({accounts} accounts, {rhythm})"
    lines = [
        f"\nDrops put into {streams}, all methods at the same number of false alarms:",
        f"{'method':36s} {'drop':>5s} {'<= 4 weeks':>11s} {'<= 8 weeks':>11s} {'median':>8s} {'false a year':>13s}",
    ]
    for one in quality:
        median = f"{one.median_weeks:.1f}" if one.median_weeks is not None else "never"
        lines.append(
            f"{one.method:36s} {one.drop:5.0%} {one.within_4_weeks:11.0%} {one.within_8_weeks:11.0%} {median:>8s} "
            f"{one.false_alarms_per_year:13.2f}"
        )
    return "\n".join(lines)


def show(report: dict[str, object], table: str, out: Path) -> None:
    click.echo(f"{report['alerts']:,} alerts on {report['accounts']:,} accounts: {out}")
    if report["refused"]:
        click.echo(f"{report['refused']:,} lines refused")
    click.echo(table)
    click.echo(
        f"{report['seconds']} s from reading to the table: {report['account_weeks']:,} account weeks, "
        f"{report['account_weeks_per_minute']:,} a minute"
    )
