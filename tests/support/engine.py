"""The product on a real Kafka and an embedded ClickHouse: every worker and sink a process that a test may kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Condition, Thread
from typing import Protocol

from clickhouse_connect.driver.client import Client

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate
from infra.embedded.clickhouse import ClickHouseServer
from infra.embedded.directory import RunDirectory
from infra.feeds.lag import GROUPS
from infra.feeds.publish import publish, wait_until_done
from infra.feeds.record import Feed, FeedRecord
from infra.kafka.topics import provision
from schemas.settings import Settings
from streams.system.processes import RoleProcess
from streams.system.runtime import metric
from tests.support.every_row import keep_every_row
from tests.support.patient import READING_INPUTS, publish_patiently
from tests.support.real_kafka import a_local_kafka

AHEAD = 40_000
"""Records the publisher may be ahead of the workers: enough that they always have something to do."""
MARGIN = 200
"""Events sent beyond the last fault before it strikes."""
STALL_SECONDS = 180.0
LOAD_SECONDS = 1_800.0
POLL_SECONDS = 0.05


class Engine:
    """A context: `with Engine(folder) as engine`. Processes are started by the test and stopped at the end."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """`environment` is added to that of the workers and sinks."""
        self.folder = folder
        self.kafka = a_local_kafka(folder)
        self.clickhouse = ClickHouseServer(folder)
        self._more = dict(environment or {})
        self._processes: list[RoleProcess] = []
        self._loads: list[Load] = []
        self._environment: dict[str, str] = {}
        self.may_fall: set[RoleProcess] = set()
        self.bootstrap = ""
        self.log_id = ""
        self.client: Client

    def __enter__(self) -> Engine:
        try:
            address = self.clickhouse.start()
            access = Access(address.url, address.owner.user, address.owner.password)
            migrate(access)
            self.client = connect(access)
            publish_settings(self.client, Settings())
            keep_every_row(self.client)
            broker = self.kafka.start()
            self.bootstrap, self.log_id = broker.bootstrap, broker.log_id
            provision(self.bootstrap)
        except BaseException:
            self._stop()
            raise
        self._environment = {
            "TERRADRIFT_KAFKA": self.bootstrap,
            "TERRADRIFT_LOG_ID": self.log_id,
            "TERRADRIFT_CLICKHOUSE_URL": access.url,
            "TERRADRIFT_CLICKHOUSE_USER": access.user,
            "TERRADRIFT_CLICKHOUSE_PASSWORD": access.password,
            **self._more,
        }
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._stop()

    def _stop(self) -> None:
        for load in self._loads:  # while Kafka is there: a publisher left alone would knock at it for ever
            load.abandon()
        for process in self._processes:
            process.stop()
        self.kafka.stop()
        self.clickhouse.stop()

    def process(self, role: str, name: str = "", environment: Mapping[str, str] | None = None) -> RoleProcess:
        """A worker or sink, started; `environment` is added to that of all."""
        process = RoleProcess(role, RunDirectory(self.folder), {**self._environment, **(environment or {})}, name)
        self._processes.append(process)
        process.start()
        return process

    def wait_until_done(self, deadline: float = LOAD_SECONDS) -> None:
        """Until nothing lags, nobody solves, and every process that was not stopped lives."""
        wait_until_done(self.bootstrap, GROUPS, is_quiet=self._is_quiet, deadline=deadline)

    def assert_nobody_fell(self) -> None:
        """No process has ended other than by a test's signal."""
        for process in self._processes:
            may = process in self.may_fall or process.exit_code in (None, 0, -signal.SIGKILL)
            assert may, f"{process.name} ended: {process.last_words()}"

    def load(self, feed: Feed, moments: Sequence[int] = (), *, through_outages: bool = False) -> Load:
        """Begin to publish a feed; `moments` are the events after which faults strike, on Kafka too if `through_outages`."""
        load = Load(feed, self.bootstrap, moments, self.assert_nobody_fell, through_outages=through_outages)
        load.start()
        self._loads.append(load)
        return load

    def _is_quiet(self) -> bool:
        self.assert_nobody_fell()
        workers = [process for process in self._processes if process.role == "worker" and process.alive()]
        return sum(metric(worker.metrics_url, "terradrift_solves_running") or 0 for worker in workers) == 0


class Killable(Protocol):
    @property
    def pid(self) -> int | None: ...
    def alive(self) -> bool: ...


def kill(process: Killable) -> None:
    """kill -9, and wait until it is gone."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.alive(), 10)


@contextmanager
def frozen(pid: int | None) -> Iterator[None]:
    """A process that stands still for a while, and does not know it afterwards."""
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Poll a condition; fails when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(POLL_SECONDS)


def pause(seconds: float) -> None:
    """Let the system run on for a moment that the test has drawn."""
    time.sleep(seconds)


class Load(Thread):
    """Publishes a feed in the background, never beyond the next fault but one.

    So that something is always under way when a fault strikes, and something always follows the last one.
    """

    def __init__(
        self, feed: Feed, bootstrap: str, moments: Sequence[int], check: Callable[[], None], *, through_outages: bool
    ) -> None:
        """`moments`: how many events are sent when each fault strikes, rising. `check` fails when a process has fallen."""
        super().__init__(daemon=True)
        self._feed = Feed(feed.roster, self._at_the_pace_of_faults(feed.events))
        self._address = bootstrap
        self._check = check
        self._through_outages = through_outages
        self._moments = list(moments)
        self._struck = 0
        self._sent = 0
        self._gate = Condition()
        self._abandoned = False
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            if self._through_outages:
                publish_patiently(self._feed, self._address, AHEAD)
            else:
                publish(self._feed, self._address, window=AHEAD, groups=READING_INPUTS, stall_seconds=STALL_SECONDS)
        except Exception as error:
            self._failure = error

    def wait_for_moments(self) -> Iterator[int]:
        """The number of each fault, when its moment has come."""
        for number, moment in enumerate(self._moments):
            wait_until(partial(self._has_sent, moment), LOAD_SECONDS)
            yield number
            with self._gate:
                self._struck = number + 1
                self._gate.notify()

    @property
    def sent(self) -> int:
        """Events handed over so far."""
        return self._sent

    def finish(self) -> None:
        """Until everything is published; raises what went wrong."""
        wait_until(self._is_over, LOAD_SECONDS)

    def abandon(self) -> None:
        """Publish nothing more: the test is over, or has failed on its way."""
        with self._gate:
            self._abandoned = True
            self._gate.notify()
        self.join(STALL_SECONDS)

    def _at_the_pace_of_faults(self, events: Iterable[FeedRecord]) -> Iterator[FeedRecord]:
        for record in events:
            with self._gate:
                self._gate.wait_for(self._may_go_on)
                if self._abandoned:
                    return
                self._sent += 1
            yield record

    def _may_go_on(self) -> bool:
        """Up to the fault after the next one; up to the last one (and its margin) until all have struck."""
        if self._abandoned:
            return True
        ahead = [*self._moments, self._moments[-1] + MARGIN][self._struck + 1 :] if self._moments else []
        return self._struck >= len(self._moments) or self._sent < ahead[0]

    def _has_sent(self, events: int) -> bool:
        over = self._is_over()
        assert not over or self._sent >= events, f"only {self._sent} events to publish"
        return self._sent >= events

    def _is_over(self) -> bool:
        self._check()
        if self._failure is not None:
            raise self._failure
        return not self.is_alive()
