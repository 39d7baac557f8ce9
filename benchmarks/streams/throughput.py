"""CPU per event of the engine and its peers on the same orders, taking turns; and of the engine at two scales."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.streams.job import Job
from benchmarks.streams.node import Node, Segment
from benchmarks.streams.orders import Workload
from benchmarks.streams.processes import finish, run, start
from benchmarks.streams.progress import say
from schemas.errors import TerradriftError
from schemas.topics import ACTIVITY_PARTITIONS, ORDERS

Result = dict[str, Any]
_numbers = itertools.count()
PEER_EVENTS = 15_000
"""Events of the plain Faust agent, which is slow."""
WHOLE_RUNS = 3
"""Runs of the whole engine, which is there for information."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A segment of orders and the topic with the state of its accounts."""

    segment: Segment
    state_topic: str
    accounts: int


def prepare(node: Node, folder: Path, accounts: int, events: int, seed: int = 7) -> Prepared:
    """Load orders behind an earlier one of each account, and the accounts' state into a changelog of its own."""
    earlier, segment = node.load(Workload(accounts, events, seed))
    topic = f"bench-state-{accounts}-{next(_numbers)}"
    node.create(topic)
    cores = min(os.cpu_count() or 1, ACTIVITY_PARTITIONS) if accounts > 10_000 else 1
    running = []
    for core in range(cores):
        partitions = list(range(core, ACTIVITY_PARTITIONS, cores))
        job = Job(node.bootstrap, node.log_id, f"{topic}-{core}", ORDERS.name, earlier.start, earlier.end, 0,
                  restore_from=topic, options={"accounts": accounts, "partitions": partitions})  # fmt: skip
        running.append(start("state", job, folder))
    for child, result in running:
        finish(child, result)
    return Prepared(segment, topic, accounts)


def peers_python() -> str:
    """The interpreter of `.venv-bench`. Raises TerradriftError with what to do where it is missing."""
    python = Path(os.environ.get("TERRADRIFT_BENCH_VENV", ".venv-bench")).absolute() / "bin" / "python"
    if not python.exists():
        raise TerradriftError("Quix Streams needs an environment of its own; make bench-streams makes it")
    return str(python)


def one_run(case: str, node: Node, folder: Path, prepared: Prepared, **options: Any) -> Result:
    """One measured run of a path, in a process of its own, checked against what the segment holds."""
    segment = prepared.segment
    group = f"bench-{case}-{next(_numbers)}"
    events = min(PEER_EVENTS, segment.records) if case == "faust" else segment.records
    job = Job(node.bootstrap, node.log_id, group, ORDERS.name, segment.start, segment.end, events,
              restore_from=prepared.state_topic, options=options)  # fmt: skip
    if case == "raw":
        return run("raw", job, folder)
    node.stand(group, segment)
    if case == "faust":
        node.create(f"{group}-days-changelog")
        return run("plain_faust", job, folder)
    if case == "quix":
        job.options["state_folder"] = str(folder / f"{group}-state")
        return checked(run("quix", job, folder, peers_python()), segment, "orders", "duplicates")
    if case == "engine":
        node.renew()
        job.options["whole"] = True
    found = run("engine", job, folder)
    if options.get("only_open"):
        return found
    return checked(found, segment, "facts|orders", f"duplicates|{ORDERS.name}")


def checked(result: Result, segment: Segment, orders: str, repetitions: str) -> Result:
    """The result, if every order was counted once and every repetition seen. Raises TerradriftError."""
    counts = result["counts"]
    got = counts.get(orders, 0), counts.get(repetitions, 0)
    letters = {name: n for name, n in counts.items() if name.startswith("dead_letters")}
    if got != (segment.orders, segment.repetitions) or letters:
        raise TerradriftError(
            f"counted {got} orders and repetitions, not {(segment.orders, segment.repetitions)}; dead letters {letters}"
        )
    return result


def in_turns(cases: list[str], runs: int, node: Node, folder: Path, prepared: Prepared) -> dict[str, list[Result]]:
    """A B C A B C ...: what is compared meets the same weather."""
    found: dict[str, list[Result]] = {case: [] for case in cases}
    for turn in range(runs):
        for case in cases:
            if case == "engine" and turn >= WHOLE_RUNS:
                continue
            found[case].append(one_run(case, node, folder, prepared))
            say(f"{case} {turn + 1}/{runs}: {found[case][-1]['cpu_us']:.2f} us")
    return found


def scales(runs: int, node: Node, folder: Path, few: Prepared, many: Prepared) -> dict[int, list[Result]]:
    """The activity stage with few and with many accounts, in turns."""
    found: dict[int, list[Result]] = {few.accounts: [], many.accounts: []}
    for turn in range(runs):
        for prepared in (few, many):
            result = one_run("activity", node, folder, prepared)
            found[prepared.accounts].append(result)
            say(
                f"{prepared.accounts} accounts {turn + 1}/{runs}: {result['cpu_us']:.2f} us, opened in {result['opening_seconds']:.1f} s"
            )
    return found
