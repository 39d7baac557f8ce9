"""Guessing passwords is slow: a name and an address may fail a few times, then must wait."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST_FAILURES = 5
WITHIN = timedelta(minutes=5)
MOST_REMEMBERED = 10_000


class Throttle:
    """Counts failures by key. Bounded: the keys that failed longest ago are forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait_seconds(self, keys: tuple[str, ...], now: datetime) -> int:
        """Seconds until another try is allowed for all of the keys; 0 is now."""
        waits = [0.0]
        for key in keys:
            recent = self._recent(key, now)
            if len(recent) >= MOST_FAILURES:
                waits.append((recent[-MOST_FAILURES] + WITHIN - now).total_seconds())
        return int(-(-max(waits) // 1))

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Remember a failure of each key."""
        for key in keys:
            recent = self._recent(key, now)
            recent.append(now)
            self._failures[key] = recent
            self._failures.move_to_end(key)
        while len(self._failures) > MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        found = self._failures.get(key, deque(maxlen=MOST_FAILURES))
        while found and found[0] + WITHIN <= now:
            found.popleft()
        return found
