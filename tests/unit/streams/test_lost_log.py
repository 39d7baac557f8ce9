"""State that knows less than its group has read is of another log: the worker does not go on from it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemas.settings import Company, Settings
from schemas.topics import ORDERS, REGION_EVENTS
from streams.handlers.activity.stage import ActivityStage
from streams.handlers.region.stage import RegionStage
from streams.ports import MemoryStore, Record
from streams.transport.delivery import Opened
from streams.transport.lost_log import LostLogError
from streams.transport.stages import StageDelivery

SETTINGS = Settings(company=Company(currency="EUR"))


def delivery_of(store: MemoryStore) -> StageDelivery:
    async def open_store(topic: str, partition: int) -> MemoryStore:
        del topic, partition
        return store

    nothing: Any = None
    stages = (ActivityStage(SETTINGS, "log"), RegionStage(SETTINGS, "log"))
    return StageDelivery(stages, nothing, open_store, nothing, nothing, nothing)


def state_after_orders(count: int) -> MemoryStore:
    store = MemoryStore()
    handler = ActivityStage(SETTINGS, "log").open(3, store)
    output = handler.handle([Record(ORDERS.name, 3, offset, 0, b"a", b"{}") for offset in range(count)])
    store.apply(output.state)
    return store


def test_orders_are_not_read_on_when_the_state_of_them_is_gone() -> None:
    with pytest.raises(LostLogError, match="partition 3 of orders was read up to offset 7, but its state in activity"):
        asyncio.run(delivery_of(MemoryStore()).open(ORDERS.name, 3, committed=7))


def test_state_may_know_more_than_was_committed_and_says_how_much() -> None:
    opened = asyncio.run(delivery_of(state_after_orders(7)).open(ORDERS.name, 3, committed=5))
    assert opened == Opened(start=None, known=7)


def test_a_region_reads_again_from_its_snapshot_however_far_its_group_has_read() -> None:
    assert asyncio.run(delivery_of(MemoryStore()).open(REGION_EVENTS.name, 0, committed=7)) == Opened(start=0)
