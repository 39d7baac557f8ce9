"""Memory of an account that does nothing: `python -m benchmarks.streams.idle ACCOUNTS ORDERS` prints bytes per account.

Folds accounts with so many earlier orders each into one handler and weighs the process: what the memory store holds,
with all of Python's overhead, without Kafka.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.streams.job import resident_mb
from benchmarks.streams.orders import Line, Workload
from benchmarks.streams.wiring import SLICE, activity_handler, fold
from schemas.topics import ACCOUNTS, ORDERS
from streams.ports import PartitionHandler

ORDERS_EACH = (0, 1, 12)
ROOT = Path(__file__).resolve().parents[2]


def measure(accounts: int) -> dict[int, float]:
    """Bytes of resident memory per account, by orders of each account."""
    return {
        orders: float(
            json.loads(
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.streams.idle", str(accounts), str(orders)],
                    cwd=ROOT, capture_output=True, text=True, check=True, timeout=900,
                ).stdout
            )
        )
        for orders in ORDERS_EACH
    }  # fmt: skip


def weigh(accounts: int, orders: int) -> float:
    """What batches need while they are handled is there before: one of each kind goes through another handler first."""
    _fill(activity_handler(0), SLICE, 1)
    handler = activity_handler(0)
    gc.collect()
    before = resident_mb()
    _fill(handler, accounts, orders)
    gc.collect()
    return (resident_mb() - before) * 2**20 / accounts


def _fill(handler: PartitionHandler, accounts: int, orders: int) -> None:
    """Accounts, and then so many orders of each, a slice at a time."""
    for start in range(0, accounts, SLICE):
        numbers = range(start, min(start + SLICE, accounts))
        for _ in fold(handler, ACCOUNTS.name, _here(Workload(accounts, 0).account(n) for n in numbers), start):
            pass
    for turn in range(orders):
        lines = Workload(accounts, 0, seed=turn).earlier_orders()
        done = 0
        while part := _here(line for line, _ in zip(lines, range(SLICE), strict=False)):
            for _ in fold(handler, ORDERS.name, part, turn * accounts + done):
                pass
            done += len(part)


def _here(lines: Iterable[Line]) -> list[Line]:
    """All of them in the one partition that is weighed."""
    return [Line(0, line.key, line.value) for line in lines]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(weigh(int(sys.argv[1]), int(sys.argv[2]))))
