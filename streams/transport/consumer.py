"""A Faust consumer that hands whole record batches to stages instead of single messages to streams.

Faust keeps group membership, assignment, the commit timer and the life of the worker; its conductor, channels and
streams never see our records. Verified on faust-streaming 0.15.3; the overridden methods are those of
`faust.transport.consumer.Consumer`. Why not agents: a stock agent cost 70-400 us an event when the design was made, and skips or loses events
when it raises (faust-streaming issues 315 and 527).
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, ensure_aiokafka_TP
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

from streams.transport.delivery import Delivery
from streams.transport.durable import Durable
from streams.transport.lease import Lease

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
FETCH_WAIT_MS = 30
REVOKE_SECONDS = 30.0
LEASE_LOOK_SECONDS = 1.0


class PromptConsumerThread(AIOKafkaConsumerThread):
    """Asks for records with a short wait: Faust's 1.5 s is the pace of a broker that does not answer a fetch early."""

    async def on_start(self) -> None:
        await super().on_start()
        lease = cast("BatchConsumer", self.consumer).lease
        if lease is not None:
            lease.follow(self._ensure_consumer()._coordinator)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class BatchConsumer(FaustConsumer):
    """Subclass through `consumer_for`, which names the delivery."""

    delivery: ClassVar[Delivery]
    lease: ClassVar[Lease | None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy = asyncio.Lock()
        self._next: dict[TP, int] = {}
        self._durable = Durable(self._on_failed_write)
        self._open: set[TP] = set()
        self._opened_generation: int | None = None
        self._leaving = False
        self._terms = 0

    def positions(self) -> dict[TP, int]:
        """The next offset to be handled of every partition that is open here."""
        return dict(self._next)

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return PromptConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: Faust's own watch knows its streams only, not our batches; ProgressWatch sees whether we get on.

        Besides, it ends the process when it looks at a partition whose first position is still being asked for
        (`assert self._position is not None` in aiokafka 0.14.0, reached from faust-streaming 0.15.3).
        """

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                records, _ = await self._wait_next_records(POLL_SECONDS)
                await self.sleep(0)
                if self.flow_active:
                    await self._deliver_all(records or {})
        except (asyncio.CancelledError, ConsumerStoppedError):
            if not self.app.should_stop:
                raise
        except Exception as error:
            log.exception("the worker %s stops at a defect; nothing of this batch is committed", self.app.conf.id)
            await self.crash(error)
            raise

    async def _deliver_all(self, records: Mapping[TP, Sequence[Any]]) -> None:
        """Hand over what was fetched. What was fetched before the partitions were opened is dropped and comes again."""
        async with self._busy:
            if self._leaving:  # a rebalance is under way: nothing may be opened or begun for partitions that go
                return
            generation = self.app.consumer_generation_id
            if generation != self._opened_generation:
                await self._open_assigned()
                self._opened_generation = generation
            elif self.flow_active:
                await self._deliver(records)

    async def _open_assigned(self) -> None:
        """Restore the state of new partitions and go where each must be read from.

        Gives up between two partitions when a rebalance begins: the group waits for us, and all will be opened anew.
        """
        assigned = self.assignment()
        self._forget(self._open - assigned)
        committed = await self._seek_all(assigned) if assigned else {}
        for tp in sorted(assigned):
            if self._leaving:
                break
            self._open.add(tp)
            done = committed.get(tp) or 0
            start = await self.delivery.open(tp.topic, tp.partition, done)
            if tp not in self._next:
                self._next[tp] = await self._begin(tp, done, start)

    async def _begin(self, tp: TP, committed: int, start: int | None) -> int:
        """The first offset to handle of a partition that was just opened, and is read from there."""
        if start is None:
            return committed or await self._position(tp)
        await self.seek(tp, start)
        if start > committed:  # all before it is durable; only the commit did not come about
            self._durable.reach(tp, start)
        return start

    async def _seek_all(self, assigned: set[TP]) -> Mapping[TP, int]:
        """To where the group stands, or to the beginning where it stands nowhere (which aiokafka leaves out)."""
        committed: Mapping[TP, int] = await self.seek_to_committed()
        self._committed_offset.update({tp: committed.get(tp) for tp in assigned})
        if nowhere := [tp for tp in assigned if not committed.get(tp)]:
            await self._seek_to_beginning(nowhere)
        return committed

    async def perform_seek(self) -> None:
        """Nothing: Faust goes to the committed offsets when it thinks a rebalance is over. We go when partitions are opened,
        and a second time could come after that and leave the offset a stage has asked for."""

    async def _seek_to_beginning(self, partitions: Sequence[TP]) -> None:
        await self._thread.seek_to_beginning(*map(ensure_aiokafka_TP, partitions))

    async def _position(self, tp: TP) -> int:
        return cast(int, await self._thread.position(ensure_aiokafka_TP(tp)))

    async def _deliver(self, records: Mapping[TP, Sequence[Any]]) -> None:
        fresh = {tp: batch for tp, raw in records.items() if (batch := self._without_repetition(tp, raw))}
        if not fresh:
            return
        future = await self.delivery.deliver({(tp.topic, tp.partition): batch for tp, batch in fresh.items()})
        for tp, batch in fresh.items():
            after = batch[-1].offset + 1
            self._next[tp] = after
            await self._durable.follow(tp, after, future)
            self._read_offset[tp] = after - 1

    def _without_repetition(self, tp: TP, batch: Sequence[Any]) -> Sequence[Any]:
        """The records not handled yet: after a seek some come again."""
        expected = self._next[tp]
        if batch[0].offset > expected:
            log.warning("%s: expected offset %d, got %d: the log has a gap", tp, expected, batch[0].offset)
        return (
            batch[bisect_left(batch, expected, key=lambda record: record.offset) :]
            if batch[0].offset < expected
            else batch
        )

    def _on_failed_write(self, error: BaseException) -> None:
        """Nothing behind it can be committed any more, so the process ends."""
        if not self.app.should_stop:
            self.app.loop.create_task(self.crash(error))

    def _filter_tps_with_pending_acks(self, topics: Iterable[Any] | None = None) -> Iterator[TP]:
        return (
            tp
            for tp, offset in self._durable.all().items()
            if self._committed_offset.get(tp) != offset and (topics is None or tp in topics or tp.topic in topics)
        )

    def _new_offset(self, tp: TP) -> int | None:
        return self._durable.get(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        mine = self.assignment()
        ours = {tp: offset for tp, offset in offsets.items() if tp in mine}
        if not ours or self._thread.crashed:  # a crashed thread answers no call: the process would wait for ever
            return False
        term = self._terms
        committed = bool(await self._commit(ours))
        if committed and term == self._terms:  # else it may have come too late for Kafka, which Faust does not tell us
            self._committed_offset.update(ours)
            self.delivery.committed({(tp.topic, tp.partition): offset for tp, offset in ours.items()})
        return committed

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish the batch in flight, make it durable, commit; then forget the partitions.

        Writes that are still under way when patience ends would reach the state behind the back of the next owner: then
        a process that writes on a lease ends instead. Without a lease the writer itself must bear a second owner.
        """
        self._leaving = True
        await self._end_of_batch()
        try:
            pending = self._durable.under_way(revoked)
            patience = REVOKE_SECONDS if self.lease is None or self.lease.holds() else 0.0
            late = pending and (await asyncio.wait(pending, timeout=patience))[1]
            if late and self.lease is not None:
                await self._end_at_once()
            await self.commit()
            self._forget(self._open | revoked)
        finally:
            self._busy.release()
        await super().on_partitions_revoked(revoked)

    async def _end_of_batch(self) -> None:
        """Take hold of the consumer once the batch in hand is done. One that waits for a lost lease is never done."""
        while True:
            try:
                return await asyncio.wait_for(self._hold(), LEASE_LOOK_SECONDS)
            except TimeoutError:
                if self.lease is not None and not self.lease.holds():
                    await self._end_at_once()

    async def _hold(self) -> None:
        await self._busy.acquire()

    async def _end_at_once(self) -> None:
        error = TimeoutError("partitions are taken away, and Kafka has not confirmed what was written to them")
        await self.crash(error)
        raise error

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._leaving = False
        await super().on_partitions_assigned(assigned, generation_id)

    def _forget(self, partitions: set[TP]) -> None:
        """Close partitions: what this process holds of them is worth nothing once another has had them."""
        for tp in sorted(partitions):
            for positions in (self._next, self._committed_offset, self._read_offset):
                positions.pop(tp, None)
            self._durable.forget(tp)
            self.delivery.close(tp.topic, tp.partition)
        self._open -= partitions
        self._opened_generation = None
        self._terms += 1


def consumer_for(delivery: Delivery, lease: Lease | None = None) -> type[BatchConsumer]:
    """The consumer class of one app. Its heartbeats renew the lease."""
    return type("AppBatchConsumer", (BatchConsumer,), {"delivery": delivery, "lease": lease})
