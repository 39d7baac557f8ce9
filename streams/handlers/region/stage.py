"""The region stage: the regions of one partition of the region log, and their snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from schemas.errors import RefusedError
from schemas.ids import region_partition
from schemas.region_log import (
    AccountSet,
    DayClosed,
    MarketEventSet,
    RegionMessage,
    RepSet,
    SolveFinished,
    decode,
)
from schemas.settings import Settings
from schemas.topics import ACTIVITY_PARTITIONS, REGION_EVENTS, REGION_STATE
from streams.handlers.dead_letters import bury
from streams.handlers.region.fold import Region
from streams.handlers.region.learning import Learner
from streams.handlers.region.snapshot import PartitionSnapshot, RegionSnapshot, read, write
from streams.handlers.region.state import RegionState
from streams.handlers.region.voice import Voice
from streams.ports import MemoryStore, Output, Record

SNAPSHOT_RECORDS = 10_000
SNAPSHOT_WEEKS = 8
"""Whichever comes first; the weeks keep a quiet region's log from being forgotten before it is in a snapshot."""


class RegionPartition:
    """Handler of one partition. The calendar of all its regions follows the slowest activity partition."""

    def __init__(
        self, partition: int, store: dict[bytes, bytes], settings: Settings, log_id: str, snapshot_records: int
    ) -> None:
        self._partition = partition
        self._store = store
        self._settings = settings
        self._log_id = log_id
        self._snapshot_records = snapshot_records
        snapshot = read(store) or PartitionSnapshot(0, {}, [])
        self._next_offset = snapshot.next_offset
        self._start_offset = snapshot.next_offset
        self._marks = snapshot.marks
        self._regions = {
            one.state.region_id: Region(one.state, Learner.from_bytes(settings, one.learner), settings)
            for one in snapshot.regions
        }
        self._unsaved = 0
        self._saved_weeks = self._weeks()
        self._output = Output()
        self._voices: dict[str, Voice] = {}

    def start_offset(self, topic: str) -> int | None:  # noqa: ARG002 - the contract names it
        return self._start_offset

    def handle(self, records: Sequence[Record]) -> Output:
        self._output, self._voices = Output(), {}
        for record in records:
            self._output.count("messages", record.topic)
            try:
                self._one(record)
            except RefusedError as refused:
                self._output.emits.append(bury(record, refused, self._log_id))
                self._output.count("dead_letters", f"{record.topic}|{refused.reason}")
            self._next_offset = record.offset + 1
        self._unsaved += len(records)
        if self._is_due() and not any(r.state.pending for r in self._regions.values()):
            self._save()
        return self._output

    def _one(self, record: Record) -> None:
        message = _message(record)
        if isinstance(message, DayClosed):
            self._mark(message)
        elif isinstance(message, RepSet):
            if region_partition(message.region_id, REGION_EVENTS.partitions) == self._partition:
                self._region(message.region_id)
            for region in list(self._regions.values()):
                region.hear(message, record, self._voice(region))
        elif isinstance(message, MarketEventSet):
            for region in self._regions.values():
                if message.region_id in (None, region.state.region_id):
                    region.hear(message, record, self._voice(region))
        else:
            region = self._region(message.region_id, create=isinstance(message, AccountSet))
            region.hear(message, record, self._voice(region))
            if isinstance(message, SolveFinished):
                self._close_days(region)

    def _mark(self, message: DayClosed) -> None:
        before = self._marks.get(message.partition)
        if before is None or message.day > before:
            self._marks[message.partition] = message.day
            for region in self._regions.values():
                self._close_days(region)

    def _close_days(self, region: Region) -> None:
        """A day is over for a region when every activity partition says so."""
        if len(self._marks) == ACTIVITY_PARTITIONS:
            region.close_days(min(self._marks.values()), self._voice(region))
            closed: date | None = region.state.closed
            if closed is not None:
                self._output.gauges["region_closed_day", region.state.region_id] = float(closed.toordinal())

    def _region(self, region_id: str, create: bool = True) -> Region:
        region = self._regions.get(region_id)
        if region is None:
            if not create:
                raise RefusedError("unknown_region", f"no account or rep has named region {region_id!r}", "region_id")
            region = Region(RegionState(region_id), Learner(self._settings, region_id), self._settings)
            self._regions[region_id] = region
        return region

    def _voice(self, region: Region) -> Voice:
        region_id = region.state.region_id
        if region_id not in self._voices:
            version = region.learner.version
            self._voices[region_id] = Voice(
                region_id, self._partition, self._settings, version, self._output, self._log_id
            )
        return self._voices[region_id]

    def _weeks(self) -> int:
        return sum(region.state.weeks_closed for region in self._regions.values())

    def _is_due(self) -> bool:
        weeks = self._weeks() - self._saved_weeks
        return self._unsaved >= self._snapshot_records or weeks >= SNAPSHOT_WEEKS * max(len(self._regions), 1)

    def _save(self) -> None:
        regions = [RegionSnapshot(region.state, region.learner.to_bytes()) for region in self._regions.values()]
        records = write(PartitionSnapshot(self._next_offset, self._marks, regions), self._store)
        self._store.update({key: value for key, value in records.items() if value is not None})
        self._output.state.update(records)
        self._output.count("snapshots")
        size = sum(len(value) for value in records.values() if value is not None)
        self._output.gauges["snapshot_bytes", str(self._partition)] = float(size)
        self._unsaved = 0
        self._saved_weeks = self._weeks()


def _message(record: Record) -> RegionMessage:
    try:
        message: RegionMessage = decode(record.value or b"")
    except msgspec.MsgspecError as error:
        raise RefusedError("broken_message", f"not a message of a region's log: {error}") from None
    return message


class RegionStage:
    """All partitions of the region stage."""

    name = "region"
    topics = (REGION_EVENTS.name,)
    state_topic = REGION_STATE.name
    state_first = False

    def __init__(self, settings: Settings, log_id: str, snapshot_records: int = SNAPSHOT_RECORDS) -> None:
        self._settings = settings
        self._log_id = log_id
        self._snapshot_records = snapshot_records

    def open(self, partition: int, state: MemoryStore, /) -> RegionPartition:
        return RegionPartition(partition, state, self._settings, self._log_id, self._snapshot_records)
