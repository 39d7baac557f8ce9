"""Accepted events as the rows they become: the event's own JSON with the coordinates of its source record."""

from __future__ import annotations

import json

from schemas.events import Event
from schemas.row_ranges import SourceSpan
from schemas.topics import COLUMNS_HEADER, FACTS, SOURCE_HEADER
from streams.ports import Emit, Record


def fact(table: str, event: Event, record: Record, log_id: str, region_id: str | None = None) -> Emit:
    """The row of an accepted event. `region_id` is added for rows that carry the region known to the stage."""
    extra = "" if region_id is None else f',"region_id":{json.dumps(region_id)}'
    body = event.model_dump_json()[:-1]
    return _emit(table, body + extra, record, log_id)


def nameless_fact(table: str, event: Event, record: Record, log_id: str) -> list[Emit]:
    """The row of an account or rep without its name, and the name in a row of its own (`names`)."""
    identity, name = getattr(event, f"{table[:-1]}_id"), getattr(event, "name", "")
    emits = [_emit(table, event.model_copy(update={"name": ""}).model_dump_json()[:-1], record, log_id)]
    if name:
        row = {"kind": table[:-1], "id": identity, "name": name, "occurred_at": event.occurred_at.isoformat()}
        emits.append(_emit("names", json.dumps(row)[:-1], record, log_id))
    return emits


def many_facts(table: str, columns: tuple[str, ...], rows: bytes, source: SourceSpan) -> Emit:
    """Rows of many events in one record, a JSON array a line."""
    headers = ((COLUMNS_HEADER, ",".join(columns).encode()), (SOURCE_HEADER, source.header()))
    return Emit(FACTS.name, source.partition % FACTS.partitions, b"", rows, table, headers)


def _emit(table: str, open_object: str, record: Record, log_id: str) -> Emit:
    coordinates = (
        f',"log_id":"{log_id}","topic":"{record.topic}","partition":{record.partition},"offset":{record.offset}}}'
    )
    partition = record.partition % FACTS.partitions
    return Emit(FACTS.name, partition, record.key or b"", (open_object + coordinates).encode(), table)
