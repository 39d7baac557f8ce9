"""The yardstick: an aiokafka loop that decodes each order and does nothing with it. `python -m benchmarks.streams.raw JOB RESULT`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.streams.job import CpuWindow, Job, report


async def main(job: Job, result: str) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.bootstrap, group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=1_048_576
    )
    await consumer.start()
    left = {
        TopicPartition(job.topic, p): end
        for p, (start, end) in enumerate(zip(job.start, job.end, strict=True))
        if end > start
    }
    consumer.assign(list(left))
    for place in left:
        consumer.seek(place, job.start[place.partition])
    window, decode, done = CpuWindow(job.events), msgspec.json.decode, 0
    window.begin()
    while left:
        batches = await consumer.getmany(timeout_ms=500)
        if batches:
            window.begin()
        for place, batch in batches.items():
            if place not in left:
                continue
            records = batch if batch[-1].offset < left[place] else [r for r in batch if r.offset < left[place]]
            for record in records:
                decode(record.value)
            done += len(records)
            if batch[-1].offset >= left[place] - 1:
                del left[place]
                consumer.pause(place)
        window.note(done)
    report(result, window.result(done))
    await consumer.stop()


if __name__ == "__main__":
    asyncio.run(main(Job.from_file(Path(sys.argv[1])), sys.argv[2]))
