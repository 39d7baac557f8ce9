"""Whether a process gets on. One that stands still while messages wait says so, and in the end makes room for a fresh one.

Two clocks: *idle* runs whenever messages wait and nothing moves, whatever the cause, and is for alarms; *stuck* runs only
while nothing excuses it, and is what a process may be ended for. Waiting for ClickHouse, for Kafka, or for state whose
reading goes on is an excuse: another process would have to wait just the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from schemas.errors import UnavailableError

Place = tuple[str, int]
LOOP: Place = ("the event loop", 0)
"""Stands for the loop itself: a message always waits there, and coming round moves it."""
HELD_SECONDS = 6.0
"""The loop comes round every two seconds; after three of them somebody holds it."""
IN_HAND: Place = ("the batch in hand", 0)
"""Stands for what was given to the stages and has not come back."""
OPENING: Place = ("partitions being opened", 0)
"""Stands for partitions that are ours and not yet open."""
REBALANCE: Place = ("the rebalance", 0)
"""Stands for the way from the partitions that go to those that come."""
ENDS: Place = ("the ends of the logs", 0)
"""Stands for the question where the logs end, which the consumer has not answered."""
HOLDERS = (LOOP, IN_HAND, OPENING, REBALANCE)
"""While one of them stands still, what it holds cannot move: the first of them is the cause."""
WHERE = {
    LOOP: "its event loop does not come round: a handler holds it",
    IN_HAND: "a batch was given to a stage and does not come back",
    OPENING: "a partition is being opened and does not get ready",
    REBALANCE: "a rebalance does not come to its end",
    ENDS: "its consumer was asked where the logs end and does not answer",
}
LONG_CALL_SECONDS = 5.0
"""A call to the world that takes longer than this is a wait."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The next offset of a partition to be handled, and how many records wait there."""

    position: int
    lag: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Seconds for which the worst partition has stood still; `stuck` are those without an excuse. `where` is for people."""

    idle: float
    stuck: float
    where: str


class ProgressMeter(Protocol):
    def lags(self, group: str, lag_by_topic: Mapping[str, int]) -> None: ...

    def standing(self, stalled: bool, stuck_seconds: float) -> None: ...


@dataclass(slots=True)
class ProgressWatch:
    """Looks at every partition by itself: one that is stuck is not hidden by others that move."""

    _moved: dict[Place, tuple[int, float]] = field(default_factory=dict)
    _excused: float = 0.0

    def look(self, now: float, standings: Mapping[Place, Standing], excuse: bool = False) -> Verdict:
        """`now` in seconds of any clock that never goes back. A partition that is new here has just moved."""
        moved: dict[Place, tuple[int, float]] = {}
        for place, standing in standings.items():
            position, since = self._moved.get(place, (-1, now))
            moved[place] = (standing.position, since if standing.lag > 0 and standing.position == position else now)
        self._moved = moved
        if excuse:
            self._excused = now
        worst = min(moved, key=lambda place: moved[place][1], default=None)
        if worst is None:
            return Verdict(0.0, 0.0, "")
        since = moved[worst][1]
        held = [place for place in HOLDERS if place in moved and now - moved[place][1] >= HELD_SECONDS]
        cause = held[0] if held else worst
        return Verdict(now - since, min(now - since, now - self._excused), _where(cause, standings[cause]))


def _where(place: Place, standing: Standing) -> str:
    if place in WHERE:
        return WHERE[place]
    return f"{place[0]}/{place[1]} stands at offset {standing.position:,} and {standing.lag:,} messages wait there"


class Excuses:
    """Waits for the world, told by those who wait, from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._begun: dict[int, tuple[str, float]] = {}
        self._told: set[str] = set()
        self._calls = 0

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """A call to `what`. It excuses once it takes long, and when it ends in UnavailableError."""
        with self._lock:
            self._calls += 1
            call = self._calls
            self._begun[call] = what, self._clock()
        try:
            yield
        except UnavailableError:
            self.tell(what)
            raise
        finally:
            with self._lock:
                del self._begun[call]

    def tell(self, what: str) -> None:
        """It was waited for until now. Who waits for something that comes bit by bit tells it with every bit."""
        with self._lock:
            self._told.add(what)

    def take(self) -> tuple[str, ...]:
        """What has been waited for since the last time this was asked, in alphabetical order."""
        with self._lock:
            told, self._told = self._told, set()
            long = {what for what, since in self._begun.values() if self._clock() - since >= LONG_CALL_SECONDS}
        return tuple(sorted(told | long))
