"""Answers what-ifs of a running system in a solver process of its own, beside whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import BoundedSemaphore, Lock

from schemas.errors import UnavailableError
from schemas.what_if import WhatIfAnswer, WhatIfRequest
from solvers.budget import Budget
from solvers.situation import Situation
from solvers.what_if import what_if
from streams.solver_pool import new_pool

BUDGET = Budget(evaluations=20_000_000, seconds=20.0)
ANSWER_SECONDS = 60.0
MOST_WAITING = 4


class PooledWhatIf:
    """Keeps `schemas.what_if.WhatIf`. `read` gives the situation of a region now. The process starts with the first question."""

    def __init__(self, read: Callable[[str], Situation], budget: Budget = BUDGET, pool: Callable[[], ProcessPoolExecutor] = lambda: new_pool(1)) -> None:  # fmt: skip
        self._read, self._budget, self._new_pool = read, budget, pool
        self._pool: ProcessPoolExecutor | None = None
        self._lock, self._room = Lock(), BoundedSemaphore(MOST_WAITING)

    def ask(self, request: WhatIfRequest, /) -> WhatIfAnswer:
        """Raises WhatIfRefusedError, UnavailableError."""
        if not self._room.acquire(blocking=False):
            raise UnavailableError(f"{MOST_WAITING} questions wait for an answer already; ask again in a moment")
        try:
            return self._answer(self._read(request.region_id), request)
        finally:
            self._room.release()

    def close(self) -> None:
        """End the process; what is waited for fails."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, situation: Situation, request: WhatIfRequest) -> WhatIfAnswer:
        with self._lock:
            pool = self._pool = self._pool or self._new_pool()
        try:
            future = pool.submit(what_if, situation, request.changes, self._budget)
            try:
                return future.result(ANSWER_SECONDS)
            except TimeoutError:
                future.cancel()
                raise UnavailableError(
                    f"no answer within {ANSWER_SECONDS:.0f} s; ask again, or of a smaller region"
                ) from None
        except (BrokenProcessPool, CancelledError):
            self._forget(pool)
            raise UnavailableError("the solver process ended, as when memory runs out; ask again") from None

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
