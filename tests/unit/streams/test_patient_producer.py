"""The producer during an outage: it waits for room before what it hands over, not for ever, and it can be stopped."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from schemas.errors import UnavailableError
from streams.ports import Emit
from streams.transport import producer as module
from streams.transport.producer import BatchProducer

ORDER = Emit("facts", 0, b"a1", b"{}")


class ClosedDoor:
    """aiokafka's producer before a broker that takes nothing `times` times, or never stops."""

    def __init__(self, times: int, stops: bool = True) -> None:
        self.times = times
        self.stops = stops
        self.taken = 0

    async def start(self) -> None: ...

    async def stop(self) -> None:
        if not self.stops:
            await asyncio.Event().wait()

    def create_batch(self) -> Any:
        return Batch()

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[str]:
        if self.times > 0:
            self.times -= 1
            raise KafkaTimeoutError
        self.taken += 1
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        done.set_result(topic)
        return done


class Batch:
    records = 0

    def append(self, **_: Any) -> object:
        self.records += 1
        return object()

    def record_count(self) -> int:
        return self.records

    def close(self) -> None: ...


async def started(door: ClosedDoor, monkeypatch: pytest.MonkeyPatch, patience_seconds: float) -> BatchProducer:
    monkeypatch.setattr(module, "AIOKafkaProducer", lambda **_: door)
    producer = BatchProducer({}, patience_seconds)
    await producer.start()
    return producer


def test_a_record_is_handed_over_once_when_the_broker_takes_records_again(monkeypatch: pytest.MonkeyPatch) -> None:
    door = ClosedDoor(times=3)

    async def scene() -> None:
        producer = await started(door, monkeypatch, 60)
        assert [await future for future in await producer.send([ORDER])] == ["facts"]

    asyncio.run(scene())
    assert door.taken == 1


def test_when_patience_is_over_the_sentence_says_that_kafka_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        producer = await started(ClosedDoor(times=99), monkeypatch, 0)
        with pytest.raises(UnavailableError, match="Kafka has taken no record for 0 s"):
            await producer.send([ORDER])

    asyncio.run(scene())


def test_stopping_without_a_broker_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.01)

    async def scene() -> None:
        producer = await started(ClosedDoor(times=0, stops=False), monkeypatch, 60)
        await producer.stop()

    asyncio.run(asyncio.wait_for(scene(), 5))
