"""A measured run of the engine: `python -m benchmarks.streams.engine JOB RESULT`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.streams.job import Job
from benchmarks.streams.measured import MeasuredDelivery, Positions
from benchmarks.streams.wiring import CountingMeter, engine_app, waiting_for_regions
from streams.agents import StagesApp, run
from streams.transport.delivery import Delivery


def main(job: Job, result: str) -> int:
    """The activity stage alone, or with the option `whole` all stages."""
    meter = CountingMeter()
    whole = bool(job.options.get("whole"))
    apps: list[StagesApp] = []

    def regions_are_done(committed: Positions) -> bool:
        return not whole or waiting_for_regions(apps[0], committed) == 0

    def measured(inner: Delivery) -> Delivery:
        return MeasuredDelivery(inner, job, result, lambda: meter.counts, regions_are_done)

    app = engine_app(job.bootstrap, job.log_id, job.group, whole, job.restore_from, meter, measured)
    apps.append(app)
    return run(app, "WARNING")


if __name__ == "__main__":
    sys.exit(main(Job.from_file(Path(sys.argv[1])), sys.argv[2]))
