"""Whether this process may still write: only as long as its group is sure to count it in.

A process that stood still for longer than its session (a stopped machine, a long swap) has lost its partitions without knowing it. What it was about to
write would reach a partition's state behind the back of the new owner, and be the newest value of its key for ever.
So a produce request leaves only while a heartbeat that Kafka has answered is younger than the session; else it waits:
for the next answer, when the broker was away, or for the end of the process, when the partitions are lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from streams.transport.upstream.client import hold_writes, on_answered_heartbeat

LOOK_SECONDS = 0.05


class Lease:
    """Renewed on the consumer's thread, asked on the producer's: one float, which Python writes in one go."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds`: the session timeout. The broker counts from the heartbeat's arrival, we from its sending: earlier."""
        self._seconds = seconds
        self._clock = clock
        self._until = float("-inf")

    def holds(self) -> bool:
        return self._clock() < self._until

    async def wait(self) -> None:
        """Until it holds."""
        while not self.holds():
            await asyncio.sleep(LOOK_SECONDS)

    def follow(self, consumer: Any) -> None:
        """Renew with every heartbeat of an aiokafka consumer that is answered well."""
        on_answered_heartbeat(consumer, self._clock, self._renew)

    def guard(self, producer: Any) -> None:
        """Let produce requests of an aiokafka producer wait for the lease."""
        hold_writes(producer, self.wait)

    def _renew(self, sent: float) -> None:
        self._until = sent + self._seconds
