"""The region stage: the regions of one partition of the region log, and their snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from schemas.errors import RefusedError, TerradriftError
from schemas.ids import region_partition
from schemas.region_log import (
    AccountSet,
    DayClosed,
    DealSet,
    MarketEventSet,
    RegionMessage,
    RepSet,
    SolveFinished,
    decode,
)
from schemas.settings import Settings
from schemas.topics import DAY_MARKERS, REGION_EVENTS, REGION_STATE
from streams.handlers.dead_letters import bury
from streams.handlers.region.fold import Region
from streams.handlers.region.learning import Learner
from streams.handlers.region.pieces import FORM, pieces_of, regions_of
from streams.handlers.region.snapshot import Snapshots
from streams.handlers.region.state import RegionState
from streams.handlers.region.voice import Voice
from streams.ports import Output, Record


@dataclass(frozen=True, slots=True)
class Pace:
    """When a snapshot is taken, and how fast it is written.

    `records` of the log or `days` of the calendar, whichever comes first; the days keep a quiet log from being forgotten
    before it is in a snapshot. `batch_bytes` of it are written with each batch of records (some 30 ms), and `week_bytes`
    more for each week that the batch closed, so that a fast replay does not run away from its snapshots.
    """

    records: int = 10_000
    days: int = 56
    batch_bytes: int = 1_000_000
    week_bytes: int = 4_000_000


class RegionPartition:
    """Handler of one partition. The calendar of all its regions follows the slowest of those that mark closed days."""

    def __init__(
        self, partition: int, store: Mapping[bytes, bytes], settings: Settings, log_id: str, pace: Pace
    ) -> None:
        self._partition = partition
        self._settings = settings
        self._log_id = log_id
        self._pace = pace
        self._snapshots = Snapshots(store, FORM)
        self._next_offset = self._start_offset = self._snapshots.next_offset
        self._marks: dict[int, date] = {}
        self._regions: dict[str, Region] = {}
        pieces = self._snapshots.read(store)
        if pieces is not None:
            self._marks, self._regions = regions_of(pieces, settings)
        self._begun = False
        self._unsaved = 0
        self._saved_day = self._closed_day()
        self._written = 0
        self._output = Output()
        self._voices: dict[str, Voice] = {}

    def start_offset(self, topic: str, committed: int = 0) -> int | None:  # noqa: ARG002 - the contract names it
        return self._start_offset

    def known_until(self, topic: str) -> int | None:  # noqa: ARG002 - the contract names it
        return self._start_offset

    def handle(self, records: Sequence[Record]) -> Output:
        self._output, self._voices = Output(), {}
        if not self._begun and records:
            self._check_begin(records[0].offset)
        day_before = self._closed_day()
        for record in records:
            self._output.count("messages", record.topic)
            try:
                self._one(record)
            except RefusedError as refused:
                self._output.emits.append(bury(record, refused, self._log_id))
                self._output.count("dead_letters", f"{record.topic}|{refused.reason}")
            self._next_offset = record.offset + 1
        self._unsaved += len(records)
        self._save(weeks=(self._closed_day() - day_before) // 7 if day_before else 0)
        return self._output

    def _check_begin(self, offset: int) -> None:
        """State is only as good as the log it was made from. Raises TerradriftError when some of it is gone."""
        foreign = self._snapshots.foreign_form
        why = (
            f"a snapshot of version {foreign!r} cannot be read by {FORM!r}" if foreign else "there is no newer snapshot"
        )
        if offset > self._start_offset:
            raise TerradriftError(
                f"partition {self._partition} of {REGION_EVENTS.name} begins at offset {offset}, but its regions need "
                f"it from {self._start_offset} on: {why}. Go back to the version that wrote the snapshot, or delete "
                f"Terradrift's topics and replay the history"
            )
        if foreign:
            self._output.notes.append(
                f"regions of partition {self._partition}: {why}; they are rebuilt from the beginning of their log"
            )
        self._begun = True

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
        elif isinstance(message, DealSet):
            for region in self._regions.values():
                if message.account_id in region.state.accounts:
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
        """A day is over for a region when every activity partition and the intake say so."""
        if len(self._marks) == DAY_MARKERS:
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

    def _closed_day(self) -> int:
        """The newest day (ordinal) that every activity partition and the intake have closed; 0 before the first."""
        return min(self._marks.values()).toordinal() if len(self._marks) == DAY_MARKERS else 0

    def _is_due(self) -> bool:
        if any(region.state.pending for region in self._regions.values()):
            return False
        return self._unsaved >= self._pace.records or self._closed_day() - self._saved_day >= self._pace.days

    def _save(self, weeks: int) -> None:
        """Take a snapshot when it is due, and write some of the one that is being written."""
        if not self._snapshots.writing:
            if not self._is_due():
                self._output.state = self._snapshots.forget()
                return
            self._snapshots.begin(self._next_offset, pieces_of(self._marks, self._regions))
            self._unsaved, self._saved_day = 0, self._closed_day()
        self._output.state = self._snapshots.write(self._pace.batch_bytes + self._pace.week_bytes * weeks)
        self._written += sum(len(value) for value in self._output.state.values() if value is not None)
        if not self._snapshots.writing:
            self._output.count("snapshots")
            self._output.gauges["snapshot_bytes", str(self._partition)] = float(self._written)
            self._written = 0


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
    """A snapshot says from where to read on: what was said of the log before it must be durable first."""

    def __init__(self, settings: Settings, log_id: str, pace: Pace = Pace()) -> None:
        self._settings = settings
        self._log_id = log_id
        self._pace = pace

    def open(self, partition: int, state: Mapping[bytes, bytes]) -> RegionPartition:
        """`state` is read here and not needed afterwards."""
        return RegionPartition(partition, state, self._settings, self._log_id, self._pace)
