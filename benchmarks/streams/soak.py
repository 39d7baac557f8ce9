"""Half an hour at half the maximum rate: is memory flat, is lag bounded? `python -m benchmarks.streams.soak --minutes 30`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.results import conditions, write_section
from benchmarks.streams.company import day_orders, roster
from benchmarks.streams.job import resident_mb
from benchmarks.streams.latency import whole_system
from benchmarks.streams.progress import say
from infra.embedded.kafka_jars import kafka_version
from infra.feeds.lag import LagMeter, total
from infra.feeds.outbox import Outbox
from infra.feeds.publish import publish, wait_until_done
from infra.feeds.record import Feed, FeedRecord
from schemas.errors import TerradriftError
from streams.system.runtime import Runtime

BURST_EVENTS = 60_000
SAMPLE_SECONDS = 5.0
SETTLING_SHARE = 0.2
"""The first part of the run, in which caches and pools fill, is left out of the slope."""
PARTS = {
    "streams.cli worker": "worker",
    "streams.cli sink": "sink",
    "infra.embedded.clickhouse": "ClickHouse",
    "kafka.Kafka": "Kafka",
}


@dataclass(slots=True)
class Soak:
    """What was sampled: seconds since the start, MB by part, records not yet consumed; and orders published."""

    rate: float
    seconds: list[float] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)
    lags: list[int] = field(default_factory=list)
    orders: int = 0


def soak(folder: Path, minutes: float, rate: float = 0.0) -> Soak:
    """Find the maximum rate with a burst (unless `rate`, orders a second, is given), then keep half of it up."""
    today = datetime.now(UTC).date()
    first = today - timedelta(days=1_900)
    with whole_system(folder) as runtime:
        publish(Feed(roster(first), ()), runtime.kafka)
        wait_until_done(runtime.kafka, deadline=300)
        per_day = 1_000
        if not rate:
            say(f"soak: a burst of {BURST_EVENTS} orders to find the maximum rate")
            maximum = _burst(runtime, first, per_day)
            first += timedelta(days=BURST_EVENTS // per_day + 1)
            rate = maximum / 2
            say(f"soak: {maximum:,.0f} orders/s at most; {rate:,.0f} orders/s for {minutes:g} minutes")
        days = (today - first).days - 3
        per_day = max(100, round(rate * minutes * 60 / days))  # the calendar moves on, and ends before today
        return _steady(runtime, Soak(rate), minutes, _orders_from(first, per_day, days), rate)


def _burst(runtime: Runtime, first: date, per_day: int) -> float:
    """Orders a second, from the first publication until everything is in ClickHouse."""
    events = [
        record for n in range(BURST_EVENTS // per_day) for record in day_orders(first + timedelta(days=n), per_day)
    ]
    started = time.monotonic()
    publish(Feed((), events), runtime.kafka, window=10 * BURST_EVENTS)
    wait_until_done(runtime.kafka, deadline=1_800)
    return len(events) / (time.monotonic() - started)


def _orders_from(first: date, per_day: int, days: int) -> Iterator[list[FeedRecord]]:
    for number in range(days):
        yield list(day_orders(first + timedelta(days=number), per_day))


def _steady(runtime: Runtime, found: Soak, minutes: float, days: Iterator[list[FeedRecord]], rate: float) -> Soak:
    """Publish day after day at the rate; a sample every SAMPLE_SECONDS."""
    pids = {name: pid for pid, name in _parts()}
    began = time.monotonic()
    next_sample = began
    with LagMeter(runtime.kafka) as meter, Outbox(runtime.kafka) as outbox:
        for day in days:
            for start in range(0, len(day), 100):
                for record in day[start : start + 100]:
                    outbox.send(record)
                found.orders += len(day[start : start + 100])
                ahead = began + found.orders / rate - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)
                if time.monotonic() >= next_sample:
                    next_sample += SAMPLE_SECONDS
                    _sample(found, meter, pids, time.monotonic() - began)
                if time.monotonic() - began >= 60 * minutes:
                    outbox.flush()
                    return found
            outbox.tick(day[-1].at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))
            outbox.flush()
    return found


def _sample(found: Soak, meter: LagMeter, pids: dict[str, int], seconds: float) -> None:
    found.seconds.append(seconds)
    found.lags.append(total(meter.read()))
    for name, pid in pids.items():
        try:
            found.memory.setdefault(name, []).append(resident_mb(pid))
        except OSError:
            raise TerradriftError(f"the {name} ended after {seconds:.0f} s") from None
    if len(found.seconds) % 12 == 1:
        state = ", ".join(f"{name} {values[-1]:.0f} MB" for name, values in found.memory.items())
        say(f"soak: {seconds / 60:.1f} min, lag {found.lags[-1]}, {state}")


def _parts() -> Iterator[tuple[int, str]]:
    """Process ids of the running system's parts, which are our children."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        name = next((name for words, name in PARTS.items() if words in command), None)
        if name is not None and parent == os.getpid():
            yield int(process.name), name


def slope(seconds: list[float], values: list[float]) -> tuple[float, float]:
    """Least squares over the settled part: change an hour and its standard error. Both NaN with fewer than four samples.

    Samples that follow each other are alike, so the error is taken of the means of up to 20 blocks, not of the samples.
    """
    start = int(SETTLING_SHARE * len(seconds))
    hours, held = np.asarray(seconds[start:]) / 3600, np.asarray(values[start:])
    blocks = min(20, len(hours))
    if blocks < 4:
        return float("nan"), float("nan")
    x = np.array([part.mean() for part in np.array_split(hours, blocks)])
    y = np.array([part.mean() for part in np.array_split(held, blocks)])
    spread = x - x.mean()
    rise = float(spread @ y / (spread @ spread))
    residual = y - y.mean() - rise * spread
    return rise, float(np.sqrt(residual @ residual / (blocks - 2) / (spread @ spread)))


def paragraph(found: Soak) -> str:
    """The section of RESULTS.md."""
    settled = found.lags[int(SETTLING_SHARE * len(found.lags)) :]
    head = conditions("terradrift", "faust-streaming", "aiokafka", "chdb-core") + f" Apache Kafka {kafka_version()}."
    story = (
        f"`terradrift up --kafka local`, {found.seconds[-1] / 60:.0f} minutes at {found.rate:,.0f} orders/s asked for and "
        f"{found.orders / found.seconds[-1]:,.0f} kept ({found.orders:,} orders of 1,000 accounts, the calendar moving on, days and "
        f"weeks closing). Records not yet in ClickHouse: median {median(settled):,.0f}, most {max(settled):,}, last {found.lags[-1]:,}. "
        f"Slopes leave out the first {SETTLING_SHARE:.0%}."
    )
    table = [
        "| process | at the start, MB | at the end, MB | slope, MB/hour ± standard error | bytes an order |",
        "|---|---:|---:|---:|---:|",
    ]
    an_hour = found.orders / found.seconds[-1] * 3600
    for name, values in found.memory.items():
        rise, error = slope(found.seconds, values)
        table.append(
            f"| {name} | {values[0]:.0f} | {values[-1]:.0f} | {rise:+.1f} ± {error:.1f} | {rise * 2**20 / an_hour:+.1f} |"
        )
    tail = "The worker remembers the id of every order (docs/decisions/0008-ids-remembered-for-ever.md): that much it must grow."
    return "\n".join([head, "", story, "", *table, "", tail])


def main() -> int:
    parser = argparse.ArgumentParser(description="A long run at half the maximum rate.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="orders a second; without it half of what a burst shows"
    )
    parser.add_argument("--write", action="store_true", help="put the paragraph into RESULTS.md")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the system and its folder go with us
    with tempfile.TemporaryDirectory(prefix="terradrift-soak-") as folder:
        text = paragraph(soak(Path(folder), arguments.minutes, arguments.rate))
    if arguments.write:
        write_section("soak", text)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
