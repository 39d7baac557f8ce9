"""How many weeks of accounts a backtest command plays in a minute: the command itself on Iowa's orders, from reading to its last word."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from benchmarks.models.goals import Goal
from schemas.errors import TerradriftError
from streams.cli.main import commands

LEAST = 100_000  # account weeks a minute
MAPPING = Path("examples/iowa/mapping.toml")


@dataclass(frozen=True, slots=True)
class Run:
    """`report` is what the command says with --json."""

    name: str
    report: dict[str, Any]
    seconds: float
    cpu: float

    def speed(self, account_weeks: int, what: str) -> Goal:
        minute = 60 * account_weeks / self.seconds
        title = f"`terradrift backtest {self.name}`: account weeks a minute"
        how = f"{self.seconds:.0f} s by the clock, {self.cpu:.0f} s of CPU; {what}"
        return Goal(title, f"{minute:,.0f}", f"≥ {LEAST:,}", minute >= LEAST, how)


def run_on_iowa(name: str, folder: Path, *options: str) -> Run:
    """Raises TerradriftError where the orders are absent or the command fails."""
    orders = folder / "orders_2012_2017.csv.gz"
    if not orders.exists():
        raise TerradriftError(f"{orders} is not there; TERRADRIFT_DATA names the folder of the data")
    with tempfile.TemporaryDirectory() as scratch:
        files = ("--orders", str(orders), "--accounts", str(folder / "stores.csv"), "--mapping", str(MAPPING))
        arguments = ["backtest", name, *files, *options, "--out", f"{scratch}/out.csv", "--json"]
        began, wall = time.process_time(), time.monotonic()
        result = CliRunner().invoke(commands, arguments)
        cpu, seconds = time.process_time() - began, time.monotonic() - wall
    if result.exit_code:
        raise TerradriftError(f"terradrift backtest {name}: {result.exception}: {result.output}")
    return Run(name, json.loads(result.stdout), seconds, cpu)
