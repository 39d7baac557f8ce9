"""The early warning against its goals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.models import gaussian, iowa_territories, rossmann
from benchmarks.models.backtest_speed import run_on_iowa
from benchmarks.models.goals import Goal, table

CASES = ("gaussian", "rossmann", "iowa", "backtest")


def measured(cases: tuple[str, ...], data: Path) -> list[Goal]:
    """All rows of the named cases, in order."""
    makers: dict[str, Callable[[], Iterator[Goal]]] = {
        "gaussian": gaussian.rows,
        "rossmann": partial(rossmann.rows, data),
        "iowa": partial(iowa_territories.rows, data),
        "backtest": partial(backtest_rows, data),
    }
    return [row for case in cases for row in makers[case]()]


def measure(data: Path) -> str:
    """All goals as one Markdown table."""
    return table(measured(CASES, data))


def backtest_rows(data: Path) -> Iterator[Goal]:
    """The command on all of Iowa's orders: accounts and zones."""
    run = run_on_iowa("alerts", data / "iowa")
    report = run.report
    what = f"{report['accounts']:,} accounts and their zones, from reading the orders over {report['alerts']:,} alerts to the table of quality"
    yield run.speed(report["account_weeks"], what)
