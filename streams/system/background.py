"""A supervised system in the background of another command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from schemas.errors import TerradriftError
from streams.system.runtime import Runtime
from streams.system.supervisor import Plan, Supervisor


@contextmanager
def running(plan: Plan, say: Callable[[str], None], stop: Event) -> Iterator[Runtime]:
    """Start a system, give its addresses once it is ready, stop it at the end. Raises what the start raised."""
    ready = Event()
    outcome: dict[str, Runtime | BaseException] = {}

    def remember(runtime: Runtime) -> None:
        outcome["runtime"] = runtime
        ready.set()

    def run() -> None:
        try:
            Supervisor(plan, say, stop).run(remember)
        except BaseException as error:
            outcome["error"] = error
        finally:
            ready.set()

    thread = Thread(target=run, name="supervisor")
    thread.start()
    try:
        ready.wait()
        runtime = outcome.get("runtime")
        if not isinstance(runtime, Runtime):
            raise outcome.get("error") or TerradriftError("stopped before the system was ready")  # type: ignore[misc]
        yield runtime
    finally:
        stop.set()
        thread.join()
        error = outcome.get("error")
        if isinstance(error, TerradriftError) and "runtime" in outcome:
            raise error
