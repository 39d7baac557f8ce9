"""KPIs that need a past, on a company small enough to reckon by hand (older_company.py)."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from older_company import OLDER_FIGURES, the_older_company
from small_company import write_rows
from test_kpi_by_hand import one_row

from infra.clickhouse.client import Access
from schemas.settings import Settings

pytestmark = pytest.mark.io


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    write_rows(access, the_older_company(), Settings())


@pytest.mark.parametrize(
    ("kpi", "where", "expected"),
    OLDER_FIGURES,
    ids=[f"{kpi}-{'-'.join(map(str, w.values()))}" for kpi, w, _ in OLDER_FIGURES],
)
def test_a_kpi_that_needs_a_past_is_what_the_hand_reckons(
    client: Client, kpi: str, where: dict[str, Any], expected: dict[str, float | None]
) -> None:
    row = one_row(client, kpi, where)
    assert {column: row[column] for column in expected} == pytest.approx(expected)


def test_a_move_is_judged_only_when_its_weeks_have_closed(client: Client) -> None:
    assert client.query(
        "SELECT groupArray(horizon_days) FROM (SELECT horizon_days FROM move_outcomes ORDER BY 1)"
    ).result_rows == [([30, 90],)]
