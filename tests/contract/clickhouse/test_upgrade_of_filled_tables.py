"""Tables that an earlier version has filled: they are brought up to date with their rows, and then say what new ones would say."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_migrations.clickhouse_cluster import ClickhouseCluster
from small_company import the_company, write_rows

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import MIGRATIONS, migrate, status
from infra.clickhouse.snapshots import refresh_snapshots
from infra.clickhouse.view_files import kpis
from schemas import rows
from schemas.settings import Privacy, Settings
from schemas.topics import SINK_TOPICS

pytestmark = pytest.mark.io
EARLIER: Final = 25
"""The migration up to which the earlier version had come; visits were visits then, and nothing else."""
MADE_ANEW: Final = ("activity_windows", "plan_windows")
"""Snapshots that got columns later; the earlier version made them too, by what they were then."""
SETTINGS: Final = Settings(privacy=Privacy(k_anonymity=1, individual_kpis=True))
TABLES: Final = {model: table for topic in SINK_TOPICS for table, model in topic.row_types.items()}


def told_later(row: Any) -> bool:
    """Whether the earlier version had no words for it."""
    if not isinstance(row, rows.VisitRow):
        return False
    return (row.channel, row.nights, row.status) != ("visit", 0, "done")


@pytest.fixture(scope="module")
def company() -> list[Any]:
    return the_company()


@pytest.fixture(scope="module")
def upgraded(server: Access, company: Sequence[Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """A database that an earlier version has made and filled, brought up to date; later rows are not in it yet."""
    mine = replace(server, database=f"test_{uuid4().hex[:12]}")
    made_by_an_earlier_version(mine, tmp_path_factory.mktemp("migrations"))
    client = connect(mine)
    fill(client, [row for row in company if not told_later(row)])
    applied = migrate(mine)
    assert applied == list(range(EARLIER + 1, EARLIER + 1 + len(applied)))
    publish_settings(client, SETTINGS)
    refresh_snapshots(client)
    yield mine
    client.command(f"DROP DATABASE {mine.database} SYNC")
    client.close()


def made_by_an_earlier_version(access: Access, folder: Path) -> None:
    for path in MIGRATIONS.glob("*.sql"):
        if int(path.name.split("_")[0]) <= EARLIER:
            shutil.copy(path, folder)
    ClickhouseCluster(
        db_host=access.host, db_port=str(access.port), db_user=access.user, db_password=access.password,
        db_name=access.database, secure=access.secure, driver="clickhouse-connect",
    ).migrate(access.database, folder)  # fmt: skip
    client = connect(access)
    for table in MADE_ANEW:
        client.command(f"CREATE VIEW {table}_live AS SELECT * EXCEPT (as_of), 'of then' AS gone FROM {table}")
        client.command(
            f"CREATE MATERIALIZED VIEW {table}_refresh REFRESH EVERY 1 YEAR TO {table} EMPTY AS SELECT * EXCEPT (gone), now64(3) AS as_of FROM {table}_live"
        )
    client.close()


def fill(client: Client, written: Sequence[Any]) -> None:
    """Rows as the earlier version had them: without the columns that its tables did not have."""
    by_table: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in written:
        by_table[TABLES[type(row)]].append(json.loads(row.model_dump_json()))
    for table, found in by_table.items():
        columns = columns_of(client, table)
        lines = "\n".join(json.dumps({name: value for name, value in row.items() if name in columns}) for row in found)
        client.raw_insert(
            table, insert_block=lines, fmt="JSONEachRow", settings={"date_time_input_format": "best_effort"}
        )


def columns_of(client: Client, table: str) -> set[str]:
    found = client.query(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {t:String}",
        parameters={"t": table},
    )
    return {name for (name,) in found.result_rows}


def figures(client: Client) -> dict[str, list[str]]:
    """Every row of every KPI, as text; but for the one that times the writing of rows."""
    return {
        view.name: sorted(map(str, client.query(f"SELECT * FROM {view.name}").result_rows))
        for view in kpis()
        if view.name != "kpi_pipeline_delay"
    }


def test_what_was_there_is_there_as_it_was_meant(upgraded: Access, company: Sequence[Any]) -> None:
    client = connect(upgraded)
    told = client.query("SELECT channel, nights, status, count() FROM visits GROUP BY ALL").result_rows
    assert told == [
        ("visit", 0, "done", sum(isinstance(row, rows.VisitRow) and not told_later(row) for row in company))
    ]
    assert client.query("SELECT countIf(contact_updated_on IS NOT NULL) FROM accounts").result_rows == [(0,)]
    moves = client.query(
        "SELECT account_id, worth_eur, balance_eur, alternative, contiguity_eur, pieces FROM suggestion_moves"
    )
    told = [
        (move.account_id, move.worth_eur, move.balance_eur, move.alternative, 0.0, 0.0)
        for row in company
        if isinstance(row, rows.SuggestionRow)
        for move in row.moves
    ]
    assert moves.result_rows
    assert set(moves.result_rows) <= set(told)  # shares that were not told then are nought
    assert {migration.state for migration in status(upgraded)} == {"applied"}
    client.close()


def test_every_kpi_says_of_upgraded_tables_what_it_says_of_new_ones(
    upgraded: Access, access: Access, client: Client, company: Sequence[Any]
) -> None:
    """And the sink goes on where the earlier version stopped: first the old rows alone, then those it had no words for."""
    earlier = connect(upgraded)
    write_rows(access, [row for row in company if not told_later(row)], SETTINGS)
    assert figures(earlier) == figures(client)
    later = [row for row in company if told_later(row)]
    for database in (upgraded, access):
        write_rows(database, later, SETTINGS, log_id="log2")
    assert figures(earlier) == figures(client)
    assert earlier.query("SELECT sum(calls), sum(nights) FROM activity_windows WHERE window_days = 90").result_rows == [
        (2, 1)
    ]
    earlier.close()
