"""A peer: Quix Streams doing the fold in its RocksDB state. `python -m benchmarks.streams.quix JOB RESULT`, in `.venv-bench`.

With its defaults: JSON in, a checkpoint every 5 s, the changelog on. An account day holds its totals and the ids it has
seen: one read and one write of state an event. Its result comes after the last checkpoint.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from quixstreams import Application, State

from benchmarks.streams.job import CpuWindow, Job, report


def main(job: Job, result: str) -> None:
    app = Application(
        broker_address=job.bootstrap, consumer_group=job.group, auto_offset_reset="earliest",
        state_dir=job.options["state_folder"], loglevel="WARNING", on_message_processed=lambda *_: note(),
    )  # fmt: skip
    window, handled = CpuWindow(job.events), 0
    counts = {"orders": 0, "duplicates": 0, "ticks": 0}

    def note() -> None:
        nonlocal handled
        handled += 1
        window.note(handled)
        if handled == job.events:
            app.stop()

    def fold(order: dict[str, Any], state: State) -> None:
        window.begin()
        counts[apply(order, state)] += 1

    frame = app.dataframe(app.topic(job.topic, key_deserializer="bytes", value_deserializer="json"))
    frame.update(fold, stateful=True)
    app.run()
    report(result, {**window.result(handled), "counts": counts})


def apply(order: dict[str, Any], state: State) -> str:
    """Fold an order into its account day, once. The state belongs to the account: the key of the message."""
    if "account_id" not in order:
        return "ticks"
    key = order["occurred_at"][:10]
    day = state.get(key) or {"cents": 0, "orders": 0, "ids": []}
    if order["event_id"] in day["ids"]:
        return "duplicates"
    day["cents"] += round(float(order["amount"]) * 100)
    day["orders"] += 1
    day["ids"].append(order["event_id"])
    state.set(key, day)
    return "orders"


if __name__ == "__main__":
    main(Job.from_file(Path(sys.argv[1])), sys.argv[2])
