"""Burying a message: the reason, the place and the original bytes."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from schemas.errors import RefusedError
from schemas.ids import derived
from schemas.rows import DeadLetterRow
from schemas.topics import DEAD_LETTERS
from streams.ports import Emit, Record

KEPT_BYTES = 500_000
"""A larger payload is cut here; its source offset still names the whole."""


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, tzinfo=UTC)


def received_at(record: Record) -> datetime:
    """When the broker says it got the record. A producer may set that time: absurd ones are brought into bounds."""
    latest_ms = (LATEST - EARLIEST) // timedelta(milliseconds=1)
    return EARLIEST + timedelta(milliseconds=min(max(record.timestamp_ms, 0), latest_ms))


def bury(record: Record, refused: RefusedError, log_id: str) -> Emit:
    """The dead letter of a record. The id names the source, so a replay writes the same letter."""
    value = record.value or b""
    letter = DeadLetterRow(
        dead_letter_id=derived("dead-letter", log_id, record.topic, record.partition, record.offset),
        log_id=log_id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        received_at=received_at(record),
        reason=refused.reason,
        field=refused.field[:200],
        detail=refused.detail[:1_000],
        key=(record.key or b"").decode("utf-8", "backslashreplace")[:200],
        payload_base64=b64encode(value[:KEPT_BYTES]).decode(),
        payload_bytes=len(value),
    )
    return Emit(DEAD_LETTERS.name, 0, letter.dead_letter_id.encode(), letter.model_dump_json().encode())
