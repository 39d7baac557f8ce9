"""The sink: kill it anywhere, start it again with other batches, and no count changes."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, ClickHouseDefectError
from infra.clickhouse.epochs import Look
from infra.clickhouse.inserts import Insert
from infra.clickhouse.ledger import Range
from infra.clickhouse.sink import OrderError, Sink
from schemas.errors import UnavailableError
from schemas.row_ranges import RowBlock, RowRange
from tests.contract.clickhouse.order_rows import COLUMNS, a_name, an_order, orders
from tests.contract.clickhouse.wire import Wire

pytestmark = pytest.mark.io


class KilledError(Exception):
    """Stands for kill -9 at this very point."""


class MortalSink(Sink):
    """A sink that dies before or after a given insert; what was inserted stays."""

    def __init__(self, access: Access, log_id: str, dies_at: float) -> None:
        super().__init__(access, log_id)
        self._breath = dies_at

    def _insert(self, insert: Insert, look: Look) -> None:
        self._breath -= 0.5
        if self._breath < 0:
            raise KilledError
        super()._insert(insert, look)
        self._breath -= 0.5
        if self._breath < 0:
            raise KilledError


def write(sink: Sink, partition: int, first: int, next_offset: int, *blocks: RowBlock) -> int:
    return sink.write([RowRange("facts", partition, first, next_offset, blocks)])


def counted(client: Client, log_id: str, table: str = "orders") -> int:
    return int(
        client.query(
            "SELECT count() FROM {t:Identifier} WHERE log_id = {l:String}", parameters={"t": table, "l": log_id}
        ).result_rows[0][0]
    )


@pytest.fixture
def log_id() -> str:
    return uuid4().hex


def a_log_of_facts(chance: random.Random, newest_of_all: int) -> list[int]:
    """Orders, and after crashes of the stage before runs of them that are there twice."""
    log: list[int] = []
    newest = 0
    while newest < newest_of_all:
        step = min(chance.randint(1, 60), newest_of_all - newest)
        log += range(newest, newest + step)
        newest += step
        log += range(newest - chance.randint(0, min(newest, 40)), newest)
    return log


def in_records(chance: random.Random, log_id: str, log: Sequence[int]) -> list[list[RowBlock]]:
    """The same as records of one row with a name beside it, of many rows, and of many rows in another order of columns."""
    records: list[list[RowBlock]] = []
    start = 0
    while start < len(log):
        end = start + 1
        while end < len(log) and log[end] > log[end - 1] and end - start < 30 and chance.random() < 0.95:
            end += 1
        part = log[start:end]
        shape = chance.choice(["one", "many", "turned"])
        if shape == "one":
            records += [[an_order(log_id, n)] for n in part]
        else:
            records.append([orders(log_id, part, columns=COLUMNS if shape == "many" else COLUMNS[::-1])])
        records += [[a_name(log_id, n)] for n in part]
        start = end
    return records


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_with_other_batches_every_row_is_there_once(
    access: Access, client: Client, log_id: str, seed: int
) -> None:
    chance = random.Random(seed)
    logs = [in_records(chance, log_id, a_log_of_facts(chance, 200)), []]
    logs[1] = [[RowBlock(0, b.table, b.value.replace(log_id.encode(), f"{log_id}-2".encode()), b.columns, b.source) for b in r] for r in logs[0]]  # fmt: skip

    def asked(partition: int, first: int, next_offset: int) -> RowRange:
        return RowRange(
            "facts", partition, first, next_offset, [b for r in logs[partition][first:next_offset] for b in r]
        )

    committed = [0, 0]
    lives = 0
    while any(committed[p] < len(logs[p]) for p in (0, 1)):
        lives += 1
        sink = MortalSink(access, log_id, dies_at=chance.choice([0, 0.5, 1, 1.5, 2, 3.5, 5, 7, 12]))
        try:
            position = list(committed)
            for p in (0, 1):
                for again in sink.resume("facts", p, committed[p]):
                    sink.write([asked(p, again.first, again.next_offset)])
                    position[p] = again.next_offset
            while any(position[p] < len(logs[p]) for p in (0, 1)):
                ends = [min(len(logs[p]), position[p] + chance.randint(1, 50)) for p in (0, 1)]
                sink.write([asked(p, position[p], ends[p]) for p in (0, 1) if position[p] < ends[p]])
                position = ends
                committed = [position[p] if chance.random() < 0.6 else committed[p] for p in (0, 1)]  # or lost
            committed = position
        except KilledError:
            sink.close()
    assert lives > 3
    for life in (log_id, f"{log_id}-2"):
        assert (counted(client, life), counted(client, life, "names")) == (200, 200)


def test_a_record_of_many_rows_and_records_of_one_row_come_to_the_same_rows(
    access: Access, client: Client, log_id: str
) -> None:
    for life, blocks in ((log_id, [orders(log_id, [3, 7])]), (f"{log_id}-2", [an_order(f"{log_id}-2", n) for n in (3, 7)])):  # fmt: skip
        sink = Sink(access, life)
        sink.resume("facts", 3, 0)
        assert write(sink, 3, 0, 2, *blocks) == 2
    found = client.query(
        "SELECT * EXCEPT (log_id, event_id) FROM orders WHERE startsWith(log_id, {l:String}) ORDER BY log_id, offset",
        parameters={"l": log_id},
    ).result_rows
    assert len(found) == 4
    assert found[:2] == found[2:]


def test_a_fact_that_kafka_holds_twice_is_written_once_even_after_a_restart(
    access: Access, client: Client, log_id: str
) -> None:
    first = Sink(access, log_id)
    first.resume("facts", 3, 0)
    assert write(first, 3, 0, 3, an_order(log_id, 0), orders(log_id, [1, 2])) == 3
    second = Sink(access, log_id)
    assert second.resume("facts", 3, 3) == []
    assert write(second, 3, 3, 6, orders(log_id, [1, 2, 3]), an_order(log_id, 3), an_order(log_id, 4)) == 2
    assert counted(client, log_id) == 5


def test_only_the_newest_range_has_to_be_repeated(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 0, 0)
    for first in (0, 10, 20):
        write(sink, 0, first, first + 10, an_order(log_id, first))
    assert Sink(access, log_id).resume("facts", 0, 10) == [Range(20, 30)]
    assert Sink(access, log_id).resume("facts", 0, 30) == []


def test_a_range_begun_before_there_were_epochs_is_repeated_with_the_marks_it_began_with(
    access: Access, client: Client, log_id: str
) -> None:
    client.command(
        "INSERT INTO sink_batches (log_id, topic, partition, from_offset, to_offset, marks) VALUES "
        f"('{log_id}', 'facts', 3, 0, 5, {{'orders/orders/3': 4}}), ('{log_id}', 'facts', 3, 5, 9, {{'orders/orders/3': 6}})"
    )
    sink = Sink(access, log_id)
    assert sink.resume("facts", 3, 5) == [Range(5, 9)]
    assert write(sink, 3, 5, 9, *(an_order(log_id, n) for n in (2, 3, 4, 5))) == 2


def test_a_range_that_may_be_half_written_must_be_repeated_exactly(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 0, 0)
    write(sink, 0, 0, 10, an_order(log_id, 0))
    restarted = Sink(access, log_id)
    restarted.resume("facts", 0, 0)
    with pytest.raises(OrderError, match="half-written"):
        write(restarted, 0, 0, 7)
    assert write(restarted, 0, 0, 10, an_order(log_id, 0)) == 1
    with pytest.raises(OrderError, match="overlaps"):
        write(restarted, 0, 9, 12)


def test_two_ranges_of_one_partition_cannot_be_on_their_way_together(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 0, 0)
    with pytest.raises(OrderError, match="at once"):
        sink.write([RowRange("facts", 0, first, first + 1, [an_order(log_id, first)]) for first in (0, 1)])


def test_another_life_of_the_broker_begins_with_a_clean_ledger(access: Access, client: Client, log_id: str) -> None:
    for life in (log_id, f"{log_id}-2"):
        sink = Sink(access, life)
        assert sink.resume("facts", 3, 0) == []
        write(sink, 3, 0, 1, an_order(life, 0))
        assert counted(client, life) == 1


def test_a_row_clickhouse_cannot_take_is_a_defect_that_shows_table_place_and_row(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 3, 0)
    good = an_order(log_id, 1, record=11)
    bad = replace(good, value=good.value.replace(b'"order_id"', b'"oder_id"'))
    with pytest.raises(
        ClickHouseDefectError,
        match=r"table orders: .*oder_id.*facts/3 at offset 11, line 1: row b'\{\"event_id\": \"\w+-e1\"",
    ):
        write(sink, 3, 10, 12, an_order(log_id, 0, record=10), bad)


@pytest.mark.parametrize("broken", ['"much"', '"1.50", 7', "null"])
def test_a_line_clickhouse_cannot_take_is_named_within_its_record(access: Access, log_id: str, broken: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 3, 0)
    good = orders(log_id, range(10, 30), record=11)
    lines = good.value.split(b"\n")
    lines[14] = lines[14].replace(b'"1.50"', broken.encode())
    bad = replace(good, value=b"\n".join(lines))
    with pytest.raises(ClickHouseDefectError, match=rf"table orders: .*offset 11, line 15: row .*{log_id}-e24"):
        write(sink, 3, 10, 12, orders(log_id, range(5), record=10), bad)


def test_a_table_or_column_nobody_knows_is_refused_before_anything_is_sent(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 3, 0)
    good = orders(log_id, [0])
    with pytest.raises(OrderError, match="table orders has no column oder_id"):
        write(sink, 3, 0, 1, replace(good, columns=good.columns.replace("order_id", "oder_id")))
    with pytest.raises(OrderError, match="facts has no table alerts"):
        write(sink, 3, 0, 1, replace(good, table="alerts"))


def test_a_server_that_is_not_there_is_unavailable_and_the_same_call_works_later(access: Access, log_id: str) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers
        sink = Sink(Access(f"http://127.0.0.1:{reserved.getsockname()[1]}"), log_id)
        with pytest.raises(UnavailableError):
            sink.resume("facts", 3, 0)


def test_a_server_that_goes_away_in_the_middle_is_unavailable_and_the_batch_is_repeated(
    access: Access, client: Client, log_id: str
) -> None:
    wire = Wire(access.host, access.port)
    sink = Sink(replace(access, url=f"http://127.0.0.1:{wire.port}"), log_id)
    sink.resume("facts", 3, 0)
    write(sink, 3, 0, 1, an_order(log_id, 0))
    wire.cut()
    with pytest.raises(UnavailableError):
        write(sink, 3, 1, 2, an_order(log_id, 1))
    wire.mend()
    with pytest.raises(OrderError, match="repeat it"):
        write(sink, 3, 1, 3, an_order(log_id, 1), an_order(log_id, 2))
    assert write(sink, 3, 1, 2, an_order(log_id, 1)) == 1
    assert counted(client, log_id) == 2
    wire.cut()
