"""The batch consumer between Faust and the stages: what is committed, what is handled, and who holds a partition."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.agents import build_app
from streams.transport import consumer as consumer_module
from streams.transport.consumer import BatchConsumer
from streams.transport.delivery import Batches, Opened
from streams.transport.lease import Lease
from streams.transport.lost_log import LostLogError

ONE, OTHER = TP("orders", 1), TP("orders", 2)


@dataclass
class Stage:
    """A delivery that writes down what it is asked; its writes are confirmed by the test."""

    opened: list[TP] = field(default_factory=list)
    closed: list[TP] = field(default_factory=list)
    handled: list[tuple[TP, int]] = field(default_factory=list)
    missing: list[tuple[str, int]] = field(default_factory=list)
    writes: list[asyncio.Future[Any]] = field(default_factory=list)
    begins_rebalance: Any = None
    start: int | None = None
    known: int = 0

    async def open(self, topic: str, partition: int, committed: int) -> Opened:
        self.opened.append(TP(topic, partition))
        if self.begins_rebalance is not None:
            self.begins_rebalance()
        return Opened(self.start, self.known)

    def close(self, topic: str, partition: int) -> None:
        self.closed.append(TP(topic, partition))

    async def deliver(self, batches: Batches) -> asyncio.Future[Any] | None:
        self.handled += [(TP(*place), record.offset) for place, records in batches.items() for record in records]
        self.writes.append(asyncio.get_running_loop().create_future())
        return self.writes[-1]

    def missed(self, topic: str, records: int) -> None:
        self.missing.append((topic, records))

    def committed(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


class Kafka:
    """Stands in for the group: who has which partition, and what was committed. `consumer` is the real one."""

    def __init__(self, *assigned: TP) -> None:
        self.stage = Stage()
        self.assigned = set(assigned)
        self.committed: dict[TP, int] = {}
        self.commits_too_late = False
        self.ends: list[int] = [1_000]
        self.crashes: list[BaseException] = []
        self.sought_to_beginning: list[TP] = []
        self.sought: list[tuple[TP, int]] = []
        app = build_app("group", "127.0.0.1:1", {}, [], self.stage)
        self.consumer: Any = app.transport.Consumer(
            app.transport,
            callback=self._nothing,
            on_partitions_revoked=self._nothing,
            on_partitions_assigned=self._nothing,
            loop=asyncio.get_running_loop(),
        )
        assert isinstance(self.consumer, BatchConsumer)
        self.app = app
        app.consumer_generation_id = 1
        self.consumer.assignment = lambda: set(self.assigned)
        self.consumer.seek_to_committed = self._seek_to_committed
        self.consumer._seek_to_beginning = self._seek_to_beginning
        self.consumer.first_position = self._first
        self.consumer.highwaters = self._highwaters
        self.consumer._seek = self._seek
        self.consumer._commit = self._commit
        self.consumer.crash = self._crash

    async def give(self, tp: TP, *offsets: int) -> None:
        """Records that were fetched; before them, as the drain does, a turn that opens what is new."""
        if self.consumer._opened_generation != self.app.consumer_generation_id:
            await self.consumer.take({})
        await self.consumer.take({tp: records(*offsets)})

    async def rebalance(self, *assigned: TP) -> None:
        await self.consumer.on_partitions_revoked(set(self.assigned))
        self.assigned = set(assigned)
        self.app.consumer_generation_id += 1
        await self.consumer.on_partitions_assigned(set(assigned), self.app.consumer_generation_id)

    async def _nothing(self, *_: Any) -> None: ...

    async def _seek_to_committed(self) -> dict[TP, int]:
        assert self.assigned, "aiokafka refuses to seek when nothing is assigned"
        return dict(self.committed)

    async def _seek_to_beginning(self, partitions: Sequence[TP]) -> None:
        self.sought_to_beginning += partitions

    async def _first(self, tp: TP) -> int:
        return 0

    async def _highwaters(self, *partitions: TP) -> dict[TP, int]:
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        return dict.fromkeys(partitions, end)

    async def _seek(self, tp: TP, offset: int) -> None:
        self.sought.append((tp, offset))

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """As Faust's: what Kafka no longer takes from us counts as committed all the same."""
        if not self.commits_too_late:
            self.committed.update(offsets)
        return True

    async def _crash(self, error: BaseException) -> None:
        self.crashes.append(error)


def records(*offsets: int) -> Sequence[Any]:
    return [SimpleNamespace(offset=offset) for offset in offsets]


async def breath() -> None:
    """Let callbacks run."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("known_by", ["the group", "the state", "the start it asks for"])
def test_a_log_that_ends_before_what_is_known_of_it_is_not_read(known_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "END_WAITS", (0.0, 0.0))

    async def run() -> Kafka:
        kafka = Kafka(ONE)
        kafka.ends = [6]
        if known_by == "the group":
            kafka.committed[ONE] = 7
        elif known_by == "the state":
            kafka.stage.known = 7
        else:
            kafka.stage.start = 7
        with pytest.raises(LostLogError, match="partition 1 of orders ends at offset 6, but it was read up to 7"):
            await kafka.give(ONE, 0)
        return kafka

    kafka = asyncio.run(run())
    assert kafka.stage.handled == []
    assert kafka.sought == []


def test_a_broker_that_does_not_know_its_end_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "END_WAITS", (0.0, 0.0))

    async def run() -> Kafka:
        kafka = Kafka(ONE)
        kafka.committed[ONE], kafka.ends = 7, [6, 6, 8]
        await kafka.give(ONE, 7)
        return kafka

    assert asyncio.run(run()).stage.handled == [(ONE, 7)]


@pytest.mark.parametrize(("tp", "missing"), [(ONE, [("orders", 3)]), (TP("accounts", 1), [])])
def test_records_deleted_before_they_were_read_are_counted_where_no_newer_one_replaces_them(
    tp: TP, missing: list[tuple[str, int]]
) -> None:
    async def run() -> Kafka:
        kafka = Kafka(tp)
        kafka.committed[tp] = 5
        await kafka.give(tp, 8, 9)
        await kafka.give(tp, 10)
        return kafka

    kafka = asyncio.run(run())
    assert kafka.stage.missing == missing
    assert kafka.stage.handled == [(tp, 8), (tp, 9), (tp, 10)]


def test_only_what_is_durable_is_committed() -> None:
    async def run() -> tuple[dict[TP, int], dict[TP, int]]:
        kafka = Kafka(ONE)
        await kafka.give(ONE, 0, 1)
        await kafka.consumer.commit()
        before = dict(kafka.committed)
        kafka.stage.writes[0].set_result(None)
        await breath()
        await kafka.consumer.commit()
        return before, kafka.committed

    assert asyncio.run(run()) == ({}, {ONE: 2})


def test_batches_confirmed_out_of_order_are_committed_in_order() -> None:
    async def run() -> tuple[dict[TP, int], dict[TP, int]]:
        kafka = Kafka(ONE)
        for offset in range(3):
            await kafka.give(ONE, offset)
        kafka.stage.writes[2].set_result(None)
        kafka.stage.writes[1].set_result(None)
        await breath()
        await kafka.consumer.commit()
        before = dict(kafka.committed)
        kafka.stage.writes[0].set_result(None)
        await breath()
        await kafka.consumer.commit()
        return before, kafka.committed

    assert asyncio.run(run()) == ({}, {ONE: 3})


@pytest.mark.parametrize("end", ["fails", "is cancelled"])
def test_nothing_behind_a_failed_batch_is_ever_committed(end: str) -> None:
    async def run() -> tuple[dict[TP, int], list[BaseException]]:
        kafka = Kafka(ONE)
        for offset in range(3):
            await kafka.give(ONE, offset)
        first, second, third = kafka.stage.writes
        first.set_result(None)
        if end == "fails":
            second.set_exception(OSError("disk full"))
        else:
            second.cancel()
        third.set_result(None)
        await breath()
        await kafka.consumer.commit()
        return kafka.committed, kafka.crashes

    committed, crashes = asyncio.run(run())
    assert committed == {ONE: 1}
    assert crashes, "the process must end"


def test_a_record_that_comes_again_after_a_seek_is_handled_once() -> None:
    async def run() -> list[tuple[TP, int]]:
        kafka = Kafka(ONE)
        await kafka.give(ONE, 0, 1, 2)
        await kafka.give(ONE, 1, 2, 3)
        return kafka.stage.handled

    assert asyncio.run(run()) == [(ONE, offset) for offset in range(4)]


def test_a_rebalance_waits_until_the_batches_in_flight_are_durable_and_commits_them() -> None:
    async def run() -> tuple[bool, dict[TP, int]]:
        kafka = Kafka(ONE)
        await kafka.give(ONE, 0)
        leaving = asyncio.create_task(kafka.rebalance(OTHER))
        await breath()
        waited = not leaving.done()
        kafka.stage.writes[0].set_result(None)
        await leaving
        return waited, kafka.committed

    assert asyncio.run(run()) == (True, {ONE: 1})


def test_records_fetched_before_a_rebalance_are_neither_handled_nor_is_anything_opened_for_them() -> None:
    async def run() -> Stage:
        kafka = Kafka(ONE)
        await kafka.give(ONE, 0)
        leaving = asyncio.create_task(kafka.consumer.on_partitions_revoked({ONE}))
        await breath()
        late = asyncio.create_task(kafka.give(ONE, 1))  # waits behind the revocation
        kafka.stage.opened.clear()
        kafka.stage.writes[0].set_result(None)
        await asyncio.gather(late, leaving)
        return kafka.stage

    stage = asyncio.run(run())
    assert stage.handled == [(ONE, 0)]
    assert stage.opened == []


def test_records_fetched_before_the_partitions_were_opened_are_dropped_and_read_again() -> None:
    async def run() -> tuple[Stage, list[TP]]:
        kafka = Kafka(ONE, OTHER)
        kafka.committed[OTHER] = 7
        await kafka.consumer.take({ONE: records(5, 6)})
        return kafka.stage, kafka.sought_to_beginning

    stage, sought_to_beginning = asyncio.run(run())
    assert stage.handled == []
    assert stage.opened == [ONE, OTHER]
    assert sought_to_beginning == [ONE]  # the group stands nowhere on it; on the other aiokafka goes to offset 7


def test_a_worker_without_partitions_waits_in_peace() -> None:
    async def run() -> Stage:
        kafka = Kafka()
        await kafka.consumer.take({})
        await kafka.rebalance(ONE)
        await kafka.give(ONE, 0)
        return kafka.stage

    assert asyncio.run(run()).handled == [(ONE, 0)]


def test_a_partition_that_went_away_is_opened_anew_when_it_comes_back() -> None:
    async def run() -> Stage:
        kafka = Kafka(ONE)
        for assigned in (OTHER, ONE):
            await kafka.give(next(iter(kafka.assigned)), 0)
            kafka.stage.writes[-1].set_result(None)
            await kafka.rebalance(assigned)
        await kafka.give(ONE, 1)
        return kafka.stage

    stage = asyncio.run(run())
    assert stage.opened == [ONE, OTHER, ONE]
    assert stage.closed == [ONE, OTHER]


def test_opening_many_partitions_gives_way_to_the_next_rebalance() -> None:
    async def run() -> Stage:
        kafka = Kafka(ONE, OTHER)

        def begin() -> None:
            kafka.stage.begins_rebalance = None
            tasks.append(asyncio.create_task(kafka.rebalance(ONE, OTHER)))
            kafka.consumer._leaving = True  # as on_partitions_revoked does first, once its task has run

        tasks: list[asyncio.Task[None]] = []
        kafka.stage.begins_rebalance = begin
        await kafka.give(ONE, 0)
        await asyncio.gather(*tasks)
        return kafka.stage

    stage = asyncio.run(run())
    assert stage.opened == [ONE]
    assert stage.closed == [ONE, OTHER]
    assert stage.handled == []


def test_a_first_commit_that_came_too_late_is_made_when_the_partition_comes_back() -> None:
    async def run() -> dict[TP, int]:
        kafka = Kafka(ONE)
        kafka.commits_too_late = True
        await kafka.give(ONE, *range(6))
        kafka.stage.writes[-1].set_result(None)
        await breath()
        await kafka.rebalance(ONE)
        kafka.commits_too_late = False
        await kafka.give(ONE, *range(6))
        kafka.stage.writes[-1].set_result(None)
        await breath()
        await kafka.consumer.commit()
        return kafka.committed

    assert asyncio.run(run()) == {ONE: 6}


def test_a_commit_that_is_answered_after_a_rebalance_is_not_believed() -> None:
    async def run() -> dict[TP, int]:
        kafka = Kafka(ONE)
        asked, answered = asyncio.Event(), asyncio.Event()

        async def slowly(offsets: Mapping[TP, int]) -> bool:
            asked.set()
            await answered.wait()
            return True

        kafka.consumer._commit, at_once = slowly, kafka.consumer._commit
        await kafka.give(ONE, 0)
        kafka.stage.writes[-1].set_result(None)
        await breath()
        late = asyncio.create_task(kafka.consumer.commit_durable({ONE: 1}))
        await asked.wait()
        kafka.consumer._commit = at_once
        kafka.commits_too_late = True
        await kafka.rebalance(ONE)
        kafka.commits_too_late = False
        await kafka.give(ONE, 0)
        answered.set()
        await late
        kafka.stage.writes[-1].set_result(None)
        await breath()
        await kafka.consumer.commit()
        return kafka.committed

    assert asyncio.run(run()) == {ONE: 1}


def test_state_that_is_ahead_of_the_commit_is_committed_though_nothing_follows() -> None:
    async def run() -> Kafka:
        kafka = Kafka(ONE)
        kafka.committed[ONE] = 2
        kafka.stage.start = 10
        await kafka.give(ONE, *range(2, 10))
        await kafka.consumer.commit()
        return kafka

    kafka = asyncio.run(run())
    assert (kafka.sought, kafka.stage.handled, kafka.committed) == ([(ONE, 10)], [], {ONE: 10})


def test_state_that_is_behind_the_commit_is_read_from_where_it_stands() -> None:
    async def run() -> Kafka:
        kafka = Kafka(ONE)
        kafka.committed[ONE] = 10
        kafka.stage.start = 8
        await kafka.give(ONE, 8, 9)
        kafka.stage.writes[-1].set_result(None)
        await breath()
        await kafka.consumer.commit()
        return kafka

    kafka = asyncio.run(run())
    assert (kafka.sought, kafka.committed) == ([(ONE, 8)], {ONE: 10})
    assert kafka.stage.handled == [(ONE, 8), (ONE, 9)]


def test_faust_does_not_move_a_partition_that_is_open_here() -> None:
    async def run() -> Kafka:
        kafka = Kafka(ONE)
        kafka.stage.start = 8
        await kafka.give(ONE, 8)
        kafka.consumer.seek_to_committed = None  # it would fail
        await kafka.consumer.perform_seek()
        return kafka

    assert asyncio.run(run()).sought == [(ONE, 8)]


def test_a_partition_from_which_nothing_has_come_yet_has_a_position() -> None:
    async def run() -> dict[TP, int]:
        kafka = Kafka(ONE, OTHER)
        kafka.committed[OTHER] = 7
        await kafka.consumer.take({})
        positions: dict[TP, int] = kafka.consumer.positions()
        return positions

    assert asyncio.run(run()) == {ONE: 0, OTHER: 7}


def test_a_process_whose_writes_are_not_confirmed_ends_rather_than_leave_them_to_the_next_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "REVOKE_SECONDS", 0.0)

    async def run() -> tuple[list[BaseException], dict[TP, int]]:
        kafka = Kafka(ONE)
        kafka.consumer.lease = SimpleNamespace(holds=lambda: True)
        await kafka.give(ONE, 0)
        with pytest.raises(TimeoutError):
            await kafka.rebalance(OTHER)
        return kafka.crashes, kafka.committed

    crashes, committed = asyncio.run(run())
    assert [type(crash) for crash in crashes] == [TimeoutError]
    assert committed == {}


def test_an_offset_of_a_partition_that_is_no_longer_ours_is_not_committed() -> None:
    async def run() -> dict[TP, int]:
        kafka = Kafka(ONE, OTHER)
        for tp in (ONE, OTHER):
            await kafka.give(tp, 0)
            kafka.stage.writes[-1].set_result(None)
        await breath()
        kafka.assigned = {OTHER}  # the session has ended, and nobody has told us yet
        await kafka.consumer.commit()
        return kafka.committed

    assert asyncio.run(run()) == {OTHER: 1}


def test_a_process_that_has_lost_its_session_ends_at_once_when_writes_are_under_way() -> None:
    async def run() -> list[BaseException]:
        kafka = Kafka(ONE)
        kafka.consumer.lease = Lease(10.0)  # no heartbeat has been answered
        await kafka.give(ONE, 0)
        with pytest.raises(TimeoutError):
            await kafka.rebalance(OTHER)
        return kafka.crashes

    assert [type(crash) for crash in asyncio.run(run())] == [TimeoutError]


def test_a_batch_that_waits_for_a_lost_lease_does_not_hold_up_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "LEASE_LOOK_SECONDS", 0.01)

    async def run() -> list[BaseException]:
        kafka = Kafka(ONE)
        kafka.consumer.lease = Lease(10.0)  # no heartbeat has been answered
        await kafka.give(ONE, 0)
        kafka.stage.deliver = lambda _: asyncio.get_running_loop().create_future()
        stuck = asyncio.create_task(kafka.give(ONE, 1))
        await breath()
        with pytest.raises(TimeoutError):
            await kafka.rebalance(OTHER)
        stuck.cancel()
        return kafka.crashes

    assert [type(crash) for crash in asyncio.run(run())] == [TimeoutError]


def test_without_a_lease_partitions_are_given_up_with_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "REVOKE_SECONDS", 0.0)

    async def run() -> Kafka:
        kafka = Kafka(ONE)
        await kafka.give(ONE, 0)
        await kafka.rebalance(OTHER)
        kafka.stage.writes[0].set_result(None)  # too late to be committed
        await breath()
        await kafka.consumer.commit()
        return kafka

    kafka = asyncio.run(run())
    assert (kafka.crashes, kafka.committed, kafka.stage.closed) == ([], {}, [ONE])
