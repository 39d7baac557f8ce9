"""The BI user reads KPIs and results with real clients, in his regions alone where he has some, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pandas as pd
import pytest
import sqlalchemy
from clickhouse_connect.driver.client import Client
from small_company import the_company, two_regions, write_rows
from test_dashboards import queries

from infra.clickhouse.bi_access import BY_REGION, PROFILE, bi_grants, queries_of, quota_xml, server_file
from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, ClickHouseDefectError, connect, translated_errors
from infra.clickhouse.migrate import migrate
from infra.clickhouse.snapshots import refreshers
from infra.clickhouse.view_files import kpis
from infra.embedded.clickhouse import ClickHouseServer
from schemas.errors import SettingsError, TerradriftError
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io
ROOT = Path(__file__).resolve().parents[3]
FORBIDDEN = [
    "INSERT INTO orders (event_id) VALUES ('x')", "DROP VIEW kpi_flash", "SELECT * FROM file('/etc/hostname')",
    "ALTER TABLE names DELETE WHERE 1", "CREATE TABLE mine (a UInt8) ENGINE = Memory", "SET max_execution_time = 100000",
    "SELECT value FROM kpi_flash SETTINGS max_execution_time = 301", "SELECT value FROM kpi_flash SETTINGS max_execution_time = 0", "SELECT value FROM kpi_flash SETTINGS max_memory_usage = 2000000001",
    "SELECT value FROM kpi_flash SETTINGS max_memory_usage = 0", "SELECT value FROM kpi_flash SETTINGS readonly = 0",
    "SELECT name FROM names", "SELECT payload_base64 FROM dead_letters", "SELECT detail FROM dead_letters", "SELECT rep_id FROM visits",
    "SELECT rep_id FROM activity_windows", "SELECT home_lat FROM reps_now", "SELECT decided_by FROM decisions",
    "SELECT rep_id FROM opportunities", "SELECT revenue FROM targets", "SELECT sold FROM target_months",
    "SELECT score FROM surveys", "SELECT score FROM survey_answers",
    "SELECT decided_by FROM suggestions", "SELECT decision_reason FROM suggestions_now", "SELECT approvals.decided_by FROM suggestions_now",
    "SELECT challenges.challenged_by, challenges.reason FROM suggestions_now", "SELECT challenges FROM suggestions",
    "SELECT blocked FROM suggestions", "SELECT verdicts FROM suggestions_now", "SELECT blocked.why FROM suggestions_now",
    "SELECT acknowledged_by FROM alerts_now", "SELECT assignee FROM alerts_now", "SELECT observed_eur FROM alerts_now",
    "SELECT rep_id FROM assignments", "SELECT rep_id FROM account_plan", "SELECT rep_id FROM potentials", "SELECT rep_id FROM potentials_now",
    "SELECT * FROM suggestions_now", "SELECT rep_id FROM account_state", "SELECT rep_id FROM ownership",
]  # fmt: skip

SAID_OR_SOLD_BY_SOMEBODY = re.compile(
    r"(?<!stopped)_by$|^assignee$|^decision_reason$|^approvals$|^challenges$|^name$|^rep_(then|now)$"
)
TOLD_ON_PURPOSE = {("kpi_flash", "name"), ("orders_owned", "rep_then"), ("orders_owned", "rep_now")}


@pytest.fixture(scope="module")
def bi(logins: dict[str, Access]) -> Iterator[Access]:
    if "bi" not in logins:
        pytest.skip("this server has no BI user of ours")
    migrate(logins["owner"])
    write_rows(logins["owner"], the_company(), Settings())
    yield logins["bi"]
    client = connect(logins["owner"])
    for refresher in refreshers():  # else they would be made anew every minute until all tests are over
        client.command(f"SYSTEM STOP VIEW {refresher}")
    client.close()


def test_the_bi_user_reads_every_kpi(bi: Access) -> None:
    client = connect(bi)
    for view in kpis():
        client.query(f"SELECT * FROM {view.name}")
    assert client.query("SELECT count() FROM kpi_flash").result_rows == [(8,)]
    assert client.query("SELECT count() FROM dead_letters").result_rows == [(1,)]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_the_bi_user_can_change_nothing_and_read_nothing_personal(bi: Access, text: str) -> None:
    client = connect(bi)
    with pytest.raises(ClickHouseDefectError), translated_errors():
        client.query(text) if text.startswith("SELECT") else client.command(text)


@pytest.mark.parametrize("sql", list(queries()), ids=lambda sql: str(sql)[:60])
def test_the_dashboards_ask_for_nothing_that_the_bi_user_may_not_read(bi: Access, sql: str) -> None:
    connect(bi).query(sql.replace("${region:singlequote}", "'north'"))


def test_no_column_the_bi_user_may_read_names_who_said_or_sold_something(bi: Access) -> None:
    """The engine lists to a user what he may read; the reps of orders are empty unless the settings allow them."""
    found = connect(bi).query("SELECT table, name FROM system.columns WHERE database = currentDatabase()").result_rows
    assert ("suggestions_now", "worth_eur") in found
    assert {place for place in found if SAID_OR_SOLD_BY_SOMEBODY.search(place[1])} == TOLD_ON_PURPOSE


def test_an_order_has_a_rep_for_bi_only_where_the_settings_allow_kpis_of_single_reps(
    bi: Access, logins: dict[str, Access]
) -> None:
    owner, client = connect(logins["owner"]), connect(bi)
    told = "SELECT DISTINCT rep_then, rep_now FROM orders_owned"
    assert client.query(told).result_rows == [("", "")]
    publish_settings(owner, Settings(privacy=Privacy(individual_kpis=True)))
    assert set(client.query(told).result_rows) == {("r2", "r1"), ("r1", "r1"), ("r2", "r2")}
    publish_settings(owner, Settings())


def test_a_wrong_password_is_told_as_a_matter_of_settings(bi: Access) -> None:
    with pytest.raises(SettingsError):
        connect(Access(bi.url, bi.user, "wrong"))


def test_sqlalchemy_lists_what_may_be_read_and_reads_it(bi: Access) -> None:
    url = sqlalchemy.URL.create("clickhousedb", bi.user, bi.password, bi.host, bi.port, bi.database)
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        seen = set(sqlalchemy.inspect(connection).get_table_names())
        assert {"kpi_coverage", "kpi_flash", "suggestions_now"} <= seen
        assert {"names", "visits", "activity_windows"} & seen == set()
        table = sqlalchemy.Table("kpi_coverage", sqlalchemy.MetaData(), autoload_with=connection)
        query = sqlalchemy.select(table.c.numerator, table.c.denominator).where(
            table.c.grain == "company", table.c.window_days == 90
        )
        assert [tuple(row) for row in connection.execute(query)] == [(2, 4)]
    engine.dispose()


def test_pandas_reads_a_kpi_by_the_driver_and_by_sqlalchemy(bi: Access) -> None:
    client = clickhouse_connect.get_client(
        host=bi.host, port=bi.port, username=bi.user, password=bi.password, database=bi.database
    )
    frame = client.query_df("SELECT grain, window_days, numerator, denominator FROM kpi_coverage")
    company = frame[(frame.grain == "company") & (frame.window_days == 90)]
    assert company.numerator.sum() / company.denominator.sum() == 0.5
    url = sqlalchemy.URL.create("clickhousedb", bi.user, bi.password, bi.host, bi.port, bi.database)
    engine = sqlalchemy.create_engine(url)
    again = pd.read_sql("SELECT name, value FROM kpi_flash ORDER BY position", engine)
    assert list(again.columns) == ["name", "value"]
    assert len(again) == 8
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT count() FROM numbers(1e13) SETTINGS max_execution_time = 1", "TIMEOUT_EXCEEDED"),
        ("SELECT groupArray(number) FROM numbers(1e9)", "MEMORY_LIMIT_EXCEEDED"),
    ],
)
def test_a_query_of_the_bi_user_ends_at_its_limits(bi: Access, text: str, error: str) -> None:
    with pytest.raises(TerradriftError, match=error), translated_errors():
        connect(bi).query(text)


def test_the_bi_user_asks_so_many_queries_an_hour_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRADRIFT_BI_QUERIES", "20")
    running = ClickHouseServer(tmp_path)
    address = running.start()
    try:
        client = connect(Access(address.url, address.bi.user, address.bi.password))
        client.query("SELECT count() FROM numbers(9)")
        with pytest.raises(TerradriftError, match=r"QUOTA_EXCEEDED"), translated_errors():
            asked(client, "SELECT count() FROM numbers(9)", 20)
        asked(
            connect(Access(address.url, address.owner.user, address.owner.password)),
            "SELECT count() FROM numbers(9)",
            21,
        )
    finally:
        running.stop()


def asked(client: Client, text: str, times: int) -> None:
    for _ in range(times):
        client.query(text)


@pytest.mark.parametrize("text", ["0", "-3", "many", "1.5"])
def test_what_is_no_number_of_queries_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="TERRADRIFT_BI_QUERIES"):
        queries_of(text)


@pytest.fixture(scope="module")
def southern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The BI user of a company with two regions, who is let into the south only."""
    folder = tmp_path_factory.mktemp("southern")
    patch = pytest.MonkeyPatch()
    patch.setenv("TERRADRIFT_BI_REGIONS", "south")
    running = ClickHouseServer(folder)
    address = running.start()
    patch.undo()
    try:
        owner = Access(address.url, address.owner.user, address.owner.password)
        migrate(owner)
        write_rows(owner, two_regions(), Settings(privacy=Privacy(k_anonymity=1)))
        yield connect(Access(address.url, address.bi.user, address.bi.password))
    finally:
        running.stop()


@pytest.mark.parametrize(
    "name", ["orders", "accounts_now", "account_plan", "kpi_coverage", "kpi_hole", "kpi_lifetime_revenue"]
)
def test_a_bi_user_of_a_region_sees_that_region_alone_even_in_kpis(southern: Client, name: str) -> None:
    assert southern.query(f"SELECT DISTINCT region_id FROM {name}").result_rows == [("south",)]


@pytest.mark.parametrize(
    "text", ["SELECT * FROM kpi_flash", "SELECT * FROM opportunities", "SELECT reason FROM dead_letters"]
)
def test_a_bi_user_of_a_region_reads_nothing_of_the_whole_company(southern: Client, text: str) -> None:
    with pytest.raises(ClickHouseDefectError), translated_errors():
        southern.query(text)


def test_a_region_without_a_product_that_others_hold_is_told_so_with_zeros(southern: Client) -> None:
    rows = southern.query(
        "SELECT product, numerator, denominator, value FROM kpi_numeric_distribution ORDER BY product"
    )
    assert rows.result_rows == [("P1", 0, 1, 0), ("P2", 0, 1, 0)]


def test_what_is_filtered_by_region_has_a_region(client: Client) -> None:
    found = client.query(
        "SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'region_id'"
    ).result_rows
    assert {*BY_REGION, "reps_now"} <= {table for (table,) in found}


def test_the_file_for_a_server_has_the_same_grants_and_limits() -> None:
    file = (ROOT / "infra" / "docker" / "clickhouse" / "bi.xml").read_text(encoding="utf-8")
    assert file == server_file("terradrift"), (
        "run python -m infra.clickhouse.bi_access > infra/docker/clickhouse/bi.xml"
    )
    assert all(part in file for part in (*bi_grants("terradrift"), *map(str.strip, PROFILE.splitlines()), quota_xml()))
