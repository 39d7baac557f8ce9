"""The console's user of docker-compose, from its very file: it reads all, records that a letter is sent again, and no more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from small_company import the_company, write_rows

from infra.clickhouse.client import Access, ClickHouseDefectError, connect, translated_errors
from infra.clickhouse.letters import record_replays, replays_of
from infra.clickhouse.migrate import migrate
from infra.embedded.clickhouse import ClickHouseServer
from schemas.rows import DeadLetterReplayRow
from schemas.settings import Settings
from tests.support.console_visitors import NOW

pytestmark = pytest.mark.io
FILE = Path(__file__).resolve().parents[3] / "infra" / "docker" / "clickhouse" / "console.xml"
ATTEMPT = DeadLetterReplayRow(
    replay_id="p1", dead_letter_id="l1", started_at=NOW, changed_at=NOW, outcome="sending", detail="", mended=False,
    event_id="e1", log_id="log", topic="orders", partition=0, offset=0, replayed_by="omar",
)  # fmt: skip
FORBIDDEN = [
    "INSERT INTO decisions (event_id) VALUES ('x')", "INSERT INTO dead_letters (dead_letter_id) VALUES ('x')",
    "ALTER TABLE dead_letter_replays DELETE WHERE 1", "ALTER TABLE dead_letter_replays UPDATE detail = '' WHERE 1",
    "TRUNCATE TABLE dead_letter_replays", "DROP TABLE dead_letter_replays", "DELETE FROM dead_letter_replays WHERE 1",
    "DROP VIEW kpi_flash", "CREATE TABLE mine (a UInt8) ENGINE = Memory", "CREATE TEMPORARY TABLE mine (a UInt8)",
    "SET allow_ddl = 1", "SYSTEM FLUSH LOGS", "GRANT SELECT ON *.* TO console", "SELECT * FROM file('/etc/hostname')",
    "INSERT INTO FUNCTION file('stolen.csv') SELECT 1", "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a String')",
    "SYSTEM STOP VIEW flash_trends_made",
]  # fmt: skip


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The file beside the users of an engine of its own, as a server has it in users.d."""
    folder, patch = tmp_path_factory.mktemp("console_user"), pytest.MonkeyPatch()
    (folder / "clickhouse" / "users.d").mkdir(parents=True)
    shutil.copy(FILE, folder / "clickhouse" / "users.d")
    patch.setenv("CLICKHOUSE_CONSOLE_PASSWORD", "of this test")
    running = ClickHouseServer(folder)
    address = running.start()
    patch.undo()
    try:
        owner = Access(address.url, address.owner.user, address.owner.password)
        migrate(owner)
        write_rows(owner, the_company(), Settings())
        yield connect(Access(address.url, "console", "of this test"))
    finally:
        running.stop()


def test_it_records_that_a_letter_is_sent_again_and_reads_what_it_recorded(console: Client) -> None:
    record_replays(console, [ATTEMPT])
    record_replays(console, [ATTEMPT.model_copy(update={"outcome": "sent", "partition": 0, "offset": 7})])
    assert [(one.outcome, one.offset, one.replayed_by) for one in replays_of(console, "l1")] == [("sent", 7, "omar")]


def test_it_reads_what_the_pages_show(console: Client) -> None:
    assert console.query("SELECT count() FROM dead_letters_now").result_rows == [(1,)]
    assert console.query("SELECT count() FROM system.view_refreshes WHERE view = 'flash_trends_made'").result_rows == [
        (1,)
    ]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_it_can_do_nothing_else(console: Client, text: str) -> None:
    with pytest.raises(ClickHouseDefectError, match=r"ACCESS_DENIED|QUERY_IS_PROHIBITED|SETTING_CONSTRAINT_VIOLATION|READONLY"), translated_errors():  # fmt: skip
        console.query(text) if text.startswith("SELECT") else console.command(text)
