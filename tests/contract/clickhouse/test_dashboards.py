"""Every query of the dashboards runs on the migrated database, and every example of a result fits its table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas.topics import TOPICS

pytestmark = pytest.mark.io

ROOT = Path(__file__).resolve().parents[3]
DASHBOARDS = ROOT / "infra" / "grafana" / "dashboards"
EXAMPLES = [
    (topic.table, file)
    for topic in TOPICS
    if topic.table
    for file in sorted((ROOT / "schemas" / "examples" / topic.name).glob("*.json"))
]


def queries() -> Iterator[str]:
    """All SQL of the dashboards, that of their variables too."""
    for file in DASHBOARDS.glob("*.json"):
        dashboard = json.loads(file.read_text())
        yield from (
            target["rawSql"]
            for panel in dashboard["panels"]
            for target in panel.get("targets", ())
            if "rawSql" in target
        )
        yield from (variable["query"] for variable in dashboard["templating"]["list"])


@pytest.mark.parametrize(("table", "file"), EXAMPLES, ids=[f"{table}/{file.stem}" for table, file in EXAMPLES])
def test_an_example_fits_its_table(client: Client, table: str, file: Path) -> None:
    row = json.dumps(json.loads(file.read_bytes())).encode()
    strict = {"date_time_input_format": "best_effort", "input_format_skip_unknown_fields": 0}
    client.raw_insert(table, insert_block=row, fmt="JSONEachRow", settings=strict)
    assert client.query(f"SELECT count() FROM {table}").first_row[0] >= 1


@pytest.mark.parametrize("sql", list(queries()), ids=lambda sql: str(sql)[:60])
def test_a_dashboard_query_runs(client: Client, sql: str) -> None:
    client.query(sql.replace("${region:singlequote}", "'west', 'east'"))
