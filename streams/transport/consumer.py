"""A consumer that hands whole record batches to stages instead of single messages to streams.

Faust keeps group membership, assignment, the commit timer and the life of the worker; its conductor, channels and
streams never see our records. Why not agents: a stock agent cost 70-400 us an event when the design was made, and skips or loses
events when it raises (see `upstream/faults.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from faust.types import TP

from schemas.topics import BY_NAME
from streams.transport.delivery import Delivery
from streams.transport.durable import Durable
from streams.transport.lease import Lease
from streams.transport.lost_log import LostLogError
from streams.transport.progress import Standing
from streams.transport.rebalancing import Rebalancing
from streams.transport.upstream.consumer import MendedConsumer

log = logging.getLogger(__name__)
REVOKE_SECONDS = 30.0
LEASE_LOOK_SECONDS = 1.0
END_WAITS = (0.5, 1.0, 2.0, 4.0)
PASSED_SECONDS = 1.0


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
        self._rebalancing = Rebalancing(time.monotonic)
        self._passed: dict[TP, int] = {}
        self._passed_at = float("-inf")

    def on_client(self, client: Any) -> None:
        if self.lease is not None:
            self.lease.follow(client)

    def positions(self) -> dict[TP, int]:
        """The next offset to be handled of every partition that is open here."""
        return dict(self._next)

    def passed(self, tp: TP) -> int:
        """The offset before which nothing is left to be handled: the position, or more where the log goes on without records.

        For a lag only: what is committed, and where reading goes on, is the position.
        """
        return max(self._next.get(tp, 0), self._passed.get(tp, 0))

    def rebalance(self) -> Standing:
        """Whether the way to these positions comes to its end."""
        return self._rebalancing.standing()

    async def take(self, records: Mapping[TP, Sequence[Any]]) -> None:
        """Hand over what was fetched. What was fetched before the partitions were opened is dropped and comes again."""
        async with self._busy:
            if self._leaving:  # a rebalance is under way: nothing may be opened or begun for partitions that go
                return
            generation = self.app.consumer_generation_id
            if generation != self._opened_generation:
                await self._open_assigned()
                self._opened_generation = generation
                if self._open and not self._leaving:
                    self._rebalancing.end()
            elif self.flow_active:
                await self._deliver(records)
                self._note_passed()

    def _note_passed(self) -> None:
        """All that was fetched is handled, and nothing is fetched before we ask: what has been read is done with."""
        now = time.monotonic()
        if now - self._passed_at >= PASSED_SECONDS:
            self._passed_at = now
            self._passed = {tp: self.read_to(tp) for tp in self._next}

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
            opened = await self.delivery.open(tp.topic, tp.partition, done)
            if tp not in self._next:
                await self._check_log(tp, max(done, opened.known, opened.start or 0))
                self._next[tp] = await self._begin(tp, done, opened.start)
            self._rebalancing.step()

    async def _check_log(self, tp: TP, known: int) -> None:
        """Raise LostLogError when the log ends before `known`. A new leader may take a moment to know its own end."""
        for wait in (*END_WAITS, None):
            end = (await self.highwaters(tp))[tp]
            if end >= known:
                return
            if wait is not None:
                await asyncio.sleep(wait)
        raise LostLogError.at(f"partition {tp.partition} of {tp.topic}", known, end)

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
            self._say_missed(tp, expected, batch[0].offset)
        return (
            batch[bisect_left(batch, expected, key=lambda record: record.offset) :]
            if batch[0].offset < expected
            else batch
        )

    def _say_missed(self, tp: TP, expected: int, found: int) -> None:
        if BY_NAME[tp.topic].compacted:  # a newer record of the key is still to come
            return
        log.error("%s: the records from offset %d to %d were deleted before they were read", tp, expected, found - 1)
        self.delivery.missed(tp.topic, found - expected)

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
        self._rebalancing.begin()
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
        if not assigned:  # more processes than partitions: there is nothing to open
            self._rebalancing.end()

    def _forget(self, partitions: set[TP]) -> None:
        """Close partitions: what this process holds of them is worth nothing once another has had them."""
        for tp in sorted(partitions):
            self._next.pop(tp, None)
            self._passed.pop(tp, None)
            self.believe_nothing(tp)
            self._durable.forget(tp)
            self.delivery.close(tp.topic, tp.partition)
        self._open -= partitions
        self._opened_generation = None
        self._terms += 1


def consumer_for(delivery: Delivery, lease: Lease | None = None) -> type[BatchConsumer]:
    """The consumer class of one app. Its heartbeats renew the lease."""
    return type("AppBatchConsumer", (BatchConsumer,), {"delivery": delivery, "lease": lease})
