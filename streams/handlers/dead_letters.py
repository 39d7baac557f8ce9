"""Burying a message: the reason, the place and the original bytes."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

from schemas.errors import RefusedError
from schemas.ids import derived
from schemas.rows import DeadLetterRow
from schemas.topics import DEAD_LETTERS
from streams.ports import Emit, Record

KEPT_BYTES = 500_000
"""A larger payload is cut here; its source offset still names the whole."""


def bury(record: Record, refused: RefusedError, log_id: str) -> Emit:
    """The dead letter of a record. The id names the source, so a replay writes the same letter."""
    value = record.value or b""
    letter = DeadLetterRow(
        dead_letter_id=derived("dead-letter", log_id, record.topic, record.partition, record.offset),
        log_id=log_id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        received_at=datetime.fromtimestamp(record.timestamp_ms / 1000, UTC),
        reason=refused.reason,
        field=refused.field,
        detail=refused.detail[:1_000],
        key=(record.key or b"").decode("utf-8", "backslashreplace")[:200],
        payload_base64=b64encode(value[:KEPT_BYTES]).decode(),
        payload_bytes=len(value),
    )
    return Emit(DEAD_LETTERS.name, 0, letter.dead_letter_id.encode(), letter.model_dump_json().encode())
