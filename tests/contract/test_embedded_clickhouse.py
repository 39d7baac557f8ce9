"""The embedded ClickHouse: start, stop, kill, restart; who may do what; who may have the folder."""

from __future__ import annotations

import base64
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from infra.embedded.addresses import ClickHouseAddress, Login
from infra.embedded.child import SOURCE_ROOT
from infra.embedded.clickhouse import ClickHouseServer
from infra.embedded.clickhouse_engine import serve
from infra.embedded.files import HeldError

pytestmark = pytest.mark.io

NOBODY = Login("default", "")


class RefusalError(Exception):
    """What the server says instead of a result."""


def ask(address: ClickHouseAddress, login: Login, sql: str, **settings: str) -> str:
    connection = http.client.HTTPConnection(address.host, address.http_port, timeout=30)
    token = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
    connection.request("POST", f"/?{urlencode(settings)}", sql.encode(), {"Authorization": f"Basic {token}"})
    response = connection.getresponse()
    text = response.read().decode().strip()
    connection.close()
    if response.status != http.client.OK:
        raise RefusalError(text)
    return text


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseAddress]:
    server = ClickHouseServer(tmp_path_factory.mktemp("it's a system"))
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        address = server.start()
    ask(address, address.owner, "CREATE TABLE terradrift.orders (day Date) ENGINE = MergeTree ORDER BY day")
    ask(address, address.owner, "INSERT INTO terradrift.orders VALUES ('2026-01-01')")
    yield address
    assert server.stop() == 0


def test_the_owner_finds_the_database_and_works_in_it(address: ClickHouseAddress) -> None:
    assert ask(address, address.owner, "SELECT count() FROM terradrift.orders") == "1"


def test_times_are_utc_whatever_the_machines_zone_and_results_are_tab_separated(address: ClickHouseAddress) -> None:
    assert ask(address, address.owner, "SELECT timezone(), toDateTime(0)") == "UTC\t1970-01-01 00:00:00"


def test_the_reader_reads_tables_and_the_engine_but_writes_nothing(address: ClickHouseAddress) -> None:
    assert ask(address, address.reader, "SELECT count() FROM terradrift.orders") == "1"
    assert int(ask(address, address.reader, "SELECT count() FROM system.processes")) >= 1
    with pytest.raises(RefusalError, match="ACCESS_DENIED"):
        ask(address, address.reader, "INSERT INTO terradrift.orders VALUES ('2026-01-02')")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO terradrift.orders VALUES ('2026-01-02')",
        "DROP TABLE terradrift.orders",
        "SELECT name FROM system.users",
        "SELECT query FROM system.processes",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    ],
)
def test_bi_may_do_nothing_but_read_the_products_tables(address: ClickHouseAddress, sql: str) -> None:
    assert ask(address, address.bi, "SELECT count() FROM terradrift.orders") == "1"
    with pytest.raises(RefusalError, match="ACCESS_DENIED"):
        ask(address, address.bi, sql)


def test_nobody_gets_in_without_a_password(address: ClickHouseAddress) -> None:
    with pytest.raises(RefusalError, match="USER_SESSION_LIMIT_EXCEEDED"):
        ask(address, NOBODY, "SELECT 1")
    with pytest.raises(RefusalError, match="USER_SESSION_LIMIT_EXCEEDED"):
        ask(address, NOBODY, "SELECT 1", max_sessions_for_user="9")
    with pytest.raises(RefusalError, match="AUTHENTICATION_FAILED"):
        ask(address, Login(address.owner.user, "guessed"), "SELECT 1")


def test_memory_is_capped_below_the_machines(address: ClickHouseAddress) -> None:
    limit = "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < int(ask(address, address.owner, limit)) < 0.5 * ram


def test_queries_are_logged_for_a_few_days(address: ClickHouseAddress) -> None:
    ask(address, address.owner, "SYSTEM FLUSH LOGS")
    assert int(ask(address, address.owner, "SELECT count() FROM system.query_log")) > 0
    table = "SELECT engine_full FROM system.tables WHERE database = 'system' AND name = 'query_log'"
    assert "toIntervalDay(3)" in ask(address, address.owner, table)


def test_data_users_and_ports_survive_a_stop_and_a_kill(tmp_path: Path) -> None:
    server = ClickHouseServer(tmp_path)
    first = server.start()
    ask(first, first.owner, "CREATE TABLE terradrift.t (a Int64) ENGINE = MergeTree ORDER BY a")
    ask(first, first.owner, "INSERT INTO terradrift.t VALUES (1)")
    assert server.stop() == 0

    second = server.start()
    assert second == first
    ask(second, second.owner, "INSERT INTO terradrift.t VALUES (2)")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert server.stop() == -signal.SIGKILL

    third = server.start()
    assert third == first
    assert ask(third, third.owner, "SELECT count() FROM terradrift.t") == "2"
    assert server.stop() == 0


def test_a_new_supervisor_can_start_at_once_when_the_former_one_was_killed(tmp_path: Path) -> None:
    script = f"""
import time
from pathlib import Path
from infra.embedded.child import SOURCE_ROOT
from infra.embedded.clickhouse import ClickHouseServer
ClickHouseServer(Path({str(tmp_path)!r})).start()
print("up", flush=True)
time.sleep(60)
"""
    supervisor = subprocess.Popen((sys.executable, "-c", script), stdout=subprocess.PIPE, cwd=SOURCE_ROOT)
    assert supervisor.stdout is not None
    assert supervisor.stdout.readline() == b"up\n"
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    server = ClickHouseServer(tmp_path)
    address = server.start()
    assert ask(address, address.owner, "SELECT 1") == "1"
    assert server.stop() == 0


def test_a_folder_in_use_is_refused_with_its_holder_named_and_left_as_it_was(tmp_path: Path) -> None:
    server = ClickHouseServer(tmp_path)
    address = server.start()
    configuration = tmp_path / "clickhouse" / "config.xml"
    written = configuration.stat().st_mtime_ns
    with pytest.raises(HeldError, match=f"is held by process {server.pid} since"):
        serve(tmp_path / "clickhouse", tmp_path / "logs", tmp_path / "ready.json", patience_seconds=0.2)
    assert configuration.stat().st_mtime_ns == written
    assert ask(address, address.owner, "SELECT 1") == "1"
    server.stop()
