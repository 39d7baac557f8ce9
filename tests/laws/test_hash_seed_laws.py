"""The same input gives the same output in another process, whatever order it keeps its sets in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.every_model import MODELS

ROOT = Path(__file__).resolve().parents[2]
TELL = """
import hashlib
from tests.laws.every_model import MODELS
from tests.laws.test_every_model_laws import said

print(list({"drop", "rise", *map(str, range(20))}))
for kind, case in MODELS.items():
    print(kind.__name__, hashlib.sha256(repr(said(case, case.make(), 0, case.full // 2)).encode()).hexdigest())
"""


def told(seed: int) -> list[str]:
    surroundings = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    child = [sys.executable, "-c", TELL]
    return subprocess.run(
        child, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    ).stdout.splitlines()


@pytest.mark.io
def test_every_model_says_the_same_in_processes_that_order_their_sets_otherwise() -> None:
    one, other = told(1), told(2)
    assert one[0] != other[0]  # else the processes would be alike
    assert one[1:] == other[1:]
    assert len(one) == 1 + len(MODELS)
