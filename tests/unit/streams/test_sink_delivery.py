"""The sink on the batch path: collected, written once, patient with an outage, stopped by a defect."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.errors import TerradriftError, UnavailableError
from streams.ports import Output
from streams.transport import sinking
from streams.transport.sinking import SinkDelivery

ALERTS = ("alerts", 0)


@dataclass
class Writer:
    """Keeps what it is given; `faults` are raised first, one a call."""

    faults: list[Exception] = field(default_factory=list)
    begun: list[Any] = field(default_factory=list)
    written: list[tuple[str, int, int, int, dict[str, list[bytes]]]] = field(default_factory=list)

    def resume(self, topic: str, partition: int, committed: int) -> Sequence[Any]:
        return self.begun

    def write(
        self, topic: str, partition: int, first: int, next_offset: int, rows: Mapping[str, Sequence[bytes]]
    ) -> int:
        if self.faults:
            raise self.faults.pop(0)
        self.written.append((topic, partition, first, next_offset, {t: list(lines) for t, lines in rows.items()}))
        return sum(map(len, rows.values()))


class Meter:
    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None: ...
    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinking, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(sinking, "FIRST_WAIT", 0.0)


def records(first: int, count: int) -> list[Any]:
    return [SimpleNamespace(offset=first + i, headers=(), value=b"%d" % (first + i)) for i in range(count)]


async def opened(writer: Writer) -> SinkDelivery:
    delivery = SinkDelivery(writer, Meter())
    await delivery.open(*ALERTS, committed=0)
    return delivery


def test_batches_that_come_in_one_moment_are_written_as_one_range() -> None:
    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer)
        one = await delivery.deliver({ALERTS: records(0, 3)})
        two = await delivery.deliver({ALERTS: records(3, 2)})
        await asyncio.gather(one, two)
        return writer

    assert asyncio.run(run()).written == [("alerts", 0, 0, 5, {"alerts": [b"0", b"1", b"2", b"3", b"4"]})]


def test_nothing_counts_as_durable_before_it_is_written() -> None:
    async def run() -> tuple[bool, bool]:
        delivery = await opened(Writer())
        future = await delivery.deliver({ALERTS: records(0, 1)})
        before = future.done()
        await future
        return before, future.done()

    assert asyncio.run(run()) == (False, True)


def test_an_outage_is_waited_for_and_the_same_range_written() -> None:
    async def run() -> Writer:
        writer = Writer(faults=[UnavailableError("away"), UnavailableError("away")])
        delivery = await opened(writer)
        await (await delivery.deliver({ALERTS: records(0, 2)}))
        return writer

    assert [entry[2:4] for entry in asyncio.run(run()).written] == [(0, 2)]


def test_a_defect_reaches_whoever_waits_for_the_batch() -> None:
    async def run() -> None:
        delivery = await opened(Writer(faults=[TerradriftError("no such column")]))
        await (await delivery.deliver({ALERTS: records(0, 2)}))

    with pytest.raises(TerradriftError, match="no such column"):
        asyncio.run(run())


def test_a_range_begun_before_a_crash_is_read_and_written_again_as_it_was() -> None:
    async def run() -> tuple[int | None, Writer]:
        writer = Writer(begun=[SimpleNamespace(first=4, next_offset=7)])
        delivery = SinkDelivery(writer, Meter())
        start = await delivery.open(*ALERTS, committed=2)
        await (await delivery.deliver({ALERTS: records(4, 5)}))
        return start, writer

    start, writer = asyncio.run(run())
    assert start == 4
    assert [entry[2:4] for entry in writer.written] == [(4, 7), (7, 9)]
