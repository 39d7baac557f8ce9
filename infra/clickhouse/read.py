"""Typed reads for the command line and for the rebuild of the embedded system. Values are bound, never pasted into SQL."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from infra.clickhouse.client import translated_errors
from schemas import events
from schemas.rows import AlertRow, SuggestionRow
from schemas.topics import FACTS, INPUTS, SINK_TOPICS

Row = TypeVar("Row", bound=BaseModel)

TABLES: Final = tuple(table for topic in SINK_TOPICS for table in topic.row_types)
# Which input topic a table of facts came from, in the order in which equal moments are told: who and where before what.
SOURCES: Final = {"reps": "reps", "accounts": "accounts", "assignments": "assignments", "market_events": "market-events",
                  "decisions": "decisions", "orders": "orders", "visits": "visit-reports", "opportunities": "opportunities",
                  "targets": "targets", "surveys": "surveys"}  # fmt: skip
_EVENT_OF: Final[dict[str, type[events.Event]]] = {
    topic.name: topic.payload
    for topic in INPUTS
    if topic.payload is not None and issubclass(topic.payload, events.Event)
}
_AS_JSON: Final = {
    "date_time_output_format": "iso",
    "output_format_json_quote_decimals": 1,
    "output_format_json_quote_64bit_integers": 0,
}
_MOMENT: Final = slice(len('{"occurred_at":"'), len('{"occurred_at":"2026-06-30T12:00:00.000Z'))


@dataclass(frozen=True, slots=True)
class FlashFigure:
    """One line of the flash page; `as_of` is event time."""

    name: str
    value: float | None
    unit: str
    target: float | None
    numerator: float | None
    denominator: float | None
    as_of: datetime


def counts(client: Client) -> dict[str, int]:
    """Rows of every table that the sink fills: on facts a plain count() is exact, results are counted once per key."""
    each = (f"SELECT '{table}' AS name, count() AS n FROM {table}{_final(table)}" for table in TABLES)  # noqa: S608 - our own names
    parts = " UNION ALL ".join(each)
    with translated_errors("counts"):
        found = {str(row[0]): int(row[1]) for row in client.query(parts).result_rows}
    return {table: found[table] for table in TABLES}


def _final(table: str) -> str:
    return "" if table in FACTS.row_types else " FINAL"


def open_alerts(client: Client, region_id: str | None = None) -> list[AlertRow]:
    """Alerts that are not resolved, the most costly first; of one region or of all."""
    return rows_of(
        client, AlertRow, "alerts_now",
        "state NOT IN ('resolved', 'normal') AND ({region:Nullable(String)} IS NULL OR region_id = {region:Nullable(String)}) ORDER BY eur_at_risk DESC, alert_id",
        {"region": region_id},
    )  # fmt: skip


def waiting_suggestions(client: Client, region_id: str | None = None) -> list[SuggestionRow]:
    """Suggestions that wait for a decision, the most valuable first; of one region or of all."""
    return rows_of(
        client, SuggestionRow, "suggestions_now",
        "status = 'proposed' AND ({region:Nullable(String)} IS NULL OR region_id = {region:Nullable(String)}) ORDER BY worth_eur DESC, suggestion_id",
        {"region": region_id},
    )  # fmt: skip


def suggestion(client: Client, suggestion_id: str) -> SuggestionRow | None:
    """The present state of one suggestion; None when there is none of that id."""
    found = rows_of(client, SuggestionRow, "suggestions_now", "suggestion_id = {id:String}", {"id": suggestion_id})
    return found[0] if found else None


def flash_kpis(client: Client) -> list[FlashFigure]:
    """The flash page in its order."""
    columns = "name, value, unit, target, numerator, denominator, as_of"
    with translated_errors("flash page"):
        rows = client.query(f"SELECT {columns} FROM kpi_flash ORDER BY position").result_rows  # noqa: S608 - our own names
    return [FlashFigure(*row) for row in rows]


def facts(client: Client, table: str) -> Iterator[bytes]:
    """The original events of one table of facts as JSON objects, in event-time order, streamed.

    They hold the fields of the event alone, `occurred_at` first; names come back from `names`. Moments are as precise as
    ClickHouse keeps them, a millisecond. Raises KeyError for a table that holds no facts.
    """
    event = _EVENT_OF[SOURCES[table]]
    fields = ", ".join(
        ["f.occurred_at AS occurred_at", *(_field(table, name) for name in event.model_fields if name != "occurred_at")]
    )
    names = "LEFT ANY JOIN names AS n USING (log_id, topic, partition, offset)" if table in ("accounts", "reps") else ""
    text = f"SELECT {fields} FROM (SELECT * FROM {table} FINAL) AS f {names} ORDER BY occurred_at, f.log_id, f.offset, event_id"  # noqa: S608 - our own names
    with (
        translated_errors(f"facts of {table}"),
        client.raw_stream(text, fmt="JSONEachRow", settings=_AS_JSON) as stream,
    ):
        yield from _lines(stream)


def history(client: Client, tables: Sequence[str] = tuple(SOURCES)) -> Iterator[tuple[str, bytes]]:
    """(input topic, event) of all accepted facts in event-time order, streamed from every table at once.

    At the same moment reps come first, then accounts, assignments and the rest, in the order of `tables`.
    """
    streams = [_told(client, number, table) for number, table in enumerate(tables)]
    for _, number, line in heapq.merge(*streams, key=lambda entry: entry[:2]):
        yield SOURCES[tables[number]], line


def _told(client: Client, number: int, table: str) -> Iterator[tuple[bytes, int, bytes]]:
    for line in facts(client, table):
        yield line[_MOMENT], number, line


def _field(table: str, name: str) -> str:
    return "n.name AS name" if name == "name" and table in ("accounts", "reps") else f"f.{name} AS {name}"


def rows_of(
    client: Client, model: type[Row], view: str, condition: str, values: dict[str, Any], columns: Sequence[str] = ()
) -> list[Row]:
    """Rows of a view as `model`; `columns` are those to read where not all are needed."""
    text = f"SELECT {', '.join(columns or model.model_fields)} FROM {view} WHERE {condition}"  # noqa: S608 - our own names; values are bound
    with translated_errors(view):
        answer = client.raw_query(text, parameters=values, fmt="JSONEachRow", settings=_AS_JSON)
    return [model.model_validate_json(line) for line in answer.splitlines()]


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest
