"""Giving a record to aiokafka's producer while Kafka is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import KafkaTimeoutError

from schemas.errors import UnavailableError

log = logging.getLogger(__name__)


async def hand_over(give: Callable[[], Awaitable[asyncio.Future[Any]]], patience_seconds: float) -> asyncio.Future[Any]:
    """Give as soon as there is room. During an outage there is none: aiokafka keeps, and repeats for ever,
    what it has (idempotent batches do not expire), and gives up on what waits behind it after 40 s; we do not.

    Raises UnavailableError once patience is over.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            return await give()
        except KafkaTimeoutError:
            waited = loop.time() - began
            if waited >= patience_seconds:
                raise UnavailableError(
                    f"Kafka has taken no record for {waited:.0f} s; nothing unwritten is committed"
                ) from None
            log.warning("Kafka has taken no record for %.0f s; waiting", waited)
