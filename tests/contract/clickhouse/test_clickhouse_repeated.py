"""ClickHouse killed between its note of a token and the rows: it says they are written, and the sink does not believe it.

What a kill at that moment leaves on the disk is made here by hand: the deduplication log with the token, the part under
its temporary name. A server of its own, since it is killed.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError

from infra.clickhouse.client import PASSING_ERRORS, REFUSED_ENTRY_ERRORS, Access, ClickHouseDefectError, connect
from infra.clickhouse.inserts import Insert, Once
from infra.clickhouse.knock import knock_to_write
from infra.clickhouse.ledger import Entry, Ledger, Range
from infra.clickhouse.migrate import migrate
from infra.clickhouse.repeated import missing_rows
from infra.clickhouse.sink import Sink
from infra.embedded.clickhouse import ClickHouseServer
from schemas.errors import SettingsError, UnavailableError
from schemas.row_ranges import RowBlock, RowRange
from tests.contract.clickhouse.order_rows import a_name, an_order, orders
from tests.contract.clickhouse.wire import Wire

pytestmark = pytest.mark.io


class MortalServer:
    """A ClickHouse that dies with a part of a table not yet in its place."""

    def __init__(self, folder: Path) -> None:
        self._server = ClickHouseServer(folder)
        self._start()
        migrate(self.access)
        self.query("SYSTEM STOP MERGES")

    def _start(self) -> None:
        address = self._server.start()
        self.access = Access(address.url, address.owner.user, address.owner.password)
        self.reader = Access(address.url, address.reader.user, address.reader.password)

    def query(self, text: str) -> Sequence[Sequence[Any]]:
        client = connect(self.access)
        try:
            return client.query(text).result_rows
        finally:
            client.close()

    def parts(self, table: str) -> list[Path]:
        rows = self.query(f"SELECT path FROM system.parts WHERE active AND database = 'terradrift' AND table = '{table}' ORDER BY name")  # fmt: skip
        return [Path(str(path)) for (path,) in rows]

    def die_before_renaming(self, *parts: Path) -> None:
        """SIGKILL; then these parts are as they were a system call before the end of their insert. And start again."""
        pid = self._server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self._server.stop()
        for part in parts:
            part.rename(part.with_name(f"tmp_insert_{part.name}"))
        self._start()

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    running = MortalServer(tmp_path_factory.mktemp("mortal"))
    yield running
    running.stop()


@pytest.fixture
def log_id() -> str:
    return uuid4().hex


def written(server: MortalServer, log_id: str, *ranges: RowRange) -> None:
    """By a sink whose offsets were never committed: each range it finds begun is repeated."""
    sink = Sink(server.access, log_id)
    for asked in ranges:
        sink.resume(asked.topic, asked.partition, 0)
        sink.write([asked])
    sink.close()


def facts(*blocks: RowBlock) -> RowRange:
    return RowRange("facts", 3, 0, len(blocks), blocks)


def test_clickhouse_itself_takes_a_token_for_the_rows(server: MortalServer, log_id: str) -> None:
    """The defect that the sink works around; when this fails, a newer ClickHouse has mended it."""
    insert = Insert("facts/3", "orders", "", log_id, [an_order(log_id, 1)])
    before = server.parts("orders")
    run(server, insert)
    server.die_before_renaming(*(set(server.parts("orders")) - set(before)))
    run(server, insert)
    assert stored(server, log_id) == 0


def test_rows_whose_token_alone_is_known_are_written_once(server: MortalServer, log_id: str) -> None:
    """Rows of several years: of the parts of one insert two were in their place and the others were not."""
    asked = facts(*(an_order(log_id, n) for n in range(20)), orders(log_id, range(20, 60)))
    before = set(server.parts("orders"))
    written(server, log_id, asked)
    mine = [part for part in server.parts("orders") if part not in before]
    assert len(mine) >= 4  # two orders of columns, three years
    server.die_before_renaming(*mine[::2])
    assert 0 < stored(server, log_id) < 60
    written(server, log_id, asked)
    assert stored(server, log_id) == 60
    server.die_before_renaming()
    written(server, log_id, asked)
    assert stored(server, log_id) == 60


def test_when_the_repetition_dies_in_the_same_way_the_next_one_writes_the_rows(
    server: MortalServer, log_id: str
) -> None:
    asked = facts(an_order(log_id, 1))
    before = set(server.parts("orders"))
    for _ in range(2):
        written(server, log_id, asked)
        server.die_before_renaming(*(set(server.parts("orders")) - before))
        assert stored(server, log_id) == 0
    written(server, log_id, asked)
    assert stored(server, log_id) == 1


def test_what_a_view_fills_is_found_missing_though_its_source_is_there(server: MortalServer, log_id: str) -> None:
    asked = RowRange("potentials", 0, 0, 2, [a_potential("2026-03-02", 10.0), a_potential("2026-03-09", 20.0)])
    written(server, log_id, asked)
    server.die_before_renaming(*server.parts("potentials_newest"))
    assert server.query("SELECT count() FROM potentials FINAL") == [(2,)]
    assert server.query("SELECT count() FROM potentials_newest") == [(0,)]
    written(server, log_id, asked)
    assert server.query("SELECT potential_eur FROM potentials_newest FINAL") == [(20.0,)]
    assert server.query("SELECT count() FROM potentials FINAL") == [(2,)]


def test_rows_that_are_there_are_not_written_again_whether_or_not_their_token_is_known(
    server: MortalServer, log_id: str
) -> None:
    """As a ClickHouse leaves it that puts the part in its place first and notes the token then."""
    asked = facts(*(an_order(log_id, n) for n in range(20)))
    written(server, log_id, asked)
    server.query("ALTER TABLE orders MODIFY SETTING non_replicated_deduplication_window = 0")  # forgets every token
    server.query("ALTER TABLE orders MODIFY SETTING non_replicated_deduplication_window = 10000")
    written(server, log_id, asked)
    assert stored(server, log_id) == 20


def test_an_entry_of_the_ledger_whose_block_alone_is_known_is_there_when_it_is_recorded_again(
    server: MortalServer, log_id: str
) -> None:
    begun = Entry("facts", 3, Range(0, 20), epoch=1, before={}, after={"orders/orders/3": 20})
    before = set(server.parts("sink_batches"))
    for _ in range(2):
        server.die_before_renaming(*(set(server.parts("sink_batches")) - before))
        client = connect(server.access)
        ledger = Ledger(client, log_id)
        assert ledger.standing("facts", 3, 0).unsure is None
        ledger.record([begun])
        assert ledger.standing("facts", 3, 0).unsure == begun.begun
        client.close()


def test_a_row_that_a_newer_one_has_replaced_is_not_missing(server: MortalServer, log_id: str) -> None:
    older, newer = a_potential("2026-04-06", 1.0), a_potential("2026-04-06", 2.0, as_of="2026-05-01T00:00:00Z")
    written(server, log_id, RowRange("potentials", 1, 0, 2, [older, newer]))
    server.query("OPTIMIZE TABLE potentials FINAL")
    client = connect(server.access)
    assert missing(client, older) == missing(client, newer) == []
    assert [block.value for block in missing(client, a_potential("2026-04-13", 3.0))] == [
        a_potential("2026-04-13", 3.0).value
    ]
    client.close()


def test_the_driver_does_not_send_an_insert_again_by_itself(server: MortalServer, log_id: str) -> None:
    """A line closed without an answer: whether the rows are there has to be asked, so the sink must hear of it."""
    wire = Wire(server.access.host, server.access.port, word=log_id.encode())
    client = connect(replace(server.access, url=f"http://127.0.0.1:{wire.port}"))
    with pytest.raises(UnavailableError):
        Insert("facts/3", "orders", "", log_id, [an_order(log_id, 1)]).run(client)
    assert wire.hung_up == 1
    client.close()
    wire.cut()


@pytest.mark.parametrize(
    ("status", "error"), [("502 Bad Gateway", UnavailableError), ("413 Content Too Large", ClickHouseDefectError)]
)
def test_a_proxy_that_finds_no_server_is_waited_for_and_one_that_refuses_the_body_is_not(
    server: MortalServer, log_id: str, status: str, error: type[Exception]
) -> None:
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsays".encode()
    wire = Wire(server.access.host, server.access.port, word=log_id.encode(), answer=answer)
    client = connect(replace(server.access, url=f"http://127.0.0.1:{wire.port}"))
    with pytest.raises(error, match=status[:3]):
        Insert("facts/3", "orders", "", log_id, [an_order(log_id, 1)]).run(client)
    client.close()
    wire.cut()


def test_the_errors_that_pass_are_the_ones_that_are_meant(server: MortalServer) -> None:
    named = {**PASSING_ERRORS, **REFUSED_ENTRY_ERRORS}
    found = server.query(f"SELECT arrayJoin({sorted(named)}) AS code, errorCodeToName(code)")
    assert sorted(map(tuple, found)) == sorted(named.items())


def test_a_body_that_was_begun_is_not_sent_a_second_time() -> None:
    """Over TLS urllib3 repeats a request by itself: with an empty body ClickHouse would take it for an insert of nothing."""
    body = Once(b"rows")
    assert list(body) == [b"rows"]
    with pytest.raises(OperationalError):
        list(body)


def test_rows_are_found_missing_whatever_the_profile_of_the_user_says(server: MortalServer, log_id: str) -> None:
    client = connect(server.access, settings={"join_use_nulls": 1, "max_result_rows": 1})
    insert = Insert("facts/3", "orders", "", log_id, [an_order(log_id, n) for n in range(3)])
    assert len(missing_rows(client, insert)) == 3
    client.close()


def test_a_name_that_was_erased_while_the_sink_was_away_does_not_come_back(server: MortalServer, log_id: str) -> None:
    asked = RowRange("facts", 4, 0, 1, [a_name(log_id, 7)])
    written(server, log_id, asked)
    server.query(
        "INSERT INTO erasures (kind, id, requested_at, requested_by) VALUES ('account', 'a7', now64(3), 'dpo')"
    )
    server.query("ALTER TABLE names DELETE WHERE kind = 'account' AND id = 'a7' SETTINGS mutations_sync = 1")
    written(server, log_id, asked)
    assert server.query("SELECT count() FROM names WHERE id = 'a7'") == [(0,)]


def test_a_row_that_clickhouse_will_never_take_is_named_at_each_repetition(server: MortalServer, log_id: str) -> None:
    bad = replace(an_order(log_id, 1), value=an_order(log_id, 1).value.replace(b"1.50", b"much"))
    asked = facts(an_order(log_id, 0), bad)
    for _ in range(2):
        with pytest.raises(ClickHouseDefectError, match=r"facts/3 at offset 0, line 1: row .*much"):
            written(server, log_id, asked)


def test_a_user_without_the_rights_of_a_sink_is_told_which_to_grant(server: MortalServer) -> None:
    knock_to_write(server.access)
    with pytest.raises(SettingsError, match=re.escape("GRANT SELECT, INSERT ON terradrift.* TO reader")):
        knock_to_write(server.reader)


def a_potential(week: str, eur: float, as_of: str = "2026-04-20T00:00:00Z") -> RowBlock:
    row = {
        "region_id": "north", "as_of": as_of, "model_version": "m", "config_version": "c", "account_id": f"a-{week[:7]}",
        "week": week, "potential_eur": eur, "low_eur": 0.0, "high_eur": eur, "next_4w_eur": eur, "next_13w_eur": eur,
        "expected_week_eur": eur, "actual_week_eur": eur, "by_analogy": False, "segment": "A", "rep_id": "r1",
    }  # fmt: skip
    return RowBlock(0, "potentials", json.dumps(row).encode())


def missing(client: Client, block: RowBlock) -> list[RowBlock]:
    return missing_rows(client, Insert("potentials/1", "potentials", "", "token", [block]))


def run(server: MortalServer, insert: Insert) -> None:
    client = connect(server.access)
    insert.run(client)
    client.close()


def stored(server: MortalServer, log_id: str) -> int:
    return int(server.query(f"SELECT count() FROM orders WHERE log_id = '{log_id}'")[0][0])
