"""`terradrift up`: everything that runs, started in order, watched, restarted, stopped in order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.knock import knock
from infra.clickhouse.migrate import migrate
from infra.clickhouse.read import counts
from infra.embedded.addresses import BrokerAddress
from infra.embedded.child import StartError
from infra.embedded.clickhouse import ClickHouseServer
from infra.embedded.directory import RunDirectory
from infra.embedded.room import require_room
from infra.feeds.publish import Progress, publish, wait_until_done
from infra.kafka.topics import provision
from infra.privacy.erasure import apply_all
from infra.settings import kafka_security_of
from schemas.errors import TerradriftError, UnavailableError
from schemas.settings import load_settings
from streams.system.areas import nobody_there
from streams.system.people import People
from streams.system.processes import Broker, ExternalBroker, RoleProcess, broker_of
from streams.system.rebuild import history_feed
from streams.system.runtime import Runtime

WATCH_SECONDS = 0.5
CALM_SECONDS = 60.0
MOST_RESTARTS = 5
REBUILD_SECONDS = 3600.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: `kafka` is "embedded", "local" or an address; `clickhouse` None is the embedded one."""

    directory: Path
    kafka: str = "embedded"
    clickhouse: Access | None = None
    config: Path | None = None
    console: bool = True
    crm: bool = (
        False  # whether changes of reps may leave for the CRM of the environment: not those of an invented company
    )


class Supervisor:
    """Runs in the foreground until `stop` is set. The directory is held for as long."""

    def __init__(self, plan: Plan, say: Say, stop: Event) -> None:
        self._plan = plan
        self._say = say
        self._stop = stop
        self._directory = RunDirectory(plan.directory)
        self._settings = load_settings(plan.config)
        self._server: ClickHouseServer | None = None
        self._broker: Broker | None = None
        self._roles: list[RoleProcess] = []
        self._people = People(self._directory, self._settings, console=plan.console, crm=plan.crm, say=say)
        self._restarts: list[float] = []
        self._away = ""

    def run(self, ready: Callable[[Runtime], None] = lambda _: None) -> None:
        """Start, call `ready` once, watch until stopped. Raises TerradriftError when a part cannot be had."""
        with self._directory:
            try:
                runtime = self._start()
                ready(runtime)
                self._watch()
            finally:
                self._stop_all()

    def _start(self) -> Runtime:
        owner, reader = self._start_clickhouse()
        migrate(owner)
        client = connect(owner)
        publish_settings(client, self._settings)
        apply_all(client)  # what came back of those who were erased
        for finding in nobody_there(client, self._settings, self._plan.config):
            self._say(f"Settings     {finding}")
        client.close()
        return self._start_streams(owner, reader)

    def _start_clickhouse(self) -> tuple[Access, Access]:
        if self._plan.clickhouse is not None:
            knock(self._plan.clickhouse, database=False)
            return self._plan.clickhouse, self._plan.clickhouse
        started = time.monotonic()
        require_room(self._plan.directory)
        self._server = ClickHouseServer(self._plan.directory)
        address = self._server.start()
        self._say(f"ClickHouse   {address.url}  (embedded, {time.monotonic() - started:.1f} s)")
        owner, reader = address.owner, address.reader
        return Access(address.url, owner.user, owner.password), Access(address.url, reader.user, reader.password)

    def _start_streams(self, owner: Access, reader: Access) -> Runtime:
        """Broker, worker and sink; an embedded broker is new each time and is told the history."""
        started = time.monotonic()
        self._broker = broker_of(self._plan.kafka, self._directory)
        address = self._broker.start()
        mode = self._plan.kafka if self._plan.kafka in ("embedded", "local") else "external"
        provision(address.bootstrap, dict(kafka_security_of(os.environ)) if mode == "external" else None)
        self._say(f"Kafka        {address.bootstrap}  ({mode}, {time.monotonic() - started:.1f} s)")
        environment = self._environment(address, owner)
        self._roles = [RoleProcess(role, self._directory, environment) for role in ("worker", "sink")]
        for role in self._roles:
            role.start()
        runtime = self._runtime(address, mode, owner, reader)
        if mode == "embedded":
            self._rebuild(runtime, owner)
        return self._people.start(replace(runtime, phase="ready", progress=""))

    def _environment(self, address: BrokerAddress, owner: Access) -> dict[str, str]:
        environment = {
            "TERRADRIFT_KAFKA": address.bootstrap,
            "TERRADRIFT_LOG_ID": address.log_id,
            "TERRADRIFT_CLICKHOUSE_URL": owner.url,
            "TERRADRIFT_CLICKHOUSE_USER": owner.user,
            "TERRADRIFT_CLICKHOUSE_PASSWORD": owner.password,
        }
        if self._plan.config is not None:
            environment["TERRADRIFT_CONFIG"] = str(self._plan.config.absolute())
        return environment

    def _runtime(self, address: BrokerAddress, mode: str, owner: Access, reader: Access) -> Runtime:
        return Runtime(
            phase="starting",
            kafka=address.bootstrap,
            kafka_mode=mode,  # type: ignore[arg-type]
            log_id=address.log_id,
            clickhouse_url=owner.url,
            owner=(owner.user, owner.password),
            reader=(reader.user, reader.password),
            worker_metrics=self._roles[0].metrics_url,
            sink_metrics=self._roles[1].metrics_url,
            config=str(self._plan.config or ""),
        )

    def _rebuild(self, runtime: Runtime, owner: Access) -> None:
        """Tell the new broker what ClickHouse holds; nothing to do in a fresh directory."""
        client = connect(owner)
        try:
            held = counts(client)
            total = sum(held[table] for table in ("accounts", "orders", "visits"))
            if not total:
                return
            self._say(
                f"Rebuilding   {total:,} events from ClickHouse (the embedded broker keeps nothing over a restart)"
            )

            told = 0

            def tell(progress: Progress) -> None:
                nonlocal told
                tenths = min(10 * progress.sent // total, 10)
                if tenths > told:
                    told = tenths
                    self._say(f"             {10 * tenths} %")
                share = f"{min(progress.sent / total, 1):.0%}"
                self._directory.write_runtime(replace(runtime, phase="rebuilding", progress=share).as_json())
                self._check_alive()

            def is_quiet() -> bool:
                self._check_alive()
                return runtime.solves_running() == 0

            lateness = self._settings.calendar.lateness_hours
            publish(history_feed(client), runtime.kafka, tell, lateness_hours=lateness)
            wait_until_done(runtime.kafka, is_quiet=is_quiet, deadline=REBUILD_SECONDS)
        finally:
            client.close()

    def _check_alive(self) -> None:
        """Raises TerradriftError when we were asked to stop, or a part ended, while history was being told."""
        if self._stop.is_set():
            raise TerradriftError("stopped while rebuilding")
        for role in self._roles:
            if not role.alive():
                raise TerradriftError(f"the {role.role} ended while rebuilding: {role.last_words()} (see {role.log})")

    def _watch(self) -> None:
        while not self._stop.wait(WATCH_SECONDS):
            if self._server is not None and not self._server.alive():
                self._note_restart("ClickHouse ended; starting it again")
                self._server.start()
            if self._broker is not None and not self._broker.alive():
                self._restart_streams("the broker ended")
            for role in self._roles:
                if not role.alive():
                    self._mend(role)
                    break
            self._people.mend()

    def _mend(self, role: RoleProcess) -> None:
        reason = f"the {role.role} ended: {role.last_words()} (see {role.log})"
        if self._plan.kafka == "embedded":
            self._restart_streams(reason)  # the embedded broker keeps too little for a worker to recover from
        elif self._outside_is_there(reason):
            self._note_restart(reason)
            try:
                role.start()
            except StartError as failed:  # the next look finds it ended, and counts
                self._say(f"             {failed}")

    def _outside_is_there(self, reason: str) -> bool:
        """Whether a Kafka and ClickHouse of somebody else can be reached; while not, a restart would only use up the count."""
        try:
            if isinstance(self._broker, ExternalBroker):
                self._broker.start()
            if self._plan.clickhouse is not None:
                knock(self._plan.clickhouse)
        except UnavailableError as away:
            if str(away) != self._away:
                self._say(f"Waiting      {reason}; {away}")
            self._away = str(away)
            return False
        self._away = ""
        return True

    def _restart_streams(self, reason: str) -> None:
        self._note_restart(reason)
        content = self._directory.read_runtime() or {}
        self._stop_streams()
        owner = Access(content["clickhouse_url"], *content["owner"])
        reader = Access(content["clickhouse_url"], *content["reader"])
        self._start_streams(owner, reader)

    def _note_restart(self, reason: str) -> None:
        """Raises TerradriftError when things break again and again: then a person must look."""
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < CALM_SECONDS] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            raise TerradriftError(f"{reason}: {MOST_RESTARTS} restarts within {CALM_SECONDS:.0f} s, giving up")
        self._say(f"Restarting   {reason}")

    def _stop_streams(self) -> None:
        self._people.stop()
        for role in self._roles:
            role.stop()
        if self._broker is not None:
            self._broker.stop()

    def _stop_all(self) -> None:
        self._stop_streams()
        if self._server is not None:
            self._server.stop()


def default_directory() -> Path:
    """Where a system lives unless said otherwise."""
    return Path(os.environ.get("TERRADRIFT_DIR", ".terradrift"))
