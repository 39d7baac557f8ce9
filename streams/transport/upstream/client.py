"""Hooks into aiokafka's clients, which offers none where we need them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import codec, conn
from aiokafka.protocol.produce import ProduceRequest

READER_BYTES = 1 << 23
"""So much of a response may wait in memory before its socket is left alone for a moment: all of a fetch."""
ZSTD_LEVEL = 1


def read_whole_responses() -> None:
    """aiokafka's 64 KiB of a response in memory mean two system calls for every piece that arrives."""
    conn.READER_LIMIT = READER_BYTES


def pack_lightly() -> None:
    """aiokafka packs zstd at level 3, which takes half as long again for the same bytes, and offers no choice but the
    default of its function."""
    codec.zstd_encode.__defaults__ = (ZSTD_LEVEL,)


def on_answered_heartbeat(consumer: Any, sent_at: Callable[[], float], answered: Callable[[float], None]) -> None:
    """Call `answered` with the time a heartbeat of an aiokafka consumer was sent, once Kafka has answered it well."""
    coordinator = consumer._coordinator
    beat: Callable[[], Awaitable[bool]] = coordinator._do_heartbeat

    async def counted() -> bool:
        sent = sent_at()
        well = await beat()
        if well:
            answered(sent)
        return well

    coordinator._do_heartbeat = counted


def hold_writes(producer: Any, until_allowed: Callable[[], Awaitable[None]]) -> None:
    """Let every produce request of an aiokafka producer wait for `until_allowed`, right before it leaves."""
    client = producer.client
    send: Callable[..., Awaitable[Any]] = client.send

    async def guarded(node_id: int, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await until_allowed()
        return await send(node_id, request, **options)

    client.send = guarded
