"""A process writes only while its group is sure to count it in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest

from streams.transport import lease as lease_module
from streams.transport.lease import Lease

SESSION = 10.0


@dataclass
class World:
    """A clock, a coordinator whose heartbeats the test answers, and a client that keeps what was sent."""

    now: float = 100.0
    answer: bool = True
    travel_seconds: float = 0.0
    sent: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lease = Lease(SESSION, lambda: self.now)
        self.coordinator = SimpleNamespace(_do_heartbeat=self._beat)
        self.client = SimpleNamespace(send=self._send)
        self.lease.follow(SimpleNamespace(_coordinator=self.coordinator))
        self.lease.guard(SimpleNamespace(client=self.client))

    async def _beat(self) -> bool:
        self.now += self.travel_seconds
        return self.answer

    async def _send(self, node_id: int, request: Any, **options: Any) -> None:
        self.sent.append(request)

    async def heartbeat(self) -> None:
        await self.coordinator._do_heartbeat()


def produce() -> ProduceRequest:
    return ProduceRequest.__new__(ProduceRequest)  # only its kind matters


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "LOOK_SECONDS", 0.0)


def test_nothing_is_written_before_the_first_heartbeat_is_answered() -> None:
    world = World()
    assert not world.lease.holds()
    asyncio.run(world.heartbeat())
    assert world.lease.holds()


def test_the_lease_ends_a_session_after_the_heartbeat_was_sent_not_after_it_was_answered() -> None:
    world = World(travel_seconds=4.0)
    asyncio.run(world.heartbeat())
    world.now = 100.0 + SESSION - 0.1
    assert world.lease.holds()
    world.now = 100.0 + SESSION
    assert not world.lease.holds()


def test_a_heartbeat_that_is_refused_renews_nothing() -> None:
    world = World(answer=False)
    asyncio.run(world.heartbeat())
    assert not world.lease.holds()


def test_a_write_waits_for_the_lease_and_other_requests_do_not() -> None:
    async def run() -> tuple[int, int]:
        world = World()
        await world.client.send(1, MetadataRequest.__new__(MetadataRequest))
        writing = asyncio.create_task(world.client.send(1, produce()))
        for _ in range(5):
            await asyncio.sleep(0)
        before = len(world.sent)
        await world.heartbeat()
        await writing
        return before, len(world.sent)

    assert asyncio.run(run()) == (1, 2)
