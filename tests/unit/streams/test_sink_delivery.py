"""The sink on the batch path: collected, written once, patient with an outage, stopped by a defect."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.errors import TakenOverError, TerradriftError, UnavailableError
from schemas.row_ranges import RowRange
from streams.ports import Output
from streams.transport import sinking
from streams.transport.delivery import Opened
from streams.transport.sinking import SinkDelivery

ALERTS = ("alerts", 0)


@dataclass
class Writer:
    """Rows in memory. `faults` are raised first, one a call; a call waits for `gate`, and says in `inside` that it does."""

    faults: list[Exception] = field(default_factory=list)
    begun: list[Any] = field(default_factory=list)
    written: list[list[RowRange]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    inside: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def resume(self, topic: str, partition: int, committed: int) -> Sequence[Any]:
        return self.begun

    def write(self, ranges: Sequence[RowRange]) -> int:
        self.inside.set()
        assert self.gate.wait(10)
        if self.faults:
            raise self.faults.pop(0)
        self.written.append(list(ranges))
        return sum(block.rows for cut in ranges for block in cut.blocks)

    def ranges(self) -> list[tuple[str, int, int, int]]:
        return [(cut.topic, cut.partition, cut.first, cut.next_offset) for call in self.written for cut in call]


@dataclass
class Meter:
    rows: dict[str, int] = field(default_factory=dict)

    def batch(self, stage: str, records: int, seconds: float, output: Output) -> None:
        for (name, label), amount in output.counts.items():
            if name == "rows":
                self.rows[label] = self.rows.get(label, 0) + amount

    def positions(self, offsets: Mapping[tuple[str, int], int]) -> None: ...


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinking, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(sinking, "FIRST_WAIT", 0.0)


def records(first: int, count: int) -> list[Any]:
    return [SimpleNamespace(offset=first + i, headers=(), value=b"%d" % (first + i)) for i in range(count)]


def facts(first: int, count: int, rows: int) -> list[Any]:
    """Records of many rows."""
    return [
        SimpleNamespace(
            offset=offset,
            headers=(("table", b"orders"), ("columns", b"offset"), ("source", b"orders/0/0/%d/%d" % (rows, rows))),
            value=b"\n".join(b"[%d]" % n for n in range(rows)),
        )
        for offset in range(first, first + count)
    ]


async def opened(writer: Writer, *places: tuple[str, int], meter: Meter | None = None) -> SinkDelivery:
    delivery = SinkDelivery(writer, meter or Meter())
    for place in places or (ALERTS,):
        await delivery.open(*place, committed=0)
    return delivery


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


def test_batches_that_come_in_one_moment_are_written_as_one_range() -> None:
    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer)
        one = await delivery.deliver({ALERTS: records(0, 3)})
        two = await delivery.deliver({ALERTS: records(3, 2)})
        await asyncio.gather(one, two)
        return writer

    (((cut,),)) = asyncio.run(run()).written
    assert (cut.place, cut.first, cut.next_offset) == (ALERTS, 0, 5)
    assert [block.value for block in cut.blocks] == [b"0", b"1", b"2", b"3", b"4"]


def test_the_partitions_of_one_moment_are_written_at_once_and_the_ranges_of_one_after_each_other() -> None:
    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer, ("facts", 0), ("facts", 1))
        await (await delivery.deliver({("facts", 0): facts(0, 3, rows=30_000), ("facts", 1): facts(0, 1, rows=9)}))
        return writer

    calls = [[(cut.partition, cut.first, cut.next_offset) for cut in call] for call in asyncio.run(run()).written]
    assert calls == [[(0, 0, 1), (1, 0, 1)], [(0, 1, 2)], [(0, 2, 3)]]


def test_the_rows_within_a_record_are_counted_by_table() -> None:
    meter = Meter()

    async def run() -> None:
        delivery = await opened(Writer(), ("facts", 0), ALERTS, meter=meter)
        await (await delivery.deliver({("facts", 0): facts(0, 3, rows=40), ALERTS: records(0, 2)}))

    asyncio.run(run())
    assert meter.rows == {"orders": 120, "alerts": 2}


def test_nothing_counts_as_durable_before_it_is_written() -> None:
    async def run() -> tuple[bool, bool]:
        delivery = await opened(Writer())
        future = await delivery.deliver({ALERTS: records(0, 1)})
        before = future.done()
        await future
        return before, future.done()

    assert asyncio.run(run()) == (False, True)


def test_what_arrives_during_a_flush_is_written_by_the_next_one() -> None:
    async def run() -> list[tuple[str, int, int, int]]:
        writer = Writer()
        writer.gate.clear()
        delivery = await opened(writer)
        one = await delivery.deliver({ALERTS: records(0, 2)})
        await until(writer.inside)
        two = await delivery.deliver({ALERTS: records(2, 3)})
        assert not one.done()
        writer.gate.set()
        await asyncio.gather(one, two)
        return writer.ranges()

    assert asyncio.run(run()) == [("alerts", 0, 0, 2), ("alerts", 0, 2, 5)]


@pytest.mark.parametrize("bound", ["MOST_ROWS", "MOST_BYTES"])
def test_reading_stops_at_the_most_in_memory_until_a_flush_has_taken_it(
    bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinking, bound, 500)

    async def run() -> None:
        writer = Writer()
        writer.gate.clear()
        delivery = await opened(writer, ("facts", 0))
        await delivery.deliver({("facts", 0): facts(0, 1, rows=10)})
        await until(writer.inside)
        await delivery.deliver({("facts", 0): facts(1, 1, rows=10)})
        reading = asyncio.create_task(delivery.deliver({("facts", 0): facts(2, 1, rows=490)}))
        await asyncio.sleep(0.02)
        assert not reading.done()
        writer.gate.set()
        await (await reading)
        assert [cut[2:] for cut in writer.ranges()] == [(0, 1), (1, 3)]

    asyncio.run(run())


def test_enough_rows_are_written_without_waiting_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinking, "PACE_SECONDS", 3600.0)

    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer, ("facts", 0))
        few = await delivery.deliver({("facts", 0): facts(0, 1, rows=10)})
        more = await delivery.deliver({("facts", 0): facts(1, 1, rows=sinking.ENOUGH_ROWS)})
        await asyncio.wait_for(asyncio.gather(few, more), 10)
        return writer

    assert len(asyncio.run(run()).ranges()) == 2


def test_an_outage_is_waited_for_and_the_same_range_written() -> None:
    async def run() -> Writer:
        writer = Writer(faults=[UnavailableError("away"), UnavailableError("away")])
        delivery = await opened(writer)
        await (await delivery.deliver({ALERTS: records(0, 2)}))
        return writer

    assert asyncio.run(run()).ranges() == [("alerts", 0, 0, 2)]


def test_a_defect_reaches_whoever_waits_for_the_batch() -> None:
    async def run() -> None:
        delivery = await opened(Writer(faults=[TerradriftError("no such column")]))
        await (await delivery.deliver({ALERTS: records(0, 2)}))

    with pytest.raises(TerradriftError, match="no such column"):
        asyncio.run(run())


def test_after_a_defect_nothing_later_is_written() -> None:
    async def run() -> Writer:
        writer = Writer(faults=[TerradriftError("no such column")])
        writer.gate.clear()
        delivery = await opened(writer)
        one = await delivery.deliver({ALERTS: records(0, 2)})
        await until(writer.inside)
        two = await delivery.deliver({ALERTS: records(2, 2)})
        writer.gate.set()
        for future in (one, two):
            with pytest.raises(TerradriftError, match="no such column"):
                await future
        return writer

    assert asyncio.run(run()).written == []


def test_a_closed_partition_forgets_what_was_collected_and_the_others_are_written() -> None:
    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer, ALERTS, ("alerts", 1))
        future = await delivery.deliver({ALERTS: records(0, 2), ("alerts", 1): records(0, 3)})
        delivery.close(*ALERTS)
        await future
        return writer

    assert asyncio.run(run()).ranges() == [("alerts", 1, 0, 3)]


def test_a_partition_closed_during_an_outage_is_not_tried_again_and_the_others_are() -> None:
    async def run() -> Writer:
        writer = Writer(faults=[UnavailableError("away")])
        writer.gate.clear()
        delivery = await opened(writer, ALERTS, ("alerts", 1))
        future = await delivery.deliver({ALERTS: records(0, 2), ("alerts", 1): records(0, 3)})
        await until(writer.inside)
        delivery.close(*ALERTS)
        writer.gate.set()
        await future
        return writer

    assert asyncio.run(run()).ranges() == [("alerts", 1, 0, 3)]


def test_a_flush_in_flight_is_done_when_its_future_is_even_if_its_partition_was_closed() -> None:
    async def run() -> list[bool]:
        writer = Writer()
        writer.gate.clear()
        delivery = await opened(writer)
        future = await delivery.deliver({ALERTS: records(0, 2)})
        await until(writer.inside)
        delivery.close(*ALERTS)
        before = future.done()
        writer.gate.set()
        await future
        return [before, bool(writer.written)]

    assert asyncio.run(run()) == [False, True]


def test_a_partition_that_comes_back_starts_empty() -> None:
    async def run() -> Writer:
        writer = Writer()
        delivery = await opened(writer)
        future = await delivery.deliver({ALERTS: records(0, 4)})
        delivery.close(*ALERTS)
        await delivery.open(*ALERTS, committed=1)
        again = await delivery.deliver({ALERTS: records(1, 1)})
        await asyncio.gather(future, again)
        return writer

    assert asyncio.run(run()).ranges() == [("alerts", 0, 1, 2)]


def test_a_partition_another_sink_took_while_it_was_ours_stops_this_one() -> None:
    async def run() -> None:
        delivery = await opened(Writer(faults=[TakenOverError([ALERTS])]))
        await (await delivery.deliver({ALERTS: records(0, 2)}))

    with pytest.raises(TakenOverError, match="another sink has taken over alerts/0"):
        asyncio.run(run())


def test_a_partition_another_sink_took_after_we_gave_it_up_stops_nothing() -> None:
    async def run() -> Writer:
        writer = Writer(faults=[TakenOverError([ALERTS])])
        writer.gate.clear()
        delivery = await opened(writer, ALERTS, ("alerts", 1))
        future = await delivery.deliver({ALERTS: records(0, 2), ("alerts", 1): records(0, 3)})
        await until(writer.inside)
        delivery.close(*ALERTS)
        writer.gate.set()
        await future
        return writer

    assert asyncio.run(run()).ranges() == [("alerts", 1, 0, 3)]


def test_a_range_begun_before_a_crash_is_read_and_written_again_as_it_was() -> None:
    async def run() -> tuple[Opened, Writer]:
        writer = Writer(begun=[SimpleNamespace(first=4, next_offset=7)])
        delivery = SinkDelivery(writer, Meter())
        opened = await delivery.open(*ALERTS, committed=2)
        await (await delivery.deliver({ALERTS: records(4, 5)}))
        return opened, writer

    opened, writer = asyncio.run(run())
    assert opened == Opened(start=4, known=7)
    assert [cut[2:] for cut in writer.ranges()] == [(4, 7), (7, 9)]
