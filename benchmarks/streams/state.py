"""Prepares the changelog of many accounts: `python -m benchmarks.streams.state JOB RESULT` does some of the partitions.

Every account has its master record and one order; the topic holds what the engine would have written of them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.streams.job import Job, report
from benchmarks.streams.orders import Line, Workload
from benchmarks.streams.wiring import StateWriter


async def main(job: Job, result: str) -> None:
    workload = Workload(job.options["accounts"], 0)
    lines: dict[int, list[Line]] = {partition: [] for partition in job.options["partitions"]}
    for line in map(workload.account, range(workload.accounts)):
        if line.partition in lines:
            lines[line.partition].append(line)
    for partition, accounts in lines.items():
        writer = StateWriter(job.bootstrap, job.restore_from, partition)
        await writer.start()
        await writer.accounts(accounts)
        accounts.clear()
        await writer.orders(job.topic, job.start[partition], job.end[partition])
        await writer.stop()
    report(result, {})


if __name__ == "__main__":
    asyncio.run(main(Job.from_file(Path(sys.argv[1])), sys.argv[2]))
