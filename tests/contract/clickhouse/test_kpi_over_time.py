"""KPIs that need a past, on a company small enough to reckon by hand (older_company.py)."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from older_company import OLDER_FIGURES, the_older_company
from small_company import write_rows
from test_kpi_by_hand import one_row

from console.access.rights import Sight
from console.reading.reader import ClickHouseReader
from infra.clickhouse.client import Access
from schemas.settings import Privacy, Settings

pytestmark = pytest.mark.io


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    write_rows(access, the_older_company(), Settings(privacy=Privacy(k_anonymity=1)))


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


def test_the_console_tells_promise_and_outcome_to_who_sees_the_region(client: Client) -> None:
    reader = ClickHouseReader(client)
    month, quarter = reader.outcomes(Sight(every_region=True), "s9")
    assert (month.account_id, month.from_rep, month.to_rep, month.horizon_days) == ("m1", "r1", "r2", 30)
    assert month.predicted_eur == pytest.approx(1300 * 4 / 52)
    assert (month.revenue_before, month.revenue_after, month.controls) == (400, 480, 1)
    assert month.realised_eur == pytest.approx(0.3 * (480 - 400 * 1.1) + (10 - 5) * 0.52)  # margin, and travel saved
    assert quarter.horizon_days == 90
    for blind in (Sight(regions=("another",)), Sight(every_region=True, rep_id="r2")):
        assert reader.outcomes(blind) == []
    assert reader.outcomes(Sight(every_region=True), "another") == []


def test_a_move_is_judged_only_when_its_weeks_have_closed(client: Client) -> None:
    assert client.query(
        "SELECT groupArray(horizon_days) FROM (SELECT horizon_days FROM move_outcomes ORDER BY 1)"
    ).result_rows == [([30, 90],)]
