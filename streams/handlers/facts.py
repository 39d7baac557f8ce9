"""Accepted events as the rows they become: the event's own JSON with the coordinates of its source record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.events import Event
from schemas.topics import COLUMNS_HEADER, FACTS, SOURCE_HEADER
from streams.ports import Emit, Record

_encode_lines = msgspec.json.Encoder().encode_lines


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


def many_facts(
    table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], topic: str, partition: int, log_id: str
) -> Emit:
    """Rows of many events in one record, a JSON array a line. A row ends with the region and the source offset."""
    tail = (log_id, topic, partition)
    lines = _encode_lines([(*row, *tail) for row in rows])
    source = f"{topic}/{partition}/{rows[0][-1]}/{rows[-1][-1]}/{len(rows)}"
    names = ",".join((*columns, "region_id", "offset", "log_id", "topic", "partition"))
    headers = ((COLUMNS_HEADER, names.encode()), (SOURCE_HEADER, source.encode()))
    return Emit(FACTS.name, partition % FACTS.partitions, b"", lines[:-1], table, headers)


def _emit(table: str, open_object: str, record: Record, log_id: str) -> Emit:
    coordinates = (
        f',"log_id":"{log_id}","topic":"{record.topic}","partition":{record.partition},"offset":{record.offset}}}'
    )
    partition = record.partition % FACTS.partitions
    return Emit(FACTS.name, partition, record.key or b"", (open_object + coordinates).encode(), table)
