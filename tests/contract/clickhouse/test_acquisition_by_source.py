"""What customers of each source of deals cost: their own visits before the first order, and the marketing of the source."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from small_company import a_deal, a_rep, a_visit, an_account, an_assignment, an_order, write_rows

from infra.clickhouse.business import publish_settings
from infra.clickhouse.client import Access
from infra.clickhouse.snapshots import refresh_snapshots
from schemas.settings import Cost, Privacy, Settings

pytestmark = pytest.mark.io
MARKETING = {"fair": 300.0, "web": 100.0}
PART = 12 * 90 / 365  # months of a window of 90 days


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    """c1 came by the fair and was visited before the window began; c2's deal came after its order; c3's only visit was cancelled."""
    rows: list[Any] = [
        a_rep("r1", 40), *(an_account(account, "A") for account in ("c1", "c2", "c3")),
        *(an_assignment(account, "r1", "2025-01-01") for account in ("c1", "c2", "c3")),
        _deal("d1", "lead", "2026-03-02", "c1", "fair"), _deal("d1", "open", "2026-04-02", "c1", "web"),
        _deal("d2", "open", "2026-06-20", "c2", "web"), _deal("d3", "open", "2026-06-01", "c3", "fair"),
        a_visit("v1", "2026-03-10T09:00", "c1", "r1", 40, 20, 100, nights=1), a_visit("v2", "2026-05-10T09:00", "c1", "r1", 60, 0, 0),
        a_visit("v3", "2026-06-10T09:00", "c2", "r1", 30, 0, 0), a_visit("v4", "2026-06-20T09:00", "c1", "r1", 600, 0, 0),
        a_visit("v5", "2026-06-02T09:00", "c3", "r1", 600, 0, 0, status="cancelled"),
        an_order("o1", "2026-06-02", "c1", "10"), an_order("o2", "2026-06-12", "c2", "10"), an_order("o3", "2026-06-11", "c3", "10"),
        an_order("o4", "2026-06-30T12:00", "c1", "10"),
    ]  # fmt: skip
    write_rows(
        access,
        rows,
        Settings(cost=Cost(marketing_by_source=MARKETING, marketing_per_month=50), privacy=Privacy(k_anonymity=1)),
    )


def _deal(deal: str, stage: str, when: str, account: str, source: str) -> Any:
    return a_deal(deal, stage, when, account).model_copy(update={"source": source})


def told(client: Client, columns: str) -> dict[str, tuple[Any, ...]]:
    rows = client.query(f"SELECT source, {columns} FROM kpi_acquisition_by_source WHERE window_days = 90").result_rows
    return {row[0]: tuple(row[1:]) for row in rows}


def test_a_customer_costs_its_own_visits_and_a_part_of_what_its_source_costs(client: Client) -> None:
    """c1: 2 h at 45, 100 km at 0.52 and a night at 120; the visit after its order does not count. The web brought nobody."""
    found = told(client, "numerator, denominator, marketing_eur")
    assert found.keys() == {"fair", "web", ""}
    assert found["fair"] == pytest.approx((90 + 52 + 120 + 300 * PART, 2, 300 * PART))
    assert found["web"] == pytest.approx((100 * PART, 0, 100 * PART))
    assert found[""] == pytest.approx((22.5, 1, 0))


def test_the_cycle_goes_from_the_first_lead_to_the_first_order(client: Client) -> None:
    """c1 took 92 days, c3 ten."""
    assert told(client, "median_cycle_days, value") == {
        "fair": pytest.approx((51, (262 + 300 * PART) / 2)), "web": (None, None), "": (None, 22.5),
    }  # fmt: skip


def test_all_marketing_is_in_the_cost_of_all_new_customers(client: Client) -> None:
    (row,) = client.query(
        "SELECT numerator, denominator FROM kpi_acquisition_cost WHERE grain = 'company' AND window_days = 90"
    ).result_rows
    assert row == pytest.approx((45 + 22.5 + 450 * PART, 3))  # v1 lies before the window


def test_a_source_on_which_nothing_is_spent_any_more_costs_nothing(client: Client) -> None:
    publish_settings(client, Settings(cost=Cost(marketing_by_source={"fair": 300.0}), privacy=Privacy(k_anonymity=1)))
    refresh_snapshots(client)
    assert told(client, "denominator") == {"fair": (2,), "": (1,)}
