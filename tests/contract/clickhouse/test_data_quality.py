"""What is missing about accounts, how old their contacts are, and which lists have grown too long; see also test_kpi_by_hand.py."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from small_company import a_deal, a_visit, an_account, an_order, write_rows

from infra.clickhouse.client import Access
from schemas.settings import Settings

pytestmark = pytest.mark.io


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    """Three customers and a prospect in 21 outcomes of visits and 20 sources of deals, counted in the year before 2026-06-30."""
    rows: list[Any] = [
        _account("c1", contact_updated_on="2026-06-01", family_id="chain"),
        _account("c2", contact_updated_on="2026-04-01"),
        _account("c3", skills=("wine", "beer")),
        _account("p1", kind="prospect", contact_updated_on="2026-06-29", skills=("wine",)),
        an_order("o1", "2026-06-30T12:00", "c1", "10"), an_order("o2", "2025-06-30T11:00", "c2", "10"),
        an_order("o3", "2026-06-01T12:00", "c3", "10", status="cancelled"),
        *(a_visit(f"v{n}", "2026-06-10T09:00", "c1", "r1", 60, 0, 0, outcome=f"outcome {n}") for n in range(21)),
        a_visit("old", "2025-06-10T09:00", "c1", "r1", 60, 0, 0, outcome="forgotten"), a_visit("no", "2026-06-11T09:00", "c1", "r1", 60, 0, 0),
        *(a_deal(f"d{n}", "open", "2026-06-10", "c1").model_copy(update={"source": f"fair {n % 20}"}) for n in range(40)),
    ]  # fmt: skip
    write_rows(access, rows, Settings())


def _account(account: str, **fields: Any) -> Any:
    plain = an_account(account, "A")
    return type(plain).model_validate(plain.model_dump() | fields)


@pytest.mark.parametrize(
    ("criterion", "held", "of"),
    [("orders", 1, 3), ("contact", 3, 4), ("family", 1, 4), ("name", 0, 4), ("segment", 4, 4)],
)  # fmt: skip
def test_a_fact_is_counted_of_those_who_should_have_it(client: Client, criterion: str, held: int, of: int) -> None:
    """The order of c2 is older than a year, and what c3 cancelled is no order; a prospect need not have one."""
    row = client.query(
        f"SELECT numerator, denominator, value FROM kpi_data_quality WHERE grain = 'company' AND criterion = '{criterion}'"
    ).result_rows
    assert row == [(held, of, held / of)]


def test_the_age_of_contacts_is_that_of_the_median_account_and_stands_on_its_own_row(client: Client) -> None:
    """1, 29 and 90 days; c3 has no day."""
    rows = client.query(
        "SELECT criterion, median_age_days FROM kpi_data_quality WHERE grain = 'region' AND median_age_days IS NOT NULL"
    ).result_rows
    assert rows == [("contact", 29)]


def test_a_list_of_more_than_twenty_entries_is_too_long(client: Client) -> None:
    rows = client.query("SELECT list, entries, numerator, denominator FROM kpi_list_lengths ORDER BY list").result_rows
    assert rows == [("outcomes", 21, 1, 1), ("skills", 2, 0, 1), ("sources", 20, 0, 1)]
