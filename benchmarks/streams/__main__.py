"""`python -m benchmarks.streams`: all cases, or those named; a table on standard output, and into RESULTS.md with --write."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.results import conditions, write_section
from benchmarks.streams.cases import CASES, Measured, Size, measure
from infra.embedded.kafka_jars import kafka_version
from schemas.errors import TerradriftError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES, help="measure this one; may be given several times")
    parser.add_argument("--runs", type=int, help="runs of each path (default 5)")
    parser.add_argument("--events", type=int, help="orders a run (default 1,500,000)")
    parser.add_argument("--accounts", type=int, help="accounts of the fast path (default 1,000)")
    parser.add_argument(
        "--many-accounts", type=int, help="accounts of the cases accounts and recovery (default 1,000,000)"
    )
    parser.add_argument(
        "--json", action="store_true", help="all single results as one JSON object instead of the table"
    )
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nodes and folders go with us
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a new node elects its coordinators
    size = Size.of(arguments.runs, arguments.events, arguments.accounts, arguments.many_accounts)
    try:
        with tempfile.TemporaryDirectory(prefix="terradrift-bench-") as folder:
            measured = measure(arguments.case or list(CASES), Path(folder), size)
    except TerradriftError as error:
        sys.stderr.write(f"benchmark: {error}\n")
        return 1
    text = section(measured)
    if arguments.write:
        write_section("streams", text)
    sys.stdout.write((json.dumps(asdict(measured), indent=2, default=str) if arguments.json else text) + "\n")
    return 0


def section(measured: Measured) -> str:
    """Conditions and tables."""
    head = conditions("terradrift", "faust-streaming", "aiokafka", "msgspec", "chdb-core")
    return f"{head} Apache Kafka {kafka_version()}.\n\n{measured.tables()}"


if __name__ == "__main__":
    sys.exit(main())
