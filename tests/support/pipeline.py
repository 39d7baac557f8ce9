"""The whole engine in one process without Kafka: records go round by hand, solves run at once. For tests of the folds."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from infra.feeds.plan import Send, Settle, TickEverywhere, plan
from infra.feeds.record import Feed
from schemas.events import Event, Tick
from schemas.ids import derived
from schemas.region_log import SolveFinished, encode
from schemas.settings import Settings
from schemas.topics import (
    BY_NAME,
    REGION_EVENTS,
    TICK_KEY,
    TOPICS,
    Topic,
)
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.intake import IntakeStage
from streams.handlers.region.solving import solve
from streams.handlers.region.stage import RegionStage
from streams.ports import Emit, MemoryStore, Output, Record, Stage
from tests.support.bench import rows_of

NOW_MS = 4_000_000_000_000


class Pipeline:
    """Publish with `send`; read what came out from `rows`. State survives in `stores`, as a changelog would keep it."""

    def __init__(self, settings: Settings | None = None, turns: random.Random | None = None) -> None:
        """`turns`: draws whose turn it is, as several workers would; else the partitions take theirs in one order."""
        self.settings = settings or Settings()
        self._turns = turns
        self.stores: dict[tuple[str, int], MemoryStore] = defaultdict(MemoryStore)
        self.log: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.done: dict[tuple[str, int], int] = defaultdict(int)
        self.counts: dict[tuple[str, str], int] = defaultdict(int)
        self.notes: list[str] = []
        self.solves = 0
        self._handlers: dict[tuple[str, int], Any] = {}
        self._emitted: dict[tuple[str, int], list[Emit]] = defaultdict(list)
        stages: tuple[Stage, ...] = (
            ActivityStage(self.settings, "test"),
            IntakeStage(self.settings, "test"),
            RegionStage(self.settings, "test"),
        )
        self._stage_of = {topic: stage for stage in stages for topic in stage.topics}

    def send(self, topic: Topic, key: str, value: Event | bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
        """Append to an input topic as a producer would."""
        partition = hash_partition(key, topic.partitions)
        raw = value if isinstance(value, bytes) else value.model_dump_json().encode()
        return self.append(topic.name, partition, key.encode(), raw, restored=bool(headers))

    def tick(self, at: Any) -> None:
        """Time has passed, on every partition that carries ticks."""
        for topic in TOPICS:
            if topic.carries_ticks:
                for partition in range(topic.partitions):
                    tick = Tick(event_id=derived("tick", topic.name, partition, at), occurred_at=at)
                    self.append(topic.name, partition, TICK_KEY, tick.model_dump_json().encode())

    def append(self, topic: str, partition: int, key: bytes, value: bytes, restored: bool = False) -> Record:
        log = self.log[topic, partition]
        record = Record(topic, partition, len(log), NOW_MS, key, value, restored)
        log.append(record)
        return record

    def run(self) -> None:
        """Handle everything until nothing is left."""
        while any([self._advance(*place) for place in self._places()]):  # noqa: C419 - every place moves
            pass

    def rows(self, topic: Topic, table: str = "") -> list[dict[str, Any]]:
        """Rows of an output topic, in order of writing."""
        return [
            row
            for partition in range(topic.partitions)
            for emit in self._emitted[topic.name, partition]
            if not table or emit.table == table
            for row in rows_of(emit)
        ]

    def restart(self, stage_name: str) -> None:
        """Forget the handlers of a stage; they come back from their stores, and read again from where those stand."""
        for place in [p for p in self._handlers if p[0] == stage_name]:
            del self._handlers[place]

    def _places(self) -> list[tuple[str, int]]:
        places = [place for place in self.log if place[0] in self._stage_of]
        if self._turns is not None:
            self._turns.shuffle(places)
        return places

    def _advance(self, topic: str, partition: int) -> bool:
        stage = self._stage_of[topic]
        place = stage.name, partition
        if place not in self._handlers:
            self._handlers[place] = stage.open(partition, self.stores[stage.state_topic, partition])
            start = self._handlers[place].start_offset(topic, self.done[topic, partition])
            if start is not None:
                self.done[topic, partition] = start
        records = self.log[topic, partition][self.done[topic, partition] :]
        if not records:
            return False
        self.done[topic, partition] += len(records)
        self._act(self._handlers[place].handle(records))
        return True

    def _act(self, output: Output) -> None:
        for emit in output.emits:
            self._emit(emit)
        for key, by in output.counts.items():
            self.counts[key] += by
        self.notes += output.notes
        for request in output.solves:
            self.solves += 1
            answer = SolveFinished(
                region_id=request.region_id, request_id=request.request_id, solution=solve(request.problem)
            )
            self._emit(Emit(REGION_EVENTS.name, request.partition, request.region_id.encode(), encode(answer)))

    def _emit(self, emit: Emit) -> None:
        assert emit.topic in BY_NAME
        self._emitted[emit.topic, emit.partition].append(emit)
        self.append(emit.topic, emit.partition, emit.key, emit.value)


def hash_partition(key: str, partitions: int) -> int:
    """Any stable spread will do here."""
    return int(derived(key)[:8], 16) % partitions


def publish_all(pipeline: Pipeline, feed: Feed, window: int) -> None:
    """Publish a feed by the publisher's own plan, at most `window` records ahead of the stages."""
    ahead = 0
    for step in plan(feed):
        match step:
            case Send(record):
                send_all(pipeline, [record])
                ahead += 1
            case TickEverywhere(at):
                pipeline.tick(at)
            case Settle():
                ahead = window
        if ahead >= window:
            pipeline.run()
            ahead = 0
    pipeline.run()


def send_all(pipeline: Pipeline, records: Iterable[Any]) -> None:
    """Publish feed records (see infra.feeds)."""
    for record in records:
        topic = BY_NAME[record.topic]
        key = record.key.decode()
        pipeline.append(record.topic, hash_partition(key, topic.partitions), record.key, record.value)
