"""Rows a second into the embedded ClickHouse: the sink's writer in large batches, and the sink as it runs.

`python -m benchmarks.streams.sink JOB RESULT` is one run of the sink process.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.streams.job import Job, cpu_seconds
from benchmarks.streams.measured import MeasuredDelivery
from benchmarks.streams.node import Node
from benchmarks.streams.orders import Line, Workload
from benchmarks.streams.processes import finish, start
from benchmarks.streams.progress import say
from benchmarks.streams.wiring import CountingMeter, sink_app, sink_ranges, write_facts
from infra.clickhouse.client import Access
from infra.clickhouse.migrate import migrate
from infra.clickhouse.sink import Sink
from infra.embedded.clickhouse import ClickHouseServer
from schemas.errors import TerradriftError
from schemas.topics import ACTIVITY_PARTITIONS, FACTS, ORDERS
from streams.agents import run as run_app
from streams.transport.delivery import Delivery

BATCH_ROWS = (10_000, 20_000, 50_000)
Result = dict[str, Any]


@contextmanager
def database(folder: Path) -> Iterator[tuple[ClickHouseServer, Access]]:
    """An embedded ClickHouse with Terradrift's tables."""
    server = ClickHouseServer(folder)
    address = server.start()
    try:
        access = Access(address.url, address.owner.user, address.owner.password)
        migrate(access)
        yield server, access
    finally:
        server.stop()


def measure(node: Node, folder: Path, rows: int, runs: int) -> dict[str, list[Result]]:
    """Results by way of writing: `batches of N rows`, and `sink process`."""
    say(f"sink: preparing {rows} orders")
    node.renew()
    told = write_orders_as_facts(node, rows)
    facts = asyncio.run(read_back(node))
    found: dict[str, list[Result]] = {}
    with database(folder) as (server, access):
        for turn in range(runs):
            for size in BATCH_ROWS:
                written = in_batches(access, server.pid or 0, facts, size, f"bench-{turn}-{size}")
                _check(written["rows"], told)
                found.setdefault(f"batches of {size:,} rows", []).append(written)
            result = sink_process(node, access, server.pid or 0, folder, told, turn)
            found.setdefault("sink process, from Kafka", []).append(result)
            say(
                f"sink {turn + 1}/{runs}: "
                + ", ".join(f"{name} {r[-1]['rows_per_second']:,.0f}/s" for name, r in found.items())
            )
    return found


def write_orders_as_facts(node: Node, rows: int) -> int:
    """Orders folded into the facts topic; the rows it holds then."""
    lines: list[Line] = list(Workload(1_000, rows).lines())
    return sum(asyncio.run(write_facts(node.bootstrap, lines, ORDERS.name)).values())


async def read_back(node: Node) -> dict[int, list[Any]]:
    """The consumed records of every partition of the facts."""
    consumer = AIOKafkaConsumer(bootstrap_servers=node.bootstrap, group_id=None)
    await consumer.start()
    try:
        places = [TopicPartition(FACTS.name, partition) for partition in range(ACTIVITY_PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: dict[int, list[Any]] = {place.partition: [] for place in places}
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, batch in (await consumer.getmany(timeout_ms=500)).items():
                found[place.partition] += batch
        return found
    finally:
        await consumer.stop()


def in_batches(access: Access, server_pid: int, facts: dict[int, list[Any]], rows: int, log_id: str) -> Result:
    """Write all partitions, about so many rows a range, a range of each partition at once; cutting and writing are timed."""
    sink = Sink(access, log_id)
    written = 0
    wall, cpu, server = time.monotonic(), time.process_time(), cpu_seconds(server_pid)
    for partition in facts:
        sink.resume(FACTS.name, partition, 0)
    lanes = [sink_ranges(partition, raw, rows) for partition, raw in facts.items()]
    for ranges in itertools.zip_longest(*lanes):
        written += sink.write([one for one in ranges if one is not None])
    seconds = time.monotonic() - wall
    sink.close()
    return _result(written, seconds, time.process_time() - cpu, cpu_seconds(server_pid) - server)


def sink_process(node: Node, access: Access, server_pid: int, folder: Path, rows: int, turn: int) -> Result:
    """The sink in a process of its own, from its first batch to the commit of the last."""
    ends = node.ends(FACTS.name)
    job = Job(node.bootstrap, f"bench-process-{turn}", f"bench-sink-{turn}", FACTS.name, (0,) * len(ends), ends, sum(ends),
              options={"clickhouse": [access.url, access.user, access.password]})  # fmt: skip
    server = cpu_seconds(server_pid)
    child, result = start("sink", job, folder)
    found = finish(child, result)
    written = sum(n for name, n in found["counts"].items() if name.startswith("rows|"))
    _check(written, rows)
    share = found["events"] / sum(ends)
    seconds = found["events"] / found["events_per_second"]
    return _result(
        round(rows * share),
        seconds,
        found["cpu_us"] * found["events"] / 1e6,
        (cpu_seconds(server_pid) - server) * share,
    )


def _result(rows: int, seconds: float, cpu: float, server_cpu: float) -> Result:
    return {
        "rows": rows,
        "rows_per_second": rows / seconds,
        "cpu_us": cpu / rows * 1e6,
        "clickhouse_cpu_us": server_cpu / rows * 1e6,
    }


def _check(written: int, rows: int) -> None:
    if written != rows:
        raise TerradriftError(f"the sink wrote {written} rows of {rows}")


def main(job: Job, result: str) -> int:
    meter = CountingMeter()

    def measured(inner: Delivery) -> Delivery:
        return MeasuredDelivery(inner, job, result, lambda: meter.counts)

    access = Access(*job.options["clickhouse"])
    return run_app(sink_app(job.bootstrap, job.log_id, job.group, access, meter, measured), "WARNING")


if __name__ == "__main__":
    sys.exit(main(Job.from_file(Path(sys.argv[1])), sys.argv[2]))
