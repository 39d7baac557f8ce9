"""What a region says: rows with the versions that spoke, as records for its output topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from pydantic import BaseModel

from schemas.errors import RefusedError
from schemas.ids import derived
from schemas.rows import AlertRow, AssignmentChangeRow, ModelQualityRow, PotentialRow, SuggestionRow
from schemas.settings import Settings
from schemas.topics import ALERTS, ASSIGNMENT_CHANGES, MODEL_QUALITY, POTENTIALS, SUGGESTIONS, Topic
from streams.handlers.dead_letters import bury
from streams.ports import Emit, Output, Record

TOPIC_OF: dict[type[BaseModel], Topic] = {
    PotentialRow: POTENTIALS,
    AlertRow: ALERTS,
    SuggestionRow: SUGGESTIONS,
    AssignmentChangeRow: ASSIGNMENT_CHANGES,
    ModelQualityRow: MODEL_QUALITY,
}


encode_line = msgspec.json.Encoder().encode


class Voice:
    """Puts what one region says into the output of its partition; rows go to the partition of its log."""

    def __init__(
        self, region_id: str, partition: int, settings: Settings, model_version: str, output: Output, log_id: str
    ) -> None:
        self.region_id = region_id
        self.partition = partition
        self._versions = {"region_id": region_id, "model_version": model_version, "config_version": settings.version}
        self.output = output
        self._log_id = log_id

    def bury(self, record: Record, refused: RefusedError) -> None:
        """A record of the log that fits nothing here."""
        self.output.emits.append(bury(record, refused, self._log_id))
        self.output.count("dead_letters", f"{record.topic}|{refused.reason}")

    def say(self, row_type: type[BaseModel], as_of: date, **fields: Any) -> BaseModel:
        """Validate a row and emit it; `as_of` is the end of that day."""
        row = row_type(**self._versions, as_of=end_of(as_of), **fields)
        self.repeat(row)
        return row

    def versions(self, as_of: date) -> tuple[str, datetime, str, str]:
        """The first four fields of every row: region, end of the day it speaks of, model and settings."""
        return self.region_id, end_of(as_of), self._versions["model_version"], self._versions["config_version"]

    def repeat_all(self, topic: Topic, lines: Iterable[msgspec.Struct]) -> None:
        """Emit many rows of one kind, already checked, at the least cost."""
        name, key = topic.name, self.region_id.encode()
        self.output.emits.extend(Emit(name, self.partition, key, encode_line(line)) for line in lines)

    def repeat(self, row: BaseModel) -> None:
        """Emit a row that is complete already."""
        topic = TOPIC_OF[type(row)]
        self.output.emits.append(
            Emit(topic.name, self.partition, self.region_id.encode(), row.model_dump_json().encode())
        )

    def derive(self, *parts: object) -> str:
        """An id that belongs to this region."""
        return derived(self.region_id, *parts)


def end_of(day: date) -> datetime:
    """The instant a day is over (UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
