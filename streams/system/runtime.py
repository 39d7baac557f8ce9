"""What a running system says of itself in its directory, and how commands find it."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, connect
from infra.clickhouse.snapshots import refresh_snapshots
from infra.embedded.directory import RunDirectory
from infra.settings import kafka_security_of
from schemas.errors import UnavailableError

Phase = Literal["starting", "rebuilding", "ready"]
ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """Addresses of a running system. Passwords are in the private runtime file and in no representation."""

    phase: Phase
    kafka: str
    kafka_mode: Literal["embedded", "local", "external"]
    log_id: str
    clickhouse_url: str
    owner: tuple[str, str] = field(repr=False)
    reader: tuple[str, str] = field(repr=False)
    worker_metrics: str
    sink_metrics: str
    config: str
    progress: str = ""
    console_url: str = ""

    def owner_access(self) -> Access:
        return Access(self.clickhouse_url, *self.owner)

    def reader_access(self) -> Access:
        return Access(self.clickhouse_url, *self.reader)

    def kafka_options(self) -> dict[str, Any]:
        """TLS and SASL settings of our clients, from the environment; a broker of our own needs none."""
        return dict(kafka_security_of(os.environ)) if self.kafka_mode == "external" else {}

    def reader_url(self) -> str:
        """The address with the reader's user and password in it, as clients take it."""
        scheme, _, place = self.clickhouse_url.partition("://")
        user, password = (quote(part, safe="") for part in self.reader)
        return f"{scheme}://{user}:{password}@{place}"

    def connect_reader(self) -> Client:
        """A client that may read everything and change nothing."""
        return connect(self.reader_access())

    def solves_running(self) -> int:
        """Solves under way now. Raises UnavailableError when the worker does not answer."""
        return int(metric(self.worker_metrics, "terradrift_solves_running") or 0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def find(directory: Path) -> Runtime:
    """The system that runs in `directory`. Raises UnavailableError with what to do where there is none."""
    run = RunDirectory(directory)
    holder = run.holder()
    if holder is None:
        raise UnavailableError(f"nothing runs in {directory}; start it with: terradrift up --dir {directory}")
    content = run.read_runtime()
    if content is None:
        raise UnavailableError(
            f"the system in {directory} (process {holder.pid}) is still starting; try again in a moment"
        )
    return Runtime(**{**content, "owner": tuple(content["owner"]), "reader": tuple(content["reader"])})


def metric(url: str, name: str, **labels: str) -> float | None:
    """The sum of a metric's series with these labels at an exposition URL; None where it has none yet.

    Raises UnavailableError.
    """
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    values = [
        float(line.rsplit(" ", 1)[1])
        for line in _lines(url)
        if line.split("{")[0].split(" ")[0] == name and all(label in line for label in wanted)
    ]
    return sum(values) if values else None


def answers(url: str) -> bool:
    """Whether a process offers its metrics."""
    try:
        _lines(url)
    except UnavailableError:
        return False
    return True


def _lines(url: str) -> list[str]:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as response:  # noqa: S310 - an address of our own
            return str(response.read().decode()).splitlines()
    except (OSError, urllib.error.URLError) as error:
        raise UnavailableError(f"{url} does not answer: {error}") from None


def refresh_kpis(runtime: Runtime) -> None:
    """Make the snapshots that KPIs are read from now, rather than within a minute."""
    client = connect(runtime.owner_access())
    try:
        refresh_snapshots(client)
    finally:
        client.close()
