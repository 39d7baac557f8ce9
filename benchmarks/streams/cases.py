"""The cases, and in which order they share nodes and preparations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.streams import idle, latency, region, sink, table
from benchmarks.streams.latency import Latency
from benchmarks.streams.node import Node, running_node
from benchmarks.streams.progress import say
from benchmarks.streams.region import Closings
from benchmarks.streams.throughput import Result, in_turns, one_run, prepare, scales

PATHS = ("raw", "activity", "engine", "quix", "faust")
CASES = (*PATHS, "accounts", "recovery", "idle", "sink", "latency", "region")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. Times are seconds, scales are counts."""

    runs: int = 5
    events: int = 1_500_000
    accounts: int = 1_000
    many_accounts: int = 1_000_000
    idle_accounts: int = 50_000
    sink_rows: int = 400_000
    latency_seconds: float = 30.0
    closing_days: int = 21
    region_accounts: int = 20_000
    region_weeks: int = 4

    @classmethod
    def of(cls, runs: int | None, events: int | None, accounts: int | None, many: int | None) -> Self:
        """The defaults, but for what is given; fewer runs or events also make the other cases smaller."""
        whole = cls()
        runs, events, many = runs or whole.runs, events or whole.events, many or whole.many_accounts
        share = min(1.0, events / whole.events)
        return cls(
            runs=runs,
            events=events,
            accounts=accounts or whole.accounts,
            many_accounts=many,
            idle_accounts=max(1_000, round(share * whole.idle_accounts)),
            sink_rows=max(1_000, round(share * whole.sink_rows)),
            latency_seconds=max(2.0, share * whole.latency_seconds),
            closing_days=max(7, round(share * whole.closing_days)),
            region_accounts=max(200, round(share * whole.region_accounts)),
            region_weeks=max(1, round(share * whole.region_weeks)),
        )


@dataclass(slots=True)
class Measured:
    """Every single result, by case."""

    size: Size
    paths: dict[str, list[Result]] = field(default_factory=dict)
    scales: dict[int, list[Result]] = field(default_factory=dict)
    recovery: list[Result] = field(default_factory=list)
    idle: dict[int, float] = field(default_factory=dict)
    sink: dict[str, list[Result]] = field(default_factory=dict)
    latency: Latency | None = None
    region: Closings | None = None

    def tables(self) -> str:
        rows: list[table.Row] = []
        if self.paths:
            rows += table.ratio_rows(self.paths)
        if self.scales:
            rows += table.scale_rows(self.scales)
        if self.idle:
            rows += table.idle_rows(self.idle, self.size.idle_accounts)
        if self.recovery:
            rows += table.recovery_rows(self.size.many_accounts, self.recovery)
        if self.sink:
            rows += table.sink_rows(self.sink)
        if self.latency:
            rows += table.latency_rows(self.latency, latency.PER_SECOND)
        if self.region:
            rows += table.region_rows(self.region, self.size.region_accounts)
        parts = [table.paths_table(self.paths)] if self.paths else []
        return "\n\n".join([*parts, table.rows_table(rows)] if rows else parts)


def measure(cases: list[str], folder: Path, size: Size) -> Measured:
    """Measure the cases named, each kind on a node of its own that is thrown away after it."""
    found = Measured(size)
    paths = [case for case in PATHS if case in cases]
    if paths:
        with _node(folder, "paths") as node:
            prepared = prepare(node, folder, size.accounts, size.events)
            found.paths = in_turns(paths, size.runs, node, folder, prepared)
    if {"accounts", "recovery"} & set(cases):
        _many_accounts(cases, folder, size, found)
    if "idle" in cases:
        say("idle accounts")
        found.idle = idle.measure(size.idle_accounts)
    if "sink" in cases:
        with _node(folder, "sink") as node:
            found.sink = sink.measure(node, folder / "sink", size.sink_rows, size.runs)
    if "latency" in cases:
        found.latency = latency.measure(folder / "latency", size.latency_seconds, size.closing_days)
    if "region" in cases:
        found.region = region.measure(size.region_accounts, size.region_weeks)
    return found


def _many_accounts(cases: list[str], folder: Path, size: Size, found: Measured) -> None:
    """Few and many accounts in turns on one node; each run with many recovers them first. Or the recovery alone."""
    with _node(folder, "accounts") as node:
        say(f"preparing the states of {size.many_accounts:,} accounts")
        many = prepare(node, folder, size.many_accounts, size.events)
        if "accounts" in cases:
            few = prepare(node, folder, size.accounts, size.events)
            found.scales = scales(size.runs, node, folder, few, many)
            found.recovery = found.scales[size.many_accounts] if "recovery" in cases else []
            return
        for turn in range(size.runs):
            found.recovery.append(one_run("activity", node, folder, many, only_open=True))
            say(f"recovery {turn + 1}/{size.runs}: {found.recovery[-1]['opening_seconds']:.1f} s")


@contextmanager
def _node(folder: Path, name: str) -> Iterator[Node]:
    """A node with the ticks of the visit reports in place; its log is thrown away at the end."""
    with running_node(folder / name) as node:
        node.load_clock()
        yield node
    shutil.rmtree(folder / name)
