"""The section of RESULTS.md: what was measured, beside its goal."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.streams.latency import Latency, percentile
from benchmarks.streams.region import Closings

Result = dict[str, Any]
NAMES = {
    "raw": "raw aiokafka loop, decodes only",
    "activity": "**Terradrift, activity stage**: checked, deduplicated, folded, facts and region messages written, state durable",
    "engine": "Terradrift, whole engine: also learns, watches and closes weeks (for information)",
    "quix": "Quix Streams, the same fold in RocksDB state",
    "faust": "plain Faust agent with a Table, the same fold",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, its value, its goal ("" for none), whether it is met (None without a goal), and how it was taken."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None
    how: str = ""


def rows_table(rows: list[Row]) -> str:
    """A table with a mark where a goal is missed."""
    lines = ["| what | measured | goal | | how |", "|---|---:|---:|---|---|"]
    for row in rows:
        mark = "" if row.met is None else "met" if row.met else "**missed**"
        lines.append(f"| {row.what} | {row.value} | {row.goal} | {mark} | {row.how} |")
    return "\n".join(lines)


def paths_table(found: dict[str, list[Result]]) -> str:
    """CPU per event of every path, with spread and one-core rate."""
    lines = ["| path | CPU µs/event, median (least to most) | events/s of one core | events/s by the wall | runs | events a run |",
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for case, results in found.items():
        cpu = [r["cpu_us"] for r in results]
        wall = median(r["events_per_second"] for r in results)
        lines.append(
            f"| {NAMES[case]} | {median(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f}) | {1e6 / median(cpu):,.0f} | {wall:,.0f} "
            f"| {len(results)} | {results[0]['events']:,} |"
        )
    return "\n".join(lines)


def ratio_rows(found: dict[str, list[Result]]) -> list[Row]:
    """The goals of the fast path, as far as both sides were measured."""
    rows: list[Row] = []
    ours = found.get("activity")
    for case, text, goal in (("raw", "rate as a share of the raw loop's", 0.5), ("quix", "times the rate of Quix Streams", 2.0),
                             ("faust", "times the rate of a plain Faust agent", 20.0)):  # fmt: skip
        if ours and case in found:
            value = median(theirs["cpu_us"] / mine["cpu_us"] for theirs, mine in zip(found[case], ours, strict=True))
            shown, wanted = (f"{value:.0%}", f"≥ {goal:.0%}") if case == "raw" else (f"{value:.1f}×", f"≥ {goal:.0f}×")
            rows.append(Row(text, shown, wanted, value >= goal, "median of the ratios of each turn, by CPU per event"))
    return rows


def scale_rows(found: dict[int, list[Result]]) -> list[Row]:
    few, many = sorted(found)
    ratio = median(b["cpu_us"] / a["cpu_us"] for a, b in zip(found[few], found[many], strict=True))
    cpu = {n: median(r["cpu_us"] for r in results) for n, results in found.items()}
    return [
        Row(
            f"CPU per event at {many:,} accounts, against {few:,}", f"{ratio:.2f}×", "≤ 1.5×", ratio <= 1.5,
            f"{cpu[many]:.2f} against {cpu[few]:.2f} µs, {len(found[few])} turns of {found[few][0]['events']:,} events",
        ),
        *memory_rows(found[few], found[many], many - few),
    ]  # fmt: skip


def memory_rows(few: list[Result], many: list[Result], accounts: int) -> list[Row]:
    bytes_each = (median(r["resident_mb"] for r in many) - median(r["resident_mb"] for r in few)) * 2**20 / accounts
    return [
        Row(
            "memory of an idle account with one order", f"{bytes_each:,.0f} B", "≤ 1,024 B", bytes_each <= 1_024,
            "resident memory after restoring all, less that with few accounts",
        )
    ]  # fmt: skip


def recovery_rows(accounts: int, results: list[Result]) -> list[Row]:
    seconds = [r["opening_seconds"] for r in results]
    peak = max(r["opening_peak_mb"] for r in results)
    return [
        Row(
            f"recovery of {accounts:,} account states", f"{median(seconds):.1f} s", "≤ 60 s", median(seconds) <= 60,
            f"all 8 partitions in one process, {min(seconds):.1f} to {max(seconds):.1f} s in {len(seconds)} runs; peak memory {peak:,.0f} MB",
        )
    ]  # fmt: skip


def idle_rows(by_orders: dict[int, float], accounts: int) -> list[Row]:
    return [
        Row(
            f"memory of an account with {orders} orders",
            f"{each:,.0f} B",
            how=f"folded in one process, {accounts:,} accounts",
        )
        for orders, each in by_orders.items()
    ]


def sink_rows(found: dict[str, list[Result]]) -> list[Row]:
    rows = []
    for way, results in found.items():
        rate = median(r["rows_per_second"] for r in results)
        cpu, server = median(r["cpu_us"] for r in results), median(r["clickhouse_cpu_us"] for r in results)
        rows.append(
            Row(f"sink: {way}", f"{rate:,.0f} rows/s", "≥ 100,000 rows/s", rate >= 100_000,
                f"CPU a row: {cpu:.1f} µs of the sink, {server:.1f} µs of ClickHouse; {results[0]['rows']:,} rows, {len(results)} runs")
        )  # fmt: skip
    return rows


def latency_rows(found: Latency, per_second: int) -> list[Row]:
    def row(what: str, values: list[float], goal: float | None, how: str) -> Row:
        p50, p99 = percentile(values, 50), percentile(values, 99)
        shown = f"p50 {p50:.2f} s, p99 {p99:.2f} s"
        if goal is None:
            return Row(what, shown, how=how)
        return Row(what, shown, f"p99 ≤ {goal:g} s", p99 <= goal, how)

    rows = [
        row(
            "order published → row queryable",
            found.orders,
            1.0,
            f"{len(found.orders):,} orders at {per_second}/s, whole system",
        ),
        row(
            "closing tick → alert row queryable",
            found.alerts,
            2.0,
            f"{len(found.alerts)} days, each with an account that closes",
        ),
    ]
    if found.weeks:
        rows.append(
            row(
                "closing tick → figures of the closed week of every region",
                found.weeks,
                None,
                f"{len(found.weeks)} Sundays",
            )
        )
    return rows


def region_rows(found: Closings, accounts: int) -> list[Row]:
    rows = []
    for what, values in (("day", found.days), ("week (a Sunday)", found.weeks)):
        rows.append(
            Row(f"one region of {accounts:,} accounts closes a {what}", f"{median(values):.2f} s, at most {max(values):.2f} s",
                "≤ 2 s", max(values) <= 2, f"{len(values)} closings")
        )  # fmt: skip
    if found.with_snapshot:
        rows.append(Row("a batch in which that region also writes its snapshot", f"at most {max(found.with_snapshot):.2f} s",
                        how=f"{len(found.with_snapshot)} snapshots"))  # fmt: skip
    return rows
