"""What a measured process is told, and what it reports: small values that travel as JSON files."""

from __future__ import annotations

import json
import os
import resource
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

WARM_SHARE = 0.1
LEAST_SHARE = 0.3
"""A run is short when less than this share of it is left to measure: then all of it counts, from its first batch on."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run: the records [start, end) of each partition of `topic`, read by `group`.

    `events` of them are counted (fewer than there are: the run stops early). `restore_from` names the topic with the
    state of the accounts; `options` belong to single cases.
    """

    bootstrap: str
    log_id: str
    group: str
    topic: str
    start: tuple[int, ...]
    end: tuple[int, ...]
    events: int
    restore_from: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def to_file(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def from_file(cls, path: Path) -> Self:
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**content, "start": tuple(content["start"]), "end": tuple(content["end"])})


class CpuWindow:
    """CPU and wall-clock time of this process between a tenth of the events and the last one."""

    def __init__(self, events: int) -> None:
        self._events = events
        self._first: tuple[float, float, int] | None = None
        self._warm: tuple[float, float, int] | None = None

    def begin(self) -> None:
        """The first events are there."""
        if self._first is None:
            self._first = (time.process_time(), time.monotonic(), 0)

    def note(self, done: int) -> None:
        """So many events are handled."""
        if self._warm is None and done >= WARM_SHARE * self._events:
            self._warm = (time.process_time(), time.monotonic(), done)

    def result(self, done: int) -> dict[str, Any]:
        """Everything is handled and durable: microseconds of CPU per event, events per second of the wall."""
        cpu, wall = time.process_time(), time.monotonic()
        start = self._warm if self._warm and done - self._warm[2] >= LEAST_SHARE * done else self._first
        if start is None:
            raise RuntimeError("nothing was measured")
        events = done - start[2]
        return {
            "events": events,
            "cpu_us": (cpu - start[0]) / events * 1e6,
            "events_per_second": events / (wall - start[1]),
        }


def resident_mb(pid: int | str = "self") -> float:
    """Memory a process holds now, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mb() -> float:
    """The most memory this process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds(pid: int) -> float:
    """CPU time another process has used so far: user and system, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(path: str, result: dict[str, Any]) -> None:
    """Hand the result over, whole or not at all."""
    unfinished = Path(path + ".part")
    unfinished.write_text(json.dumps(result), encoding="utf-8")
    unfinished.replace(path)
