"""The watchdog: a thread of its own, because what it watches for may hold the event loop.

It ends the process as kill -9 would: whatever is not committed, Kafka gives again. What it cannot see is native code that
never lets go of the interpreter; such a process does not answer on its metrics port either.
"""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping
from threading import Event, Thread

from streams.transport.progress import LOOP, Excuses, Place, ProgressMeter, ProgressWatch, Standing

log = logging.getLogger("terradrift")
LOOK_SECONDS = 2.0
STALL_SECONDS = 60.0
SHORTEST_SECONDS = 10.0
"""A shorter time would blame the event loop between two of its rounds."""
PROBE_SECONDS = 60.0
SLEPT_SECONDS = 15.0
WAIT_REMEMBERED_SECONDS = 15.0
"""Longer than the pause between two attempts to reach ClickHouse."""


class Watchdog:
    """`report` is called by the event loop every few seconds; the first call starts the watch.

    After `exit_seconds` of standing still without an excuse `end` is called with the reason; 0: never. Before it blames
    the process it asks `broker_answers`.
    """

    def __init__(
        self,
        name: str,
        exit_seconds: float,
        meter: ProgressMeter,
        excuses: Excuses,
        broker_answers: Callable[[], bool],
        end: Callable[[str], None],
    ) -> None:
        self._name = name
        self._exit_seconds = max(exit_seconds, SHORTEST_SECONDS) if exit_seconds else 0.0
        self._patience = min(STALL_SECONDS, self._exit_seconds or STALL_SECONDS)
        self._meter = meter
        self._excuses = excuses
        self._broker_answers = broker_answers
        self._end = end
        self._watch = ProgressWatch()
        self._standings: Mapping[Place, Standing] = {}
        self._reports = 0
        self._warned = False
        self._probed = 0.0
        self._looked = float("inf")
        self._waited: tuple[tuple[str, ...], float] = (), float("-inf")
        self._stop = Event()
        self._thread: Thread | None = None

    def report(self, standings: Mapping[Place, Standing]) -> None:
        """How far every open partition is."""
        self._standings = dict(standings)
        self._reports += 1
        if self._thread is None:
            self._thread = Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()

    async def stop(self) -> None:
        """No more judgement: the process is ending in order."""
        self._stop.set()

    def look(self, now: float) -> None:
        """One look. The event loop counts as a partition in which a message always waits, and which a report moves."""
        if waits := self._excuses.take():
            self._waited = waits, now
        elif now - self._looked > SLEPT_SECONDS:
            self._waited = ("the machine",), now  # this process was not run at all: nobody stood still
        self._looked = now
        standings = {**self._standings, LOOP: Standing(self._reports, 1)}
        verdict = self._watch.look(now, standings, excuse=bool(self._waits(now)))
        stuck = verdict.stuck
        if stuck >= min(PROBE_SECONDS, self._patience) and self._must_probe(now, stuck):
            self._probed = now
            if not self._broker_answers():
                self._waited = ("Kafka",), now
                stuck = self._watch.look(now, standings, excuse=True).stuck
        self._meter.standing(verdict.idle >= self._patience, stuck)
        self._warn(now, verdict.idle, verdict.where)
        if 0 < self._exit_seconds <= stuck:
            self._end(
                f"StalledError: the {self._name} has made no progress for {stuck:.0f} s ({verdict.where}) and Kafka "
                f"answers, so it ends and its supervisor starts it anew; nothing is lost (feed.stall_exit_seconds)"
            )

    def _must_probe(self, now: float, stuck: float) -> bool:
        return now - self._probed >= PROBE_SECONDS or 0 < self._exit_seconds <= stuck

    def _warn(self, now: float, idle: float, where: str) -> None:
        """Say once that nothing moves, and once that it moves again."""
        if idle >= self._patience and not self._warned:
            waits = self._waits(now)
            why = f"; it waits for {' and '.join(waits)}" if waits else ""
            log.warning("the %s has made no progress for %.0f s: %s%s", self._name, idle, where, why)
            self._warned = True
        elif idle < self._patience and self._warned:
            log.warning("the %s makes progress again", self._name)
            self._warned = False

    def _waits(self, now: float) -> tuple[str, ...]:
        """What is waited for: between two attempts it is not told."""
        return self._waited[0] if now - self._waited[1] <= WAIT_REMEMBERED_SECONDS else ()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look(time.monotonic())


def end_process(reason: str) -> None:
    """Say where every thread stands, then why, and end at once with status 1, and with it the processes it has started."""
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    for child in multiprocessing.active_children():
        child.kill()
    sys.stderr.write(f"{reason}\n")
    sys.stderr.flush()
    os._exit(1)
