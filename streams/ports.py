"""The values that cross the edges of the handlers, and what the edges must offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

Headers = tuple[tuple[str, bytes], ...]


class Record(msgspec.Struct, frozen=True, gc=False):
    """One Kafka record as read. `restored` marks an input event that is in ClickHouse already.

    A msgspec struct, because one is made for every record: a dataclass takes four times as long.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    restored: bool = False
    headers: Headers = ()


class Emit(msgspec.Struct, frozen=True, gc=False):
    """One record to write. On the facts topic `table` names the table, and `more_headers` describe a record of many rows."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    table: str = ""
    more_headers: Headers = ()


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
    state: Mapping[bytes, bytes | None] = field(default_factory=dict)
    solves: list[SolveRequest] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    gauges: dict[tuple[str, str], float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        if by:
            self.counts[name, label] = self.counts.get((name, label), 0) + by


class Store(Protocol):
    """What a partition remembers: bytes by bytes. In memory, or on disk where memory is too small."""

    def get(self, key: bytes, /) -> bytes | None: ...

    def find(self, keys: Sequence[bytes], /) -> Sequence[bytes | None]:
        """The value of each key."""
        ...

    def items(self) -> Iterable[tuple[bytes, bytes]]:
        """Everything, in any order."""
        ...

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Write the changes of a batch; None takes a key away."""
        ...

    def close(self) -> None: ...


class MemoryStore(dict[bytes, bytes]):
    """A store of few keys; for many there is `table.Table`."""

    def find(self, keys: Sequence[bytes], /) -> Sequence[bytes | None]:
        return list(map(self.get, keys))

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        self.update(changes.items())  # type: ignore[arg-type] # what is None goes at once
        for key in [key for key, value in changes.items() if value is None]:
            del self[key]

    def close(self) -> None:
        self.clear()


class PartitionHandler(Protocol):
    """The pure heart of a stage for one partition. It sees whole batches and never fails on bad data."""

    def handle(self, records: Sequence[Record]) -> Output:
        """Fold the records, all of one topic and partition, in offset order."""
        ...

    def start_offset(self, topic: str, committed: int) -> int | None:
        """The offset from which the restored state wants to read on; None: from the committed one (0: the beginning).

        Asked once for each topic of the partition, before the first batch.
        """
        ...

    def known_until(self, topic: str) -> int | None:
        """The offset before which the restored state knows everything of the topic; None where it keeps no count."""
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

    @property
    def state_first(self) -> bool:
        """Whether the state must be durable before the output is written, or the other way round.

        First: a repetition of the input says the same again, from a state that is never behind what was said. After:
        reading goes on where the state stands, so everything before it must have been said.
        """
        ...

    def open(self, partition: int, store: Any, /) -> PartitionHandler:
        """The handler of a partition, with the state its changelog holds."""
        ...
