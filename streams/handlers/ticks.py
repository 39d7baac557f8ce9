"""The time as records: what lets idle partitions close their days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schemas.events import Tick
from schemas.ids import derived
from schemas.topics import TICK_KEY
from streams.ports import Emit


def ticks(places: Sequence[tuple[str, int]], at: datetime) -> list[Emit]:
    """A tick for each (topic, partition)."""
    return [
        Emit(topic, partition, TICK_KEY, _tick(topic, partition, at).model_dump_json().encode())
        for topic, partition in places
    ]


def _tick(topic: str, partition: int, at: datetime) -> Tick:
    return Tick(event_id=derived("tick", topic, partition, at.isoformat()), occurred_at=at)
