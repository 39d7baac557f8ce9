"""How a running system is doing, in one look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import connect
from infra.clickhouse.read import counts, open_alerts, waiting_suggestions
from infra.feeds.lag import LagMeter, total
from schemas.errors import SettingsError, TerradriftError
from schemas.settings import load_settings
from streams.system.areas import nobody_there
from streams.system.runtime import Runtime, answers, find


def look(directory: Path) -> dict[str, Any]:
    """Everything `terradrift status` says. `healthy` is true when every part answers and the system is ready.

    `warnings` are no faults of the system: areas in the settings where nobody is.

    `clickhouse_url` carries user and password of a reader who can change nothing; `lag` counts records not consumed yet.

    Raises UnavailableError when nothing runs in the directory.
    """
    runtime = find(directory)
    problems: list[str] = []
    report: dict[str, Any] = {
        "healthy": False,
        "phase": runtime.phase,
        "progress": runtime.progress,
        "kafka": runtime.kafka,
        "kafka_mode": runtime.kafka_mode,
        "clickhouse_url": runtime.reader_url(),
        "clickhouse_user": runtime.reader[0],
        "clickhouse_password": runtime.reader[1],
        "console_url": runtime.console_url or None,
        "metrics": {"worker": runtime.worker_metrics, "sink": runtime.sink_metrics},
        "lag": None,
        "lag_by_group": {},
        "counts": {},
        "alerts_open": None,
        "suggestions_waiting": None,
        "solves_running": None,
        "warnings": [],
    }
    for part in (_processes, _lags, _tables):
        try:
            part(runtime, report)
        except TerradriftError as error:
            problems.append(str(error))
    problems += [f"the {role} does not answer" for role, up in report["processes"].items() if not up]
    if runtime.phase != "ready":
        problems.append(f"{runtime.phase} {runtime.progress}".strip())
    report["problems"] = problems
    report["healthy"] = not problems
    return report


def _processes(runtime: Runtime, report: dict[str, Any]) -> None:
    report["processes"] = {"worker": answers(runtime.worker_metrics), "sink": answers(runtime.sink_metrics)}
    report["solves_running"] = runtime.solves_running()


def _lags(runtime: Runtime, report: dict[str, Any]) -> None:
    with LagMeter(runtime.kafka, options=runtime.kafka_options()) as meter:
        groups = meter.read()
    report["lag"], report["lag_by_group"] = total(groups), groups


def _tables(runtime: Runtime, report: dict[str, Any]) -> None:
    client = connect(runtime.reader_access())
    try:
        report["counts"] = counts(client)
        report["alerts_open"] = len(open_alerts(client))
        report["suggestions_waiting"] = len(waiting_suggestions(client))
        report["warnings"] = _warnings(client, runtime)
    finally:
        client.close()


def _warnings(client: Client, runtime: Runtime) -> list[str]:
    """As the settings stand now in the file with which the system was started."""
    config = Path(runtime.config) if runtime.config else None
    try:
        return nobody_there(client, load_settings(config), config)
    except SettingsError as error:
        return [str(error)]
