"""`python -m benchmarks.models`: all cases, or those named; tables on standard output, and into RESULTS.md with --write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.results import conditions, write_section
from schemas.errors import TerradriftError

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the commands do; read when a case imports numpy

CASES = {
    "potential": "benchmarks.models.potential",
    "events": "benchmarks.models.events",
    "alerts": "benchmarks.models.alerts",
    "scopes": "benchmarks.models.rossmann_territories",
    "firing": "benchmarks.models.firing",
}
"""Name -> module with `measure(data: Path) -> str`, Markdown; imported when asked for."""


def main() -> int:
    there = [name for name, module in CASES.items() if find_spec(module)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--case", action="append", choices=there, help="measure this one; may be given several times")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    data = Path(os.environ.get("TERRADRIFT_DATA", "../shared/data"))
    try:
        for name in arguments.case or there:
            measure: Callable[[Path], str] = import_module(CASES[name]).measure
            text = f"{measure(data)}\n\n{conditions('terradrift', 'numpy', 'numba', 'scipy', 'river')}"
            if arguments.write:
                write_section(f"models {name}", text)
            sys.stdout.write(text + "\n")
    except TerradriftError as error:
        sys.stderr.write(f"benchmark: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
