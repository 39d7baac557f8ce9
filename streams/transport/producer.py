"""One idempotent producer that writes whole record batches and says when they are durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer, codec
from aiokafka.errors import KafkaTimeoutError

from schemas.errors import UnavailableError
from schemas.topics import TABLE_HEADER
from streams.ports import Emit
from streams.transport.lease import Lease
from streams.transport.packed import pack

log = logging.getLogger(__name__)
BATCH_BYTES = 900_000
"""Below the broker's usual limit of 1 MiB a batch."""
OUTAGE_SECONDS = 600.0
"""So long a broker may take nothing before the process ends, for its supervisor to start it again."""

STOP_SECONDS = 5.0

COMPRESSION, COMPRESSION_LEVEL = "zstd", 1
"""aiokafka 0.14 packs zstd at level 3, which takes half as long again for the same bytes, and lz4 at level 9, which takes
ten times as long for twice the bytes. It offers no choice but the default of its function."""


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
        codec.zstd_encode.__defaults__ = (COMPRESSION_LEVEL,)
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
            self._lease.guard(self._producer.client)

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

    async def _patiently(self, hand_over: Callable[[], Awaitable[asyncio.Future[Any]]]) -> asyncio.Future[Any]:
        """Hand over as soon as there is room before it. During an outage there is none: aiokafka keeps, and repeats for ever,
        what it has (idempotent batches do not expire), and gives up on what waits behind it after 40 s; we do not.

        Raises UnavailableError once patience is over.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            try:
                return await hand_over()
            except KafkaTimeoutError:
                waited = loop.time() - began
                if waited >= self._patience_seconds:
                    raise UnavailableError(
                        f"Kafka has taken no record for {waited:.0f} s; nothing unwritten is committed"
                    ) from None
                log.warning("Kafka has taken no record for %.0f s; waiting", waited)

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the producer has not been started")
        return self._producer


def _headers(emit: Emit) -> list[tuple[str, bytes]]:
    return [(TABLE_HEADER, emit.table.encode()), *emit.more_headers] if emit.table else list(emit.more_headers)
