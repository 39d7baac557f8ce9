"""`terradrift backtest potential`: account potential on a company's own history."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import click
import numpy as np

from infra.importers.mapping import load_mapping
from models.history import Floats
from models.potential import PotentialModel
from models.reasons import STRONGEST
from models.simple import SimpleForecasts
from models.week_outcome import WeekOutcome
from schemas.errors import SettingsError
from schemas.settings import Settings, load_settings
from streams.cli.backtest.bar import progress_bar
from streams.cli.backtest.orders import Panel, read_panel
from streams.cli.backtest.quality import Score, table
from streams.cli.options import config_option, json_option
from streams.handlers.region.reasoning import reason_lines

HORIZONS = (4, 13, 52)
YEAR_BEHIND = 52  # weeks of history an account needs for a row
COLUMNS = ("account_id", "origin", "horizon_weeks", "estimate", "low80", "high80", "actual", "model_version")
REASON_COLUMNS = ("base", *(f"reason{k}{part}" for k in range(1, STRONGEST + 1) for part in ("_code", "_eur", "")))
_SHOWN_REFUSALS = 10


class Horizons(click.ParamType):
    name = "weeks"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            weeks = tuple(sorted({int(part) for part in value.split(",")}))
        except ValueError:
            self.fail(f"{value!r}: weeks separated by commas, as 4,13", param, ctx)
        if not set(weeks) <= set(HORIZONS):
            self.fail(f"{value!r}: the model knows 4, 13 and 52 weeks", param, ctx)
        return weeks


@click.command()
@click.option("--orders", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True, help="CSV or CSV.gz of orders.")  # fmt: skip
@click.option("--accounts", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="CSV of accounts: names and places help with new accounts.")  # fmt: skip
@click.option("--mapping", type=click.Path(path_type=Path, dir_okay=False), help="TOML file that explains foreign files.")  # fmt: skip
@click.option("--horizons", type=Horizons(), default="4,13", show_default=True, help="Weeks ahead: of 4, 13 and 52.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First origin; all before it is only learnt from.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="CSV to write.")
@click.option("--reasons", is_flag=True, help="Also the base of each estimate and its three strongest reasons, in EUR and words.")  # fmt: skip
@config_option
@json_option
def potential(
    orders: Path,
    accounts: Path | None,
    mapping: Path | None,
    horizons: tuple[int, ...],
    start: datetime,
    out: Path,
    reasons: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """Predict every account's revenue at the end of each week, as the running system would have, and compare.

    OUT gets a row per account, week and horizon, from a year after the account's first order on: origin is the last
    known day (a Sunday), actual is empty where the history ends too early.
    """
    began = time.monotonic()
    settings = load_settings(config)
    settings = settings.model_copy(
        update={"potential": settings.potential.model_copy(update={"interval": 0.8, "horizon_weeks": 52})}
    )
    with progress_bar(as_json) as bar:
        reading = bar.add_task("orders read", total=None)
        panel = read_panel(
            orders, accounts, load_mapping(mapping), settings.calendar, lambda n: bar.update(reading, completed=n)
        )
        bar.stop_task(reading)
        _check(panel, start.date())
        weeks = bar.add_task("weeks", total=len(panel.revenue))
        try:
            with out.open("w", newline="", encoding="utf-8") as file:
                walk = _Walk(panel, horizons, start.date(), file, reasons)
                walk.run(settings, lambda: bar.advance(weeks))
        except OSError as error:
            raise SettingsError(f"{out}: {error.strerror}") from None
    seconds = time.monotonic() - began
    reports = [score.report() for score in walk.scores.values()]
    if as_json:
        summary = {
            "accounts": len(panel.account_ids), "weeks": len(panel.revenue), "rows": walk.rows, "horizons": reports,
            "refused": panel.refused_count, "first_refusals": [str(one) for one in panel.refused[:_SHOWN_REFUSALS]],
            "notices": list(panel.notices), "model_version": PotentialModel.version, "out": str(out),
            "seconds": round(seconds, 1),
        }  # fmt: skip
        click.echo(json.dumps(summary, indent=2))
        return
    _show(panel, walk.rows, seconds, out)
    click.echo(table(reports))


class _Walk:
    """The model of the stream over the weeks of a panel, each prediction written and kept until it can be judged."""

    def __init__(self, panel: Panel, horizons: tuple[int, ...], start: date, out: TextIO, reasons: bool) -> None:
        self._reasons = reasons
        self._panel = panel
        self._horizons = horizons
        self._start = start
        self._writer = csv.writer(out, lineterminator="\n")
        self._summed = np.concatenate([np.zeros((1, len(panel.account_ids))), np.cumsum(panel.revenue, axis=0)])
        self.scores = {h: Score(h) for h in horizons}
        self.rows = 0

    def run(self, settings: Settings, week_done: Callable[[], None]) -> None:
        panel = self._panel
        model, simple = PotentialModel(settings.potential), SimpleForecasts(len(panel.account_ids))
        for traits in panel.traits:
            model.add(traits)
        active = np.ones(len(panel.account_ids), bool)
        self._writer.writerow((*COLUMNS, *REASON_COLUMNS) if self._reasons else COLUMNS)
        for week, revenue in enumerate(panel.revenue):
            outcome = model.close_week(panel.first_monday + timedelta(weeks=week), revenue, active)
            simple.close_week(revenue)
            sunday = panel.first_monday + timedelta(weeks=week, days=6)
            if sunday >= self._start:
                self._predicted(week, sunday, outcome, simple)
            week_done()

    def _predicted(self, week: int, sunday: date, outcome: WeekOutcome, simple: SimpleForecasts) -> None:
        chosen = outcome.observed_weeks >= YEAR_BEHIND
        rows = np.flatnonzero(chosen)
        for horizon in self._horizons:
            estimate, (low, high) = _of_horizon(outcome, horizon)
            actual = self._actual(week, horizon)
            if actual is not None:
                self.scores[horizon].add(chosen, actual, estimate, low, high, simple.forecasts(horizon))
            why = _reasons(outcome, rows, sunday, horizon) if self._reasons else [()] * rows.size
            self._write(rows, sunday, horizon, (estimate, low, high), actual, why)

    def _write(
        self,
        rows: np.ndarray[Any, np.dtype[np.intp]],
        sunday: date,
        horizon: int,
        said: tuple[Floats, ...],
        actual: Floats | None,
        why: Sequence[tuple[object, ...]],
    ) -> None:
        ids, origin, version = self._panel.account_ids, sunday.isoformat(), PotentialModel.version
        columns = [np.round(one[rows], 2).tolist() for one in said]
        came = [""] * rows.size if actual is None else np.round(actual[rows], 2).tolist()
        lines = zip(rows.tolist(), why, *columns, came, strict=True)
        self._writer.writerows((ids[row], origin, horizon, *values, version, *more) for row, more, *values in lines)
        self.rows += rows.size

    def _actual(self, week: int, horizon: int) -> Floats | None:
        """(n,) revenue of the `horizon` weeks after `week`; None where the history ends before."""
        if week + horizon >= len(self._panel.revenue):
            return None
        return np.asarray(self._summed[week + horizon + 1] - self._summed[week + 1])


def _of_horizon(outcome: WeekOutcome, horizon: int) -> tuple[Floats, tuple[Floats, Floats]]:
    return {
        4: (outcome.estimate_4w, outcome.bounds_4w),
        13: (outcome.estimate_13w, outcome.bounds_13w),
        52: (outcome.estimate_52w, outcome.bounds_52w),
    }[horizon]


def _reasons(
    outcome: WeekOutcome, rows: np.ndarray[Any, np.dtype[np.intp]], sunday: date, horizon: int
) -> list[tuple[object, ...]]:
    """For each row: base, then code, EUR and words of the three strongest reasons, empty where there are fewer."""
    estimate = {4: "next_4w", 13: "next_13w", 52: "potential"}[horizon]
    bases = np.round(outcome.reasons.base[rows] * horizon / 52, 2).tolist()
    told = []
    for base, lines in zip(bases, reason_lines(outcome, rows, sunday), strict=True):
        cells = [cell for line in lines if line.estimate == estimate for cell in (line.code, line.eur, line.words)]
        told.append((base, *cells, *[""] * (3 * STRONGEST - len(cells))))
    return told


def _check(panel: Panel, start: date) -> None:
    last = panel.first_monday + timedelta(weeks=len(panel.revenue), days=-1)
    if start > last:
        raise SettingsError(f"--from {start}: the orders end with the week up to {last}")


def _show(panel: Panel, rows: int, seconds: float, out: Path) -> None:
    for notice in panel.notices:
        click.echo(f"note: {notice}")
    for refusal in panel.refused[:_SHOWN_REFUSALS]:
        click.echo(f"refused {refusal}")
    if panel.refused_count:
        click.echo(f"{panel.refused_count:,} lines refused")
    account_weeks = panel.revenue.size
    click.echo(f"{len(panel.account_ids):,} accounts, {len(panel.revenue)} weeks; {rows:,} predictions in {out}")
    click.echo(f"{seconds:.1f} s: {account_weeks / seconds * 60:,.0f} account-weeks a minute")
