"""`python -m benchmarks.models.alerts`: the early warning against its goals; into RESULTS.md with --write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.models import gaussian, iowa_territories, rossmann
from benchmarks.models.goals import Goal, table

CASES = ("gaussian", "rossmann", "iowa")


def measured(cases: tuple[str, ...], data: Path) -> list[Goal]:
    """All rows of the named cases, in order."""
    makers: dict[str, Callable[[], Iterator[Goal]]] = {
        "gaussian": gaussian.rows,
        "rossmann": partial(rossmann.rows, data),
        "iowa": partial(iowa_territories.rows, data),
    }
    return [row for case in cases for row in makers[case]()]


def measure(data: Path) -> str:
    """All goals as one Markdown table."""
    return table(measured(CASES, data))
