"""Faust's consumer with the record by record path taken out.

What Faust calls inside is turned into four questions to a subclass: `take` this fetch; what is durable; may these offsets be committed; they were.
The overridden methods are those of `faust.transport.consumer.Consumer`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, ensure_aiokafka_TP
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
FETCH_WAIT_MS = 30
FEW_RECORDS, GATHER_SECONDS = 500, 0.05
"""After a fetch of few records the next ones may gather for a moment: each fetch costs as much as dozens of records."""


class MendedThread(AIOKafkaConsumerThread):
    """Asks for records with a short wait: Faust's 1.5 s is the pace of a broker that does not answer a fetch early."""

    async def on_start(self) -> None:
        await super().on_start()
        cast("MendedConsumer", self.consumer).on_client(self._ensure_consumer())

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class MendedConsumer(FaustConsumer):
    """Whole fetches instead of messages. A subclass says what it does with them."""

    def on_client(self, client: Any) -> None:
        """The aiokafka consumer has been made; called on its thread."""

    async def take(self, records: Mapping[TP, Sequence[Any]]) -> None:
        """Handle what was fetched, in order. An error stops the worker, and nothing of the fetch is committed."""
        raise NotImplementedError

    def durable(self) -> Mapping[TP, int]:
        """The offset up to which (not with) each partition may be committed."""
        raise NotImplementedError

    async def commit_durable(self, offsets: Mapping[TP, int]) -> bool:
        """Commit these of `durable`, with `send_commit`; whether they are committed."""
        raise NotImplementedError

    async def send_commit(self, offsets: Mapping[TP, int]) -> bool:
        """False also where the consumer's thread has crashed: it answers no call, and the process would wait for ever."""
        return not self._thread.crashed and bool(await self._commit(offsets))

    def believe_committed(self, offsets: Mapping[TP, int | None]) -> None:
        """Faust asks for no commit of what it believes to be committed."""
        self._committed_offset.update(offsets)

    def believe_read(self, tp: TP, offset: int) -> None:
        """Faust's own reports count from here."""
        self._read_offset[tp] = offset

    def believe_nothing(self, tp: TP) -> None:
        """Forget both of a partition that went away."""
        self._committed_offset.pop(tp, None)
        self._read_offset.pop(tp, None)

    async def seek_all(self, assigned: set[TP]) -> Mapping[TP, int]:
        """To where the group stands, or to the beginning where it stands nowhere (which aiokafka leaves out)."""
        committed: Mapping[TP, int] = await self.seek_to_committed()
        self.believe_committed({tp: committed.get(tp) for tp in assigned})
        if nowhere := [tp for tp in assigned if not committed.get(tp)]:
            await self._seek_to_beginning(nowhere)
        return committed

    async def first_position(self, tp: TP) -> int:
        """Where reading begins in a partition without a commit."""
        return cast(int, await self._thread.position(ensure_aiokafka_TP(tp)))

    def read_to(self, tp: TP) -> int:
        """How far the partition has been read, also past what holds nothing for us: the mark that ends a transaction takes an
        offset, too. 0 where that is not known."""
        client = self._thread._consumer
        subscription = None if client is None else client._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        if assignment is None or tp not in assignment.tps:
            return 0
        return cast(int, assignment.state_value(ensure_aiokafka_TP(tp))._position or 0)

    async def perform_seek(self) -> None:
        """Nothing: Faust goes to the committed offsets when it thinks a rebalance is over. We go when partitions are opened,
        and a second time could come after that and leave the offset a stage has asked for."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: Faust's own watch knows its streams only, not our batches; ProgressWatch sees whether we get on.

        Besides, it ends the process when it looks at a partition whose first position is still being asked for
        (`assert self._position is not None` in aiokafka).
        """

    async def _seek_to_beginning(self, partitions: Sequence[TP]) -> None:
        await self._thread.seek_to_beginning(*map(ensure_aiokafka_TP, partitions))

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return MendedThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                records, _ = await self._wait_next_records(POLL_SECONDS)
                await self.sleep(0)
                if self.flow_active:
                    await self.take(records or {})
                if records and sum(map(len, records.values())) < FEW_RECORDS:
                    await self.sleep(GATHER_SECONDS)
        except (asyncio.CancelledError, ConsumerStoppedError):
            if not self.app.should_stop:
                raise
        except Exception as error:
            log.exception("the worker %s stops at a defect; nothing of this batch is committed", self.app.conf.id)
            await self.crash(error)
            raise

    def _filter_tps_with_pending_acks(self, topics: Iterable[Any] | None = None) -> Iterator[TP]:
        return (
            tp
            for tp, offset in self.durable().items()
            if self._committed_offset.get(tp) != offset and (topics is None or tp in topics or tp.topic in topics)
        )

    def _new_offset(self, tp: TP) -> int | None:
        return self.durable().get(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        return await self.commit_durable(offsets)
