"""`terradrift backtest alerts`: what the early warning would have said on a history, and how good it is there."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from infra.importers.mapping import load_mapping
from schemas.settings import Settings
from streams.cli.options import json_option

if TYPE_CHECKING:  # the models bring river, scipy and numba: seconds that no other command should wait for
    from models.company_watch import CompanyWatch
    from models.warned import Warned
    from streams.cli.backtest.alert_causes import Causes, Line
    from streams.cli.backtest.alert_history import History
    from streams.cli.backtest.alert_quality import Quality

COLUMNS = ("scope", "scope_id", "detected_on", "started_on", "direction", "magnitude", "cause_class", "evidence")
DECIDED = ("state", "decided_on")
SUNDAY = 6
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--orders", type=_FILE, required=True, help="orders.csv or .csv.gz: account_id, occurred_at, amount.")
@click.option("--accounts", type=_FILE, help="accounts.csv with territory_id (or rep_id), segment, lat, lon or postal_code.")  # fmt: skip
@click.option("--market-events", type=_FILE, help="market_events.csv: what each is expected to do is said at once, then confirmed or withdrawn.")  # fmt: skip
@click.option("--visits", type=_FILE, help="visits.csv: a drop after visits that were due and not made is an execution gap.")  # fmt: skip
@click.option("--reps", type=_FILE, help="reps.csv: territories of reps who leave or join change in capacity.")
@click.option("--assignments", type=_FILE, help="assignments.csv: whose territory an account was in, from day to day.")
@click.option("--mapping", type=_FILE, help="TOML file that explains foreign files, one table for each as `replay` has them.")  # fmt: skip
@click.option("--false-alarms-per-account-year", "per_year", type=click.FloatRange(min=0.001), default=0.1, show_default=True, help="Budget of every stream watched, drops and rises together.")  # fmt: skip
@click.option("--calibrate-until", type=click.DateTime(["%Y-%m-%d"]), help="Learn thresholds up to this day, then keep them and begin to warn; without it they are renewed all the time.")  # fmt: skip
@click.option("--known-effect", "effects", multiple=True, metavar="COLUMN", help="A column of the orders whose effect is learnt and removed, such as a promotion flag; may be given several times. What is small and large of a number, and which combinations are frequent, is learnt up to --calibrate-until, or from the first 13 weeks, in which nothing that hangs on them is said.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="CSV file to write.")
@json_option
def alerts(
    orders: Path,
    accounts: Path | None,
    market_events: Path | None,
    visits: Path | None,
    reps: Path | None,
    assignments: Path | None,
    mapping: Path | None,
    per_year: float,
    calibrate_until: datetime | None,
    effects: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Watch every account, territory, segment and zone of a history day by day, never looking ahead."""
    from models.company_watch import CompanyWatch
    from streams.cli.backtest.alert_causes import Causes
    from streams.cli.backtest.alert_files import read_told
    from streams.cli.backtest.alert_history import read_history
    from streams.cli.backtest.alert_quality import qualities
    from streams.cli.backtest.quality_streams import streams_of

    began = time.perf_counter()
    names = load_mapping(mapping)
    until = calibrate_until.date().toordinal() if calibrate_until else None
    history = read_history(orders, names.orders, names.timezone, effects, accounts, names.accounts, until)
    beside = {"market_events": market_events, "visits": visits, "reps": reps, "assignments": assignments}
    places = accounts if any(beside.values()) else None
    told = read_told({"accounts": places, **beside}, names, Settings().calendar)
    for notice in told.notices:
        click.echo(notice, err=True)
    watch = CompanyWatch(history.effects, per_year)
    watch.reach(history.account_ids)
    found = _watched(history, watch, Causes(history, told, Settings()), until, quiet=as_json)
    _write(found, out)
    seconds = time.perf_counter() - began
    tested = streams_of(history, watch)
    quality = list(qualities(tested, per_year))
    report = {
        "alerts": len(found),
        "accounts": len(history.account_ids),
        "account_weeks": history.account_weeks,
        "account_weeks_per_minute": round(60 * history.account_weeks / seconds),
        "seconds": round(seconds, 1),
        "refused": history.refused + len(told.refused),
        "quality": [asdict(one) for one in quality],
    }
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report, quality, out)


def _watched(history: History, watch: CompanyWatch, causes: Causes, until: int | None, quiet: bool) -> list[Line]:
    """Every alert after the day on which the thresholds were fixed, if there is one, in the order of the days."""
    from models.warned import confirmed
    from streams.cli.backtest.alert_causes import Line
    from streams.cli.backtest.alert_history import days_of

    week = np.zeros(len(history.account_ids))  # EUR, with what days of returns alone have taken back
    found: list[Warned] = []
    lines: list[Line] = []
    days = int(history.day[-1] - history.day[0]) + 1
    with Progress(console=Console(stderr=True, quiet=quiet), transient=True) as bar:
        task = bar.add_task("watching", total=days)
        for day, where in days_of(history):
            some = where.start + np.flatnonzero(history.count[where] > 0)  # who placed an order
            heard = causes.begin_day(day, watch, history.account[some])
            rows, eur, count = history.account[some], history.eur[some], history.count[some]
            said = causes.judged(watch.close_day(day, rows, eur, history.effect[some], count), watch)
            week[history.account[where]] += history.eur[where]
            if day.weekday() == SUNDAY:
                alarms = watch.close_week(day, causes.begin_week(day, watch), eur=week)
                causes.close_week(day, watch)
                said += causes.judged(alarms, watch)
                week[:] = 0
            if until is None or day.toordinal() > until:
                found += said
                lines += heard
            elif day.toordinal() == until:
                watch.calibrated()
            bar.advance(task)
    last = date.fromordinal(int(history.day[-1]))  # an alarm that would have to stand a day longer is none yet
    told = [Line(one) for one in confirmed(found) if one.detected_on <= last]
    return sorted([*told, *lines], key=lambda line: line.warned.detected_on)


def _write(found: list[Line], out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((*COLUMNS, *DECIDED))
        for line in found:
            one = line.warned
            cells = [getattr(one, name) if name != "magnitude" else f"{one.magnitude:.4f}" for name in COLUMNS]
            writer.writerow([*cells, *(getattr(line, name) or "" for name in DECIDED)])


def _show(report: dict[str, object], quality: list[Quality], out: Path) -> None:
    click.echo(
        f"{report['alerts']:,} alerts on {report['accounts']:,} accounts, {report['account_weeks']:,} account weeks "
        f"in {report['seconds']} s ({report['account_weeks_per_minute']:,} a minute): {out}"
    )
    if report["refused"]:
        click.echo(f"{report['refused']:,} lines refused")
    if not quality:
        click.echo("too little history to measure the quality on it")
        return
    click.echo("\nDrops put into this history's own streams, all methods at the same number of false alarms:")
    click.echo(
        f"{'method':36s} {'drop':>5s} {'<= 4 weeks':>11s} {'<= 8 weeks':>11s} {'median':>8s} {'false a year':>13s}"
    )
    for one in quality:
        median = f"{one.median_weeks:.1f}" if one.median_weeks is not None else "never"
        click.echo(
            f"{one.method:36s} {one.drop:5.0%} {one.within_4_weeks:11.0%} {one.within_8_weeks:11.0%} {median:>8s} "
            f"{one.false_alarms_per_year:13.2f}"
        )
