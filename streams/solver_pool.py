"""Solves in a process of their own; the answer enters the region's log as an event."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import Any

from schemas.region_log import SolveFinished, encode
from schemas.topics import REGION_EVENTS
from solvers.roads import Roads
from streams.handlers.region.solving import solve
from streams.ports import Emit, SolveRequest

log = logging.getLogger(__name__)
Send = Callable[[Sequence[Emit]], Awaitable[list[asyncio.Future[Any]]]]
Watch = Callable[[int, str, float], None]


def end_with_parent() -> None:
    """Let this process end when the worker that started it is gone, also by kill -9: nobody would read its answer.

    A pool's process waits for work on a pipe that it holds open itself, so it would wait for ever.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _begin() -> None:
    end_with_parent()
    from solvers.ready import make_ready  # the compiler belongs into this process only

    make_ready()  # no solve shall spend its time on it


def new_pool(processes: int) -> ProcessPoolExecutor:
    """Processes that are ready to solve, and end with the one that started them."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin)


class SolverPool:
    """`watch` hears (solves running, status of a finished one or "", seconds); `roads` goes to the processes with each problem."""

    def __init__(self, send: Send, watch: Watch, processes: int = 1, roads: Roads | None = None) -> None:
        self._send = send
        self._watch = watch
        self._roads = roads
        self._renew = partial(new_pool, processes)
        self._pool = self._renew()
        self._running: dict[str, asyncio.Task[None]] = {}

    def submit(self, request: SolveRequest) -> None:
        """Begin a solve, unless the same one is running."""
        if request.request_id not in self._running:
            self._running[request.request_id] = asyncio.get_running_loop().create_task(self._run(request))
            self._watch(len(self._running), "", 0.0)

    async def close(self) -> None:
        """Give up what is running; it is asked again after the next start."""
        for task in self._running.values():
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, request: SolveRequest) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        solution, failure = b"", ""
        try:
            solution = await loop.run_in_executor(self._pool, solve, request.problem, self._roads)
        except Exception as error:
            if isinstance(error, BrokenProcessPool):  # its process was killed, as when memory runs out
                self._pool = self._renew()
            log.exception("the solve %s of region %s failed", request.request_id, request.region_id)
            failure = f"{type(error).__name__}: {error}"[:500]
        answer = SolveFinished(
            region_id=request.region_id, request_id=request.request_id, solution=solution, failure=failure
        )
        emit = Emit(REGION_EVENTS.name, request.partition, request.region_id.encode(), encode(answer))
        await asyncio.gather(*await self._send([emit]))
        del self._running[request.request_id]
        self._watch(len(self._running), "failed" if failure else "solved", loop.time() - started)
