"""Whether a process gets on: a consumer that stands still while records wait is worth an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class ProgressMeter(Protocol):
    def progress(self, group: str, lag_by_topic: Mapping[str, int], stalled: bool) -> None: ...


@dataclass(slots=True)
class ProgressWatch:
    """Stalled: for `patience` seconds records have waited and no position has moved."""

    patience: float
    _position: int = -1
    _since: float = 0.0

    def look(self, now: float, position: int, lag: int) -> bool:
        """`position` is the sum of all positions, `lag` the records that wait; `now` in seconds of any clock."""
        if lag == 0 or position != self._position:
            self._position, self._since = position, now
        return now - self._since >= self.patience
