"""Rows of a table of goals, and intervals by bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from models.history import Floats

NEVER = 1e6  # weeks; drops never found


@dataclass(frozen=True, slots=True)
class Goal:
    """One measured figure. `met` None: no goal is set for it."""

    what: str
    measured: str
    goal: str
    met: bool | None
    how: str


def table(rows: Iterable[Goal]) -> str:
    words = {True: "met", False: "**missed**", None: ""}
    lines = [f"| {r.what} | {r.measured} | {r.goal} | {words[r.met]} | {r.how} |" for r in rows]
    return "\n".join(["| what | measured | goal | | how |", "|---|---:|---:|---|---|", *lines])


def interval(values: Floats, statistic: Callable[[Floats], float], draws: int = 2000) -> tuple[float, float]:
    """95 % of bootstrap draws over the units (events, stores) lie within."""
    rng = np.random.default_rng(3)
    found = [statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(draws)]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def share_within(weeks: Floats, limit: float, goal: float, what: str, how: str) -> Goal:
    low, high = interval(weeks, lambda some: float(np.mean(some <= limit)))
    value = float(np.mean(weeks <= limit))
    return Goal(what, f"{value:.0%} ({low:.0%} to {high:.0%})", f"≥ {goal:.0%}", value >= goal, how)


def median_of(weeks: Floats, goal: float, what: str, how: str) -> Goal:
    low, high = interval(weeks, lambda some: float(np.median(some)))
    value = float(np.median(weeks))
    shown = f"{value:.1f} weeks ({low:.1f} to {'never' if high >= NEVER / 2 else f'{high:.1f}'})"
    return Goal(what, shown, f"≤ {goal:g} weeks", value <= goal, how)
