"""The BI user may read the product's tables and views, and do nothing else."""

from __future__ import annotations

import pytest
from small_company import written_through_the_sink

from infra.clickhouse.client import Access, ClickHouseDefectError, connect, translated_errors
from infra.clickhouse.migrate import migrate
from schemas.errors import SettingsError
from schemas.settings import Settings

pytestmark = pytest.mark.io


@pytest.fixture(scope="module")
def bi(logins: dict[str, Access]) -> Access:
    if "bi" not in logins:
        pytest.skip("this server has no BI user of ours")
    migrate(logins["owner"])
    written_through_the_sink(logins["owner"], Settings())
    return logins["bi"]


def test_the_bi_user_reads_every_kpi(bi: Access) -> None:
    client = connect(bi)
    assert client.query("SELECT count() FROM kpi_flash").result_rows == [(8,)]


@pytest.mark.parametrize("text", [
    "INSERT INTO orders (event_id) VALUES ('x')", "DROP VIEW kpi_flash", "SELECT * FROM file('/etc/hostname')",
    "ALTER TABLE names DELETE WHERE 1", "CREATE TABLE mine (a UInt8) ENGINE = Memory", "SET max_execution_time = 100000",
])  # fmt: skip
def test_the_bi_user_can_change_nothing(bi: Access, text: str) -> None:
    client = connect(bi)
    with pytest.raises(ClickHouseDefectError), translated_errors():
        client.command(text)


def test_a_wrong_password_is_told_as_a_matter_of_settings(bi: Access) -> None:
    with pytest.raises(SettingsError):
        connect(Access(bi.url, bi.user, "wrong"))
