"""The processes that solve: none outlives its worker, and a killed one is replaced."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from schemas.region_log import SolveFinished, decode
from streams.ports import Emit, SolveRequest
from streams.solver_pool import SolverPool

pytestmark = pytest.mark.io
WORKER = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from streams.solver_pool import end_with_parent
pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
print(pool.submit(os.getpid).result(), flush=True)
time.sleep(60)
"""


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_solver_ends_when_its_worker_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        solver = int(worker.stdout.readline())
        assert exists(solver)
        worker.kill()
    deadline = time.monotonic() + 20
    while exists(solver):
        assert time.monotonic() < deadline, "the solver waits for work that nobody will send"
        time.sleep(0.05)


def test_after_a_solver_was_killed_the_next_solve_has_a_new_one() -> None:
    answers: list[SolveFinished] = []

    async def send(emits: Sequence[Emit]) -> list[asyncio.Future[Any]]:
        for emit in emits:
            answer = decode(emit.value)
            assert isinstance(answer, SolveFinished)
            answers.append(answer)
        return []

    async def ask(pool: SolverPool, name: str) -> None:
        pool.submit(SolveRequest(request_id=name, region_id="north", partition=0, problem=b"no problem at all"))
        while not answers or answers[-1].request_id != name:
            await asyncio.sleep(0.02)

    async def run() -> None:
        before = set(multiprocessing.active_children())
        pool = SolverPool(send, lambda *_: None)
        await ask(pool, "first")
        (solver,) = set(multiprocessing.active_children()) - before
        assert solver.pid is not None
        os.kill(solver.pid, signal.SIGKILL)
        solver.join(10)
        await ask(pool, "second")
        await ask(pool, "third")
        await pool.close()

    asyncio.run(asyncio.wait_for(run(), 60))
    first, second, third = (answer.failure.split(":")[0] for answer in answers)
    assert (first, second, third) == ("ValidationError", "BrokenProcessPool", "ValidationError")
