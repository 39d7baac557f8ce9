"""The benchmark itself works, on a handful of events: what it counts is checked by the runs themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.real_kafka import a_local_kafka

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).resolve().parents[2]


def test_the_raw_loop_and_the_engine_read_the_same_orders(tmp_path: Path) -> None:
    a_local_kafka(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.streams", "--case", "raw", "--case", "activity", "--case", "engine",
         "--accounts", "50", "--events", "1000", "--runs", "1", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    paths = json.loads(done.stdout)["paths"]
    assert {name: len(results) for name, results in paths.items()} == {"raw": 1, "activity": 1, "engine": 1}
    events = {name: results[0]["events"] for name, results in paths.items()}
    assert events["raw"] == events["activity"] == events["engine"] > 1_000  # and ticks
    assert all(results[0]["cpu_us"] > 0 for results in paths.values())
