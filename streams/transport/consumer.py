"""A consumer that hands whole record batches to stages instead of single messages to streams.

Faust keeps group membership, assignment, the commit timer and the life of the worker; its conductor, channels and
streams never see our records. Why not agents: a stock agent cost 70-400 us an event when the design was made, and skips or loses
events when it raises (see `upstream/faults.py`).
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from faust.types import TP

from streams.transport.delivery import Delivery
from streams.transport.durable import Durable
from streams.transport.lease import Lease
from streams.transport.upstream.consumer import MendedConsumer

log = logging.getLogger(__name__)
REVOKE_SECONDS = 30.0
LEASE_LOOK_SECONDS = 1.0


class BatchConsumer(MendedConsumer):
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

    def on_client(self, client: Any) -> None:
        if self.lease is not None:
            self.lease.follow(client)

    def positions(self) -> dict[TP, int]:
        """The next offset to be handled of every partition that is open here."""
        return dict(self._next)

    async def take(self, records: Mapping[TP, Sequence[Any]]) -> None:
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
        committed = await self.seek_all(assigned) if assigned else {}
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
            return committed or await self.first_position(tp)
        await self.seek(tp, start)
        if start > committed:  # all before it is durable; only the commit did not come about
            self._durable.reach(tp, start)
        return start

    async def _deliver(self, records: Mapping[TP, Sequence[Any]]) -> None:
        fresh = {tp: batch for tp, raw in records.items() if (batch := self._without_repetition(tp, raw))}
        if not fresh:
            return
        future = await self.delivery.deliver({(tp.topic, tp.partition): batch for tp, batch in fresh.items()})
        for tp, batch in fresh.items():
            after = batch[-1].offset + 1
            self._next[tp] = after
            await self._durable.follow(tp, after, future)
            self.believe_read(tp, after - 1)

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

    def durable(self) -> Mapping[TP, int]:
        return self._durable.all()

    async def commit_durable(self, offsets: Mapping[TP, int]) -> bool:
        mine = self.assignment()
        ours = {tp: offset for tp, offset in offsets.items() if tp in mine}
        if not ours:
            return False
        term = self._terms
        committed = await self.send_commit(ours)
        if committed and term == self._terms:  # else it may have come too late for Kafka, which Faust does not tell us
            self.believe_committed(ours)
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
            self._next.pop(tp, None)
            self.believe_nothing(tp)
            self._durable.forget(tp)
            self.delivery.close(tp.topic, tp.partition)
        self._open -= partitions
        self._opened_generation = None
        self._terms += 1


def consumer_for(delivery: Delivery, lease: Lease | None = None) -> type[BatchConsumer]:
    """The consumer class of one app. Its heartbeats renew the lease."""
    return type("AppBatchConsumer", (BatchConsumer,), {"delivery": delivery, "lease": lease})
