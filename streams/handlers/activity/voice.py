"""What the activity stage says in one batch: facts, messages for the regions, dead letters."""

from __future__ import annotations

from datetime import date

from schemas.errors import RefusedError
from schemas.ids import region_partition
from schemas.region_log import DayClosed, RegionMessage, encode
from schemas.topics import EVERY_REGION, REGION_EVENTS
from streams.handlers.dead_letters import bury
from streams.ports import Emit, Output, Record


class Voice:
    """Puts everything into the output of the present batch, in order."""

    def __init__(self, partition: int, log_id: str) -> None:
        self._partition = partition
        self._log_id = log_id
        self.output = Output()

    def begin(self) -> None:
        self.output = Output()

    def tell(self, region_id: str, message: RegionMessage) -> None:
        """Into the log of one region."""
        partition = region_partition(region_id, REGION_EVENTS.partitions)
        self.output.emits.append(Emit(REGION_EVENTS.name, partition, region_id.encode(), encode(message)))

    def tell_closed(self, day: date) -> None:
        """Into every partition of the region log: this partition has seen everything up to and including `day`."""
        mark = encode(DayClosed(partition=self._partition, day=day))
        for partition in range(REGION_EVENTS.partitions):
            self.output.emits.append(Emit(REGION_EVENTS.name, partition, EVERY_REGION, mark))

    def write(self, record: Record, *facts: Emit) -> None:
        """Rows of an accepted event; a restored event has them already."""
        if not record.restored:
            self.output.emits.extend(facts)
            for emit in facts:
                self.output.count("facts", emit.table)

    def bury(self, record: Record, refused: RefusedError) -> None:
        self.output.emits.append(bury(record, refused, self._log_id))
        self.output.count("dead_letters", f"{record.topic}|{refused.reason}")
