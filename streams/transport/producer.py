"""One idempotent producer that writes whole record batches and says when they are durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas.topics import TABLE_HEADER
from streams.ports import Emit
from streams.transport.lease import Lease
from streams.transport.upstream.client import pack_lightly
from streams.transport.upstream.handing_over import hand_over
from streams.transport.upstream.packed import pack

log = logging.getLogger(__name__)
BATCH_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a batch."""
OUTAGE_SECONDS = 600.0
"""So long a broker may take nothing before the process ends, for its supervisor to start it again."""

STOP_SECONDS = 5.0

COMPRESSION = "zstd"
"""At our level: lz4, which aiokafka packs at level 9, takes ten times as long for twice the bytes."""


class BatchProducer:
    """Emits keep their order within a topic partition: one producer, idempotence on, batches sent in order."""

    def __init__(
        self, connection: Mapping[str, Any], patience_seconds: float = OUTAGE_SECONDS, lease: Lease | None = None
    ) -> None:
        """With a `lease` nothing is written while it does not hold."""
        self._connection = dict(connection)
        self._patience_seconds = patience_seconds
        self._lease = lease
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        pack_lightly()
        self._producer = AIOKafkaProducer(
            **self._connection,
            enable_idempotence=True,
            compression_type=COMPRESSION,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=8_000_000,
        )
        await self._producer.start()
        if self._lease is not None:
            self._lease.guard(self._producer)

    async def stop(self) -> None:
        """Write what is in hand and leave. Without a broker that is given up after a moment: nothing of it is committed."""
        if self._producer is not None:
            try:
                await asyncio.wait_for(self._producer.stop(), STOP_SECONDS)
            except TimeoutError:
                log.warning("Kafka takes no record: what is in hand is left, uncommitted, to the next start")
            self._producer = None

    async def send(self, emits: Sequence[Emit]) -> list[asyncio.Future[Any]]:
        """Hand the emits over in order; the futures are done when the broker has them, or carry its error."""
        by_place: dict[tuple[str, int], list[Emit]] = {}
        for emit in emits:
            by_place.setdefault((emit.topic, emit.partition), []).append(emit)
        futures: list[asyncio.Future[Any]] = []
        for (topic, partition), group in by_place.items():
            records = ((emit.key, emit.value, _headers(emit)) for emit in group)
            futures.extend(await self._send_all(topic, partition, records))
        return futures

    async def send_state(
        self, topic: str, partition: int, state: Mapping[bytes, bytes | None]
    ) -> list[asyncio.Future[Any]]:
        """Changelog records: the latest value of each key, None where a key is gone."""
        batches = pack(state, BATCH_BYTES)
        if batches is None:
            return await self._send_all(topic, partition, ((key, value, []) for key, value in state.items()))
        return [await self._close_and_send(batch, topic, partition) for batch in batches]

    async def _send_all(
        self, topic: str, partition: int, records: Iterable[tuple[bytes, bytes | None, list[tuple[str, bytes]]]]
    ) -> list[asyncio.Future[Any]]:
        """Key, value and headers of each record, in whole batches; one that fits no batch goes on its own."""
        producer = self._started
        futures: list[asyncio.Future[Any]] = []
        batch = producer.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is not None:
                continue
            if batch.record_count():
                futures.append(await self._close_and_send(batch, topic, partition))
            batch = producer.create_batch()
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                # within max_request_size; the broker has the last word
                send = partial(producer.send, topic, key=key, value=value, partition=partition, headers=headers)
                futures.append(await self._patiently(send))
                batch = producer.create_batch()
        if batch.record_count():
            futures.append(await self._close_and_send(batch, topic, partition))
        return futures

    async def _close_and_send(self, batch: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        batch.close()
        return await self._patiently(partial(self._started.send_batch, batch, topic, partition=partition))

    async def _patiently(self, give: Callable[[], Awaitable[asyncio.Future[Any]]]) -> asyncio.Future[Any]:
        return await hand_over(give, self._patience_seconds)

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the producer has not been started")
        return self._producer


def _headers(emit: Emit) -> list[tuple[str, bytes]]:
    return [(TABLE_HEADER, emit.table.encode()), *emit.more_headers] if emit.table else list(emit.more_headers)
