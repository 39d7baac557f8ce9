"""The parts of a running system as child processes: broker, database, worker, sink."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname
from typing import Protocol

from infra.embedded.addresses import BrokerAddress
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.child import Child
from infra.embedded.directory import RunDirectory
from infra.embedded.kafka_local import LocalKafka
from infra.embedded.ports import free_port
from infra.kafka.topics import cluster_id
from infra.settings import kafka_security_of
from schemas.ids import derived
from schemas.topics import TOPICS
from streams.system.runtime import answers

READY_SECONDS = 60.0


class Broker(Protocol):
    def start(self) -> BrokerAddress: ...
    def alive(self) -> bool: ...
    def stop(self) -> int | None: ...


class ExternalBroker:
    """A Kafka that somebody else runs."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def start(self) -> BrokerAddress:
        """Raises UnavailableError when it does not answer."""
        return BrokerAddress(self._bootstrap, cluster_id(self._bootstrap, dict(kafka_security_of(os.environ))))

    def alive(self) -> bool:
        return True

    def stop(self) -> int | None:
        return None


def broker_of(mode: str, directory: RunDirectory) -> Broker:
    """The broker a `--kafka` option asks for: embedded, local, or an address."""
    if mode == "embedded":
        return EmbeddedBroker(directory.path, {topic.name: topic.partitions for topic in TOPICS})
    if mode == "local":
        return LocalKafka(directory.path)
    return ExternalBroker(mode)


class RoleProcess:
    """A worker or sink in a process of its own, with its metrics on a free port of loopback."""

    def __init__(self, role: str, directory: RunDirectory, environment: Mapping[str, str], name: str = "") -> None:
        """`name` tells several processes of one role apart; it names the log."""
        self.role = role
        self.name = name or role
        self._directory = directory
        self._environment = environment
        self._child: Child | None = None
        self.metrics_url = ""

    def start(self) -> None:
        """Start and wait until it offers its metrics. Raises StartError with the end of its log."""
        port = free_port()
        self.metrics_url = f"http://127.0.0.1:{port}/metrics"
        instance = derived(self.name, gethostname(), self._directory.path)
        environment = {
            **self._environment, "TERRADRIFT_METRICS_PORT": str(port), "TERRADRIFT_INSTANCE": f"{self.name}-{instance}",
        }  # fmt: skip
        command = (sys.executable, "-m", "streams.cli", self.role)
        self._child = Child(self.name, command, self.log, environment=environment)
        self._child.spawn()
        self._child.wait_ready(lambda: answers(self.metrics_url), READY_SECONDS)

    @property
    def log(self) -> Path:
        return self._directory.logs / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """None while alive; minus the signal's number after a signal."""
        return self._child.exit_code if self._child else None

    def alive(self) -> bool:
        return self._child is not None and self._child.alive()

    def last_words(self) -> str:
        """The last error its log names, or its last line."""
        lines = [line.strip() for line in (self._child.last_lines(40) if self._child else "").splitlines()]
        spoken = [line for line in lines if re.search("[a-z]{3}", line) and "\x1b" not in line]
        errors = [line for line in spoken if re.match(r"[\w.]+(Error|Exception): ", line)]
        return (errors or spoken or ["no message"])[-1][:300]

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
