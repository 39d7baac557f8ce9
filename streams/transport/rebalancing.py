"""Whether a rebalance comes to its end. Until then this process has no positions, and nothing else would seem to wait."""

from __future__ import annotations

from collections.abc import Callable

from streams.transport.progress import Standing

REBALANCE_SECONDS = 120.0
"""So long a rebalance may take and nobody thinks of it: the last batch becomes durable in 30 s, and Kafka waits 60 s for
members that do not answer."""


class Rebalancing:
    """Begins under way: a process that has just started waits for its first partitions."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = clock()
        self._steps = 0

    def begin(self) -> None:
        """Partitions are taken away, and others will come. In a rebalance that is under way: another step of it."""
        self._steps += 1
        if self._since is None:
            self._since = self._clock()

    def step(self) -> None:
        """A partition has been opened."""
        self._steps += 1

    def end(self) -> None:
        """All that is ours is open."""
        self._since = None

    def standing(self) -> Standing:
        """As of a partition: a lag once it takes long, and every step moves it."""
        late = self._since is not None and self._clock() - self._since >= REBALANCE_SECONDS
        return Standing(self._steps, int(late))
