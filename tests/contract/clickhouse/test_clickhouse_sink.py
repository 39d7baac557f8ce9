"""The sink: kill it anywhere, start it again with other batches, and no count changes."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, ClickHouseDefectError
from infra.clickhouse.ledger import Range
from infra.clickhouse.sink import OrderError, Sink
from schemas.errors import UnavailableError

pytestmark = pytest.mark.io
START = datetime(2024, 12, 1, tzinfo=UTC)


class KilledError(Exception):
    """Stands for kill -9 at this very point."""


class MortalSink(Sink):
    """A sink that dies before or after a given insert; what was inserted stays."""

    def __init__(self, access: Access, log_id: str, dies_at: float) -> None:
        super().__init__(access, log_id)
        self._breath = dies_at

    def _insert(self, table: str, lines: Sequence[bytes], token: str) -> None:
        self._breath -= 0.5
        if self._breath < 0:
            raise KilledError
        super()._insert(table, lines, token)
        self._breath -= 0.5
        if self._breath < 0:
            raise KilledError


def an_order(log_id: str, offset: int) -> bytes:
    """Orders of three years, so that one batch falls into several partitions of the table."""
    row = {
        "event_id": f"{log_id}-e{offset}", "occurred_at": (START + timedelta(days=200 * (offset % 5))).isoformat(), "order_id": f"o{offset}",
        "account_id": f"a{offset % 7}", "amount": "1.50", "currency": "EUR", "region_id": "north",
        "log_id": log_id, "topic": "orders", "partition": 3, "offset": offset,
    }  # fmt: skip
    return json.dumps(row).encode()


def a_name(log_id: str, offset: int) -> bytes:
    row = {
        "kind": "account",
        "id": f"a{offset}",
        "name": "n",
        "occurred_at": START.isoformat(),
        "log_id": log_id,
        "topic": "accounts",
        "partition": 3,
        "offset": offset,
    }
    return json.dumps(row).encode()


class Wire:
    """A line to the server that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._far)
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    def cut(self) -> None:
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listen()


def counted(client: Client, log_id: str, table: str = "orders") -> int:
    return int(
        client.query(
            "SELECT count() FROM {t:Identifier} WHERE log_id = {l:String}", parameters={"t": table, "l": log_id}
        ).result_rows[0][0]
    )


@pytest.fixture
def log_id() -> str:
    return uuid4().hex


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_with_other_batches_every_row_is_there_once(
    access: Access, client: Client, log_id: str, seed: int
) -> None:
    chance = random.Random(seed)
    # The log of facts: 300 orders and, after crashes of the stage before, runs of facts that are there twice.
    log: list[int] = []
    newest = 0
    while newest < 300:
        step = chance.randint(1, 60)
        log += range(newest, newest + step)
        newest += step
        log += range(newest - chance.randint(0, min(newest, 40)), newest)

    def rows(cut: Range) -> Mapping[str, Sequence[bytes]]:
        part = log[cut.first : cut.next_offset]
        return {"orders": [an_order(log_id, n) for n in part], "names": [a_name(log_id, n) for n in part]}

    committed = lives = 0
    while committed < len(log):
        lives += 1
        sink = MortalSink(access, log_id, dies_at=chance.choice([0, 0.5, 1, 1.5, 2, 3.5, 5, 7]))
        try:
            position = committed
            for again in sink.resume("facts", 3, committed):
                sink.write("facts", 3, again.first, again.next_offset, rows(again))
                position = again.next_offset
            while position < len(log):
                cut = Range(position, min(len(log), position + chance.randint(1, 80)))
                sink.write("facts", 3, cut.first, cut.next_offset, rows(cut))
                position = cut.next_offset
                committed = position if chance.random() < 0.6 else committed  # a commit may be lost too
            committed = position
        except KilledError:
            sink.close()
    assert lives > 3
    assert counted(client, log_id) == newest
    assert counted(client, log_id, "names") == newest


def test_a_fact_that_kafka_holds_twice_is_written_once_even_after_a_restart(
    access: Access, client: Client, log_id: str
) -> None:
    first = Sink(access, log_id)
    first.resume("facts", 3, 0)
    assert first.write("facts", 3, 0, 3, {"orders": [an_order(log_id, n) for n in (0, 1, 2)]}) == 3
    second = Sink(access, log_id)
    assert second.resume("facts", 3, 3) == []
    assert second.write("facts", 3, 3, 6, {"orders": [an_order(log_id, n) for n in (1, 2, 3)]}) == 1
    assert counted(client, log_id) == 4


def test_only_the_newest_range_has_to_be_repeated(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 0, 0)
    for first in (0, 10, 20):
        sink.write("facts", 0, first, first + 10, {"orders": [an_order(log_id, first)]})
    assert Sink(access, log_id).resume("facts", 0, 10) == [Range(20, 30)]
    assert Sink(access, log_id).resume("facts", 0, 30) == []


def test_a_range_that_may_be_half_written_must_be_repeated_exactly(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 0, 0)
    sink.write("facts", 0, 0, 10, {"orders": [an_order(log_id, 0)]})
    restarted = Sink(access, log_id)
    restarted.resume("facts", 0, 0)
    with pytest.raises(OrderError, match="half-written"):
        restarted.write("facts", 0, 0, 7, {})
    assert restarted.write("facts", 0, 0, 10, {"orders": [an_order(log_id, 0)]}) == 1
    with pytest.raises(OrderError, match="overlaps"):
        restarted.write("facts", 0, 9, 12, {})


def test_another_life_of_the_broker_begins_with_a_clean_ledger(access: Access, client: Client, log_id: str) -> None:
    for life in (log_id, f"{log_id}-2"):
        sink = Sink(access, life)
        assert sink.resume("facts", 3, 0) == []
        sink.write("facts", 3, 0, 1, {"orders": [an_order(life, 0)]})
        assert counted(client, life) == 1


def test_a_row_clickhouse_cannot_take_is_a_defect_that_shows_table_and_row(access: Access, log_id: str) -> None:
    sink = Sink(access, log_id)
    sink.resume("facts", 3, 0)
    bad = an_order(log_id, 1).replace(b'"order_id"', b'"oder_id"')
    with pytest.raises(ClickHouseDefectError, match=r"table orders: .*oder_id.*row b'\{\"event_id\": \"\w+-e1\""):
        sink.write("facts", 3, 0, 2, {"orders": [an_order(log_id, 0), bad]})


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
    sink.write("facts", 3, 0, 1, {"orders": [an_order(log_id, 0)]})
    wire.cut()
    with pytest.raises(UnavailableError):
        sink.write("facts", 3, 1, 2, {"orders": [an_order(log_id, 1)]})
    wire.mend()
    with pytest.raises(OrderError, match="repeat it"):
        sink.write("facts", 3, 1, 3, {"orders": [an_order(log_id, 1), an_order(log_id, 2)]})
    assert sink.write("facts", 3, 1, 2, {"orders": [an_order(log_id, 1)]}) == 1
    assert counted(client, log_id) == 2
    wire.cut()
