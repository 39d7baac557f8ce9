"""One partition of one stage by hand: records in, what was said out. Its store survives a restart, as a changelog would."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date
from typing import Any, NamedTuple, TypeVar

import msgspec

from schemas.events import Event, Tick
from schemas.region_log import AccountDays, RegionMessage, decode
from schemas.topics import COLUMNS_HEADER, DEAD_LETTERS, EVERY_REGION, FACTS, REGION_EVENTS, TICK_KEY, Topic
from streams.ports import Emit, MemoryStore, Output, PartitionHandler, Record, Stage, Store

NOW_MS = 1_900_000_000_000
M = TypeVar("M")


class ToldDay(NamedTuple):
    """An account day as a region hears it, with its region and a date to read."""

    region_id: str
    account_id: str
    day: date
    revenue_cents: int = 0
    orders: int = 0
    visits: int = 0
    visit_minutes: float = 0.0
    travel_minutes: float = 0.0


class Bench:
    """`feed` appends records to a topic and handles them as one batch; everything said is kept in `emits`."""

    def __init__(self, stage: Stage, store: Store | None = None) -> None:
        self.store: Store = MemoryStore() if store is None else store
        self.log: dict[str, list[Record]] = defaultdict(list)
        self.emits: list[Emit] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self._stage = stage
        self.handler: PartitionHandler = stage.open(0, self.store)

    def feed(self, topic: Topic, *values: Event | bytes | None, restored: bool = False) -> Output:
        """Handle new records of the topic, and keep what came out."""
        first = len(self.log[topic.name])
        for value in values:
            self.log[topic.name].append(self._record(topic, value, restored))
        return self.again(topic, first)

    def again(self, topic: Topic, first: int = 0) -> Output:
        """Handle what the topic holds from an offset on, as after a crash."""
        output = self.handler.handle(self.log[topic.name][first:])
        self.emits += output.emits
        self.counts.update(output.counts)
        return output

    def crash(self, store: Store | None = None) -> None:
        """A new process: memory is gone, the store (or an older copy of it) is what is left."""
        self.store = self.store if store is None else store
        self.handler = self._stage.open(0, self.store)

    def facts(self, table: str) -> list[dict[str, Any]]:
        return [row for emit in self.emits if emit.topic == FACTS.name and emit.table == table for row in rows_of(emit)]

    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(emit.value) for emit in self.emits if emit.topic == DEAD_LETTERS.name]

    def told(self, kind: type[M], region_id: str = "") -> list[M]:
        """Messages of a kind into the regions' logs, one copy of those that go to every partition."""
        found: list[M] = []
        for emit in self.emits:
            if emit.topic == REGION_EVENTS.name and (emit.key != EVERY_REGION or emit.partition == 0):
                message: RegionMessage = decode(emit.value)
                if isinstance(message, kind) and region_id in ("", getattr(message, "region_id", "")):
                    found.append(message)
        return found

    def count(self, name: str) -> int:
        """Of all labels together."""
        return sum(by for (counted, _), by in self.counts.items() if counted == name)

    def days(self, region_id: str = "") -> list[ToldDay]:
        """Every account day told, in order."""
        return [
            ToldDay(message.region_id, day.account_id, date.fromordinal(day.day), *msgspec.structs.astuple(day)[2:])
            for message in self.told(AccountDays, region_id)
            for day in message.days
        ]

    def _record(self, topic: Topic, value: Event | bytes | None, restored: bool) -> Record:
        raw = value.model_dump_json().encode() if isinstance(value, Event) else value
        key = str(getattr(value, topic.key, "k")).encode()
        key = TICK_KEY if isinstance(value, Tick) else key
        return Record(topic.name, 0, len(self.log[topic.name]), NOW_MS, key, raw, restored)


def rows_of(emit: Emit) -> list[dict[str, Any]]:
    """The rows in a record of the facts topic: one object, or an array a line with its columns in a header."""
    columns = dict(emit.more_headers).get(COLUMNS_HEADER)
    if columns is None:
        return [json.loads(emit.value)]
    names = columns.decode().split(",")
    return [dict(zip(names, json.loads(line), strict=True)) for line in emit.value.split(b"\n")]
