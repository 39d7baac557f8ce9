"""Tests run side by side keep a file in one process: its tests share a server and its data, and build on one another."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "tests/unit/streams/test_lost_log.py",
    "tests/unit/streams/test_watches.py",
    "tests/unit/streams/test_intake.py",
)


def test_a_file_of_tests_stays_in_one_process_and_both_processes_have_work() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "-n", "2", "--no-loadscope-reorder", *FILES],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    processes: dict[str, set[str]] = defaultdict(set)
    for process, file in re.findall(r"^\[(gw\d)\].* PASSED (tests/[\w/]+\.py)", done.stdout, re.MULTILINE):
        processes[file].add(process)
    assert set(processes) == set(FILES)
    assert all(len(seen) == 1 for seen in processes.values()), processes
    assert len(set.union(*processes.values())) == 2, processes
