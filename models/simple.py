"""The simple forecasts every company could make in a spreadsheet: what a model must beat to be worth its trouble.

Each is a weekly level from nothing but the account's own past weeks, or the same weeks a year ago. Source of the
intermittent ones: Croston 1972; Syntetos and Boylan 2005 (SBA); Teunter, Syntetos and Babai 2011 (TSB).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.history import Floats

EWMA_STEPS = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
MEAN_WEEKS = (4, 8, 13, 26, 39, 52)
INTERMITTENT_STEPS = (0.05, 0.1, 0.2)
_SEASON = 52


class SimpleForecasts:
    """All of them, for n accounts, a week at a time.

    >>> simple = SimpleForecasts(1)
    >>> for eur in (10.0, 0.0, 20.0):
    ...     simple.close_week(np.array([eur]))
    >>> float(simple.forecasts(4)["MA4"][0])
    40.0
    """

    def __init__(self, accounts: int) -> None:
        self._weeks: list[Floats] = []
        self._age = np.zeros(accounts)
        self._levels = {step: np.zeros(accounts) for step in EWMA_STEPS}
        self._intermittent = {step: _Intermittent(step, accounts) for step in INTERMITTENT_STEPS}

    def close_week(self, revenue: Floats) -> None:
        """`revenue`: (n,) EUR of the next week; a ValueError when one is not finite."""
        if not np.isfinite(revenue).all():
            raise ValueError("revenue of a week must be finite")
        self._weeks = [*self._weeks[-_SEASON:], revenue]
        self._age = np.where((self._age > 0) | (revenue > 0), self._age + 1, 0)
        begun = self._age > 0
        for step, level in self._levels.items():
            level += np.where(begun, np.maximum(step, 1 / np.maximum(self._age, 1)) * (revenue - level), 0)
        for one in self._intermittent.values():
            one.close_week(revenue)

    def forecasts(self, horizon: int) -> dict[str, Floats]:
        """(n,) EUR of the next `horizon` weeks, by name; the horizon is at most a year."""
        return {name: horizon * weekly for name, weekly in self._weekly(horizon)}

    def _weekly(self, horizon: int) -> Iterator[tuple[str, Floats]]:
        for step, level in self._levels.items():
            yield f"EWMA {step}", level
        for length in MEAN_WEEKS:
            yield f"MA{length}", self._mean(length)
        newest = len(self._weeks)
        a_year_ago = self._weeks[max(newest - _SEASON, 0) :][:horizon]
        season = np.sum(a_year_ago, axis=0) / horizon
        yield "seasonal naive 52", np.where(self._age < _SEASON, self._mean(13), season)
        for one in self._intermittent.values():
            yield from one.levels()

    def _mean(self, length: int) -> Floats:
        return np.asarray(np.sum(self._weeks[-length:], axis=0) / np.clip(self._age, 1, length))


class _Intermittent:
    """Croston, SBA and TSB at one smoothing step."""

    def __init__(self, step: float, accounts: int) -> None:
        self._step = step
        self._seen = np.zeros(accounts, bool)
        self._size, self._share = np.zeros(accounts), np.zeros(accounts)
        self._gap, self._since = np.ones(accounts), np.ones(accounts)

    def close_week(self, revenue: Floats) -> None:
        ordered, step = revenue > 0, self._step
        again = ordered & self._seen
        self._gap = np.where(again, self._gap + step * (self._since - self._gap), self._gap)
        grown = np.where(self._seen, self._size + step * (revenue - self._size), revenue)
        self._size = np.where(ordered, grown, self._size)
        self._share = np.where(ordered & ~self._seen, 1.0, self._share + step * (ordered - self._share))
        self._since = np.where(ordered, 1.0, self._since + 1)
        self._seen |= ordered

    def levels(self) -> Iterator[tuple[str, Floats]]:
        croston = self._size / np.maximum(self._gap, 1)
        yield f"Croston {self._step}", croston
        yield f"SBA {self._step}", croston * (1 - self._step / 2)
        yield f"TSB {self._step}", self._size * self._share
