"""How much a solve may work: counted in evaluations, so that the same question gets the same answer on any machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

StoppedBy = Literal["converged", "evaluations", "clock", "failure"]
FAILURES = (ArithmeticError, ValueError, RuntimeError, MemoryError)
"""What a numerical step may end with; the solve goes on with what it has and says so."""


@dataclass(frozen=True, slots=True)
class Budget:
    """`evaluations`: changes of a plan the search may try; `seconds`: the emergency stop, reported if used."""

    evaluations: int = 20_000_000
    seconds: float = 30.0
    random_state: int = 7


class Meter:
    """Counts the work of one solve against its budget."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget, self._clock = budget, clock
        self._until = clock() + budget.seconds
        self.evaluations = 0
        self.stopped_by: StoppedBy = "converged"
        self.failed = False  # a step of the solve failed, and its result is missing

    @property
    def left(self) -> int:
        """Evaluations that may still be done."""
        return max(self.budget.evaluations - self.evaluations, 0)

    @property
    def verdict(self) -> StoppedBy:
        """What to say about the end of the solve."""
        return "failure" if self.failed else self.stopped_by

    def clock_expired(self) -> bool:
        """True once the seconds are used up; remembered as the reason of the stop."""
        if self._clock() >= self._until:
            self.stopped_by = "clock"
        return self.stopped_by == "clock"

    def exhausted(self, evaluations: int) -> bool:
        """Add work done; True once work or seconds are used up."""
        self.evaluations += evaluations
        if self.stopped_by == "converged" and self.evaluations >= self.budget.evaluations:
            self.stopped_by = "evaluations"
        return self.stopped_by != "converged" or self.clock_expired()
