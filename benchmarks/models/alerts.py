"""`python -m benchmarks.models.alerts`: the early warning against its goals; into RESULTS.md with --write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.models import gaussian, iowa_territories, rossmann
from benchmarks.models.goals import Goal, table
from benchmarks.results import conditions, write_section

CASES = ("gaussian", "rossmann", "iowa")
DATA = Path(os.environ.get("TERRADRIFT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def measured(cases: tuple[str, ...]) -> list[Goal]:
    """All rows of the named cases, in order."""
    makers: dict[str, Callable[[], Iterator[Goal]]] = {
        "gaussian": gaussian.rows,
        "rossmann": partial(rossmann.rows, DATA),
        "iowa": partial(iowa_territories.rows, DATA),
    }
    return [row for case in cases for row in makers[case]()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models.alerts", description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    text = f"{conditions('terradrift', 'numpy', 'numba', 'river')}\n\n{table(measured(tuple(arguments.case or CASES)))}"
    if arguments.write:
        write_section("alerts", text)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
