"""How a running system is doing, in one look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.clickhouse.client import connect
from infra.clickhouse.read import counts, open_alerts, waiting_suggestions
from infra.feeds.lag import LagMeter, total
from schemas.errors import TerradriftError
from streams.system.runtime import Runtime, answers, find


def look(directory: Path) -> dict[str, Any]:
    """Everything `terradrift status` says. `healthy` is true when every part answers and the system is ready.

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
    finally:
        client.close()
