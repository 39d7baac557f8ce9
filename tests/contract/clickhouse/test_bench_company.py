"""The company of the KPI bench has something of everything: what answers with no rows is timed at nothing."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.client import Client

from benchmarks.kpis.__main__ import Answer, questions, unanswered
from benchmarks.kpis.company import Size, fill
from infra.clickhouse.business import publish_settings
from infra.clickhouse.snapshots import refresh_snapshots
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io


def test_every_question_of_the_bench_has_rows(client: Client) -> None:
    publish_settings(client, Settings(privacy=Privacy(individual_kpis=True)))
    fill(client, Size(100_000))
    refresh_snapshots(client)
    rows = {name: len(client.query(text).result_rows) for name, text in questions()}
    assert [name for name, count in rows.items() if count == 0] == []
    assert unanswered(Answer(name, count, 1, 1, 1) for name, count in {**rows, "of nothing": 0}.items()) == [
        "of nothing"
    ]
