"""A Faust app and worker that keep to their own business: no data folder, no debug logging, and an end that comes."""

from __future__ import annotations

import asyncio
import logging

import faust

from streams.transport.upstream.stopping import end_within


class MendedApp(faust.App):
    is_process = False
    """Whether the process is ours to end when the stop does not (see `worker_of`)."""

    async def on_first_start(self) -> None:
        """Faust would make a data folder here; our state lives in Kafka."""

    def _crash(self, reason: BaseException) -> None:
        """Ends the process soon, even where stopping in order waits for something that crashed with it."""
        if self.is_process and not self.crashed:
            end_within(f"{type(reason).__name__}: {reason}")
        super()._crash(reason)

    async def on_stop(self) -> None:
        if self.is_process:
            end_within()
        await super().on_stop()


def worker_of(app: MendedApp, log_level: str) -> faust.Worker:
    """The process around an app."""
    app.is_process = True
    logging.getLogger("faust").setLevel(logging.WARNING)
    worker = faust.Worker(app, loglevel=log_level, redirect_stdouts=False, quiet=True, loop=asyncio.new_event_loop())
    worker.spinner = None  # for it Faust sets the root logger to DEBUG: every line of every library would be made
    return worker
