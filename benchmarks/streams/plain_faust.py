"""A peer: a plain Faust agent with a Table doing the fold. `python -m benchmarks.streams.plain_faust JOB RESULT`.

Idiomatic and with Faust's defaults: JSON in, one table write an event, the memory store, its changelog on. An account
day holds its totals and the ids it has seen.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import faust

from benchmarks.streams.job import CpuWindow, Job, report


def main(job: Job, result: str) -> None:
    app = faust.App(
        job.group, broker=f"kafka://{job.bootstrap}", store="memory://", web_enabled=False, topic_disable_leader=True,
        topic_allow_declare=False, consumer_auto_offset_reset="earliest", topic_partitions=len(job.start),
    )  # fmt: skip
    orders = app.topic(job.topic, key_type=bytes, value_serializer="json")
    days: Any = app.Table("days", partitions=len(job.start))
    window, handled = CpuWindow(job.events), 0
    counts = {"orders": 0, "duplicates": 0, "ticks": 0}

    async def fold(stream: Any) -> None:
        nonlocal handled
        async for order in stream:
            window.begin()
            counts[apply(days, order)] += 1
            handled += 1
            window.note(handled)
            if handled == job.events:
                report(result, {**window.result(handled), "counts": counts})
                os._exit(0)

    app.agent(orders)(fold)
    faust.Worker(app, loglevel="WARNING", quiet=True, loop=asyncio.new_event_loop()).execute_from_commandline()


def apply(days: Any, order: dict[str, Any]) -> str:
    """Fold an order into its account day, once."""
    if "account_id" not in order:
        return "ticks"
    key = f"{order['account_id']}|{order['occurred_at'][:10]}"
    day = days.get(key) or {"cents": 0, "orders": 0, "ids": []}
    if order["event_id"] in day["ids"]:
        return "duplicates"
    days[key] = {
        "cents": day["cents"] + round(float(order["amount"]) * 100),
        "orders": day["orders"] + 1,
        "ids": [*day["ids"], order["event_id"]],
    }
    return "orders"


if __name__ == "__main__":
    main(Job.from_file(Path(sys.argv[1])), sys.argv[2])
