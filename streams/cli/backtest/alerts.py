"""`terradrift backtest alerts`: what the early warning would have said on a history, and how good it is there."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.importers.mapping import load_mapping
from schemas.errors import SettingsError
from schemas.settings import load_settings
from streams.cli.backtest.bar import progress_bar
from streams.cli.options import config_option, json_option, place_for

if TYPE_CHECKING:  # the models bring river, scipy and numba: seconds that no other command should wait for
    from streams.cli.backtest.alert_history import History

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--orders", type=_FILE, required=True, help="orders.csv or .csv.gz: account_id, occurred_at, amount.")
@click.option("--accounts", type=_FILE, help="accounts.csv with territory_id (or rep_id), segment, lat, lon or postal_code.")  # fmt: skip
@click.option("--market-events", type=_FILE, help="market_events.csv: what each is expected to do is said at once, then confirmed or withdrawn.")  # fmt: skip
@click.option("--visits", type=_FILE, help="visits.csv: a drop after visits that were due and not made is an execution gap.")  # fmt: skip
@click.option("--reps", type=_FILE, help="reps.csv: territories of reps who leave or join change in capacity.")
@click.option("--assignments", type=_FILE, help="assignments.csv: whose territory an account was in, from day to day.")
@click.option("--mapping", type=_FILE, help="TOML file that explains foreign files, one table for each as `replay` has them.")  # fmt: skip
@click.option("--false-alarms-per-account-year", "per_year", type=click.FloatRange(min=0.001), show_default="alerts.per_account_year of the configuration", help="Budget of every stream watched, drops and rises together.")  # fmt: skip
@click.option("--calibrate-until", type=click.DateTime(["%Y-%m-%d"]), help="Learn thresholds up to this day, then keep them and begin to warn; without it they are renewed all the time.")  # fmt: skip
@click.option("--known-effect", "effects", multiple=True, metavar="COLUMN", help="A column of the orders whose effect is learnt and removed, such as a promotion flag; may be given several times. What is small and large of a number, and which combinations are frequent, is learnt up to --calibrate-until, or from the first 13 weeks, in which nothing that hangs on them is said.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), callback=place_for, required=True, help="CSV file to write.")  # fmt: skip
@config_option
@json_option
def alerts(
    orders: Path,
    accounts: Path | None,
    market_events: Path | None,
    visits: Path | None,
    reps: Path | None,
    assignments: Path | None,
    mapping: Path | None,
    per_year: float | None,
    calibrate_until: datetime | None,
    effects: tuple[str, ...],
    out: Path,
    config: Path | None,
    as_json: bool,
) -> None:
    """Watch every account, territory, segment and zone of a history day by day, never looking ahead.

    OUT holds the alarms of the detectors with their causes, before the running system's book of alerts keeps them pending
    (alerts.confirm_weeks, confirm_days), leaves out small ones (alerts.min_effect_share; below a third of an account's
    weeks), groups and ends them. Nor is there a whole region's stream against its forecast, a check for a feed that stops,
    or a budget that scopes share and people's marks move: here all regions are one, and every account is watched, large or
    not, on a budget of its own.
    """
    began = time.perf_counter()
    from models.company_watch import CompanyWatch
    from streams.cli.backtest.alert_causes import Causes
    from streams.cli.backtest.alert_files import read_told
    from streams.cli.backtest.alert_history import read_history
    from streams.cli.backtest.alert_quality import ROWS, qualities
    from streams.cli.backtest.alert_report import quality_table, show, write
    from streams.cli.backtest.alert_watching import watched
    from streams.cli.backtest.quality_streams import streams_of

    settings = load_settings(config)
    budget = per_year or settings.alerts.per_account_year
    names = load_mapping(mapping)
    until = calibrate_until.date().toordinal() if calibrate_until else None
    with progress_bar(as_json) as bar:
        reading = bar.add_task("orders read", total=None)
        history = read_history(
            orders, names.orders, names.timezone, effects, accounts, names.accounts, until,
            lambda lines: bar.update(reading, completed=lines),
        )  # fmt: skip
        bar.stop_task(reading)
        check_until(history, until)
        beside = {"market_events": market_events, "visits": visits, "reps": reps, "assignments": assignments}
        places = accounts if any(beside.values()) else None
        told = read_told({"accounts": places, **beside}, names, settings.calendar)
        watch = CompanyWatch(history.effects, budget, settings.alerts.silence_factor)
        watch.reach(history.account_ids)
        days = bar.add_task("days watched", total=history.days)
        found = watched(history, watch, Causes(history, told, settings), until, lambda: bar.advance(days))
        write(found, out)
        measuring = bar.add_task("quality measured", total=ROWS)
        tested, quality = streams_of(history, watch), []
        for one in qualities(tested, budget):
            quality.append(one)
            bar.advance(measuring)
    seconds = time.perf_counter() - began
    report = {
        "alerts": len(found),
        "accounts": len(history.account_ids),
        "account_weeks": history.account_weeks,
        "account_weeks_per_minute": round(60 * history.account_weeks / seconds),
        "seconds": round(seconds, 1),
        "refused": history.refused + len(told.refused),
        "quality": [asdict(one) for one in quality],
        "quality_accounts": tested.at_week.size,
        "quality_rhythm": tested.rhythm.name,
    }
    for notice in told.notices:
        click.echo(notice, err=True)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        show(report, quality_table(quality, tested.at_week.size, tested.rhythm.name), out)


def check_until(history: History, until: int | None) -> None:
    """Raises SettingsError for a day that leaves nothing to learn from, or nothing to warn of."""
    if until is None:
        return
    first, last = (date.fromordinal(int(day)) for day in (history.day[0], history.day[-1]))
    if until < first.toordinal():
        raise SettingsError(f"--calibrate-until {date.fromordinal(until)}: the orders begin on {first}")
    if until >= last.toordinal():
        raise SettingsError(f"--calibrate-until {date.fromordinal(until)}: no day is left, the orders end on {last}")
