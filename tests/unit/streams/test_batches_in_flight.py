"""What may be committed while batches are under way: never more than is durable, and never less than before."""

from __future__ import annotations

import asyncio
from typing import Any

from faust.types import TP

from streams.transport.durable import Durable

PLACE = TP("region-events", 0)


class Positions:
    """How far one partition may be committed."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._durable = Durable(self.errors.append)

    async def handled(self, after: int, written: asyncio.Future[Any] | None) -> None:
        await self._durable.follow(PLACE, after, written)
        await asyncio.sleep(0)

    def committable(self) -> int | None:
        return self._durable.get(PLACE)


def test_a_batch_without_output_waits_for_the_one_before_it() -> None:
    async def scene() -> None:
        positions = Positions()
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await positions.handled(756, written)
        await positions.handled(764, None)
        assert positions.committable() is None  # else a crash now would lose what was handled up to 756
        written.set_result(None)
        await asyncio.sleep(0)
        assert positions.committable() == 764  # and not 756: nothing would ever commit the rest of a quiet partition

    asyncio.run(scene())


def test_a_batch_without_output_alone_is_committable_at_once() -> None:
    async def scene() -> None:
        positions = Positions()
        await positions.handled(10, None)
        assert positions.committable() == 10

    asyncio.run(scene())


def test_batches_become_committable_in_order_whichever_is_durable_first() -> None:
    async def scene() -> None:
        positions = Positions()
        first, second = (asyncio.get_running_loop().create_future() for _ in range(2))
        await positions.handled(5, first)
        await positions.handled(9, second)
        second.set_result(None)
        await asyncio.sleep(0)
        assert positions.committable() is None
        first.set_result(None)
        await asyncio.sleep(0)
        assert positions.committable() == 9

    asyncio.run(scene())
