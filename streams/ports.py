"""The values that cross the edges of the handlers, and what the edges must offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record as read. `restored` marks an input event that is in ClickHouse already."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Emit:
    """One record to write. `table` goes into a header of the facts topic."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    table: str = ""


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """A rebalancing problem to be solved outside the event loop; the answer enters the region's log."""

    region_id: str
    partition: int
    request_id: str
    problem: bytes


@dataclass(slots=True)
class Output:
    """Everything one batch asks the edge to do, in order: records to write, state to remember, problems to solve.

    `counts` and `gauges` are for the metrics, by (name, label); `notes` are sentences for the log.
    """

    emits: list[Emit] = field(default_factory=list)
    state: dict[bytes, bytes | None] = field(default_factory=dict)
    solves: list[SolveRequest] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    gauges: dict[tuple[str, str], float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        self.counts[name, label] = self.counts.get((name, label), 0) + by


class PartitionHandler(Protocol):
    """The pure heart of a stage for one partition. It sees whole batches and never fails on bad data."""

    def handle(self, records: Sequence[Record]) -> Output:
        """Fold the records, all of one topic and partition, in offset order."""
        ...

    def start_offset(self, topic: str) -> int | None:
        """The offset from which the restored state wants to read on; None: from the committed one."""
        ...


class Stage(Protocol):
    """A kind of partition handler: which topics it reads together and what state its partitions keep."""

    @property
    def name(self) -> str: ...

    @property
    def topics(self) -> tuple[str, ...]: ...

    @property
    def state_topic(self) -> str:
        """The compacted topic of its state, "" for none."""
        ...

    def open(self, partition: int, state: dict[bytes, bytes]) -> PartitionHandler:
        """The handler of a partition, with the state its changelog holds."""
        ...
