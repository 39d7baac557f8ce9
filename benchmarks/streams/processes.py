"""Measured runs in processes of their own: a job in, a result out, a sentence when it did not come."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.streams.job import Job
from infra.embedded.child import Child, StartError
from schemas.errors import TerradriftError

POLL_SECONDS = 0.1
RUN_SECONDS = 900.0


def run(module: str, job: Job, folder: Path, python: str = sys.executable) -> dict[str, Any]:
    """Run `benchmarks.streams.MODULE` on a job and return its result. Raises TerradriftError with the end of its log."""
    child, result = start(module, job, folder, python)
    return finish(child, result)


def start(module: str, job: Job, folder: Path, python: str = sys.executable) -> tuple[Child, Path]:
    """Start a run; the result will be in the file."""
    name = f"{module}-{job.group}"
    job_file, result = folder / f"{name}.job.json", folder / f"{name}.result.json"
    result.unlink(missing_ok=True)
    job.to_file(job_file)
    command = (python, "-m", f"benchmarks.streams.{module}", str(job_file), str(result))
    child = Child(name, command, folder / "logs" / f"{name}.log", folder=folder)
    child.spawn()
    return child, result


def finish(child: Child, result: Path, seconds: float = RUN_SECONDS) -> dict[str, Any]:
    """Wait for the result, then end the process."""
    deadline = time.monotonic() + seconds
    try:
        while not result.exists():
            if not child.alive() and not result.exists():
                raise StartError(f"{child.name} ended with code {child.exit_code}:\n{child.last_lines(25)}")
            if time.monotonic() > deadline:
                raise TerradriftError(f"{child.name} brought no result in {seconds:.0f} s:\n{child.last_lines(25)}")
            time.sleep(POLL_SECONDS)
    finally:
        child.stop(seconds=10)
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found
