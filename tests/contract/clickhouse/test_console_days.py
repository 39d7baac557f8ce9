"""Territories as they were on a day: accounts and reps as their newest event by then has them, and not as they are today."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from small_company import REGION, a_potential, a_rep, an_account, an_assignment, an_order, at, write_rows

from console.access.rights import Sight
from console.reading.reader import ClickHouseReader
from infra.clickhouse.client import Access
from schemas import rows
from schemas.settings import Settings

pytestmark = pytest.mark.io
EVERYTHING, SOUTH = Sight(every_region=True), Sight(regions=("south",))
BEFORE, BETWEEN, CLOSED, TODAY = date(2025, 3, 1), date(2025, 7, 1), date(2026, 2, 15), date(2026, 6, 30)


def placed(account: str, lat: float, when: str = "2025-01-01", **fields: Any) -> rows.AccountRow:
    return an_account(account, "A", when=when).model_copy(update={"lat": lat, "lon": -4.0, **fields})


@pytest.fixture(scope="module")
def reader(access: Access, client: Client) -> ClickHouseReader:
    """a1 closed in February 2026. a2 and its rep r2, then with half the hours and half as ready, went south in March. Of a3
    and a4 nobody had heard before May, though a3 is said to have been r1's since June 2025."""
    of_march = {"event_id": "r2-march", "occurred_at": at("2026-03-01"), "region_id": "south"}
    written: list[Any] = [
        a_rep("r1", 40), a_rep("r2", 40),
        placed("a1", 48.0), placed("a1", 48.0, "2026-02-01", status="closed"),
        placed("a2", 48.1), placed("a2", 43.0, "2026-03-01", region_id="south"),
        placed("a3", 48.3, "2026-05-01"), placed("a4", 48.4, "2026-05-01"),
        a_rep("r2", 20, seniority=0.5).model_copy(update=of_march),
        an_assignment("a1", "r1", "2025-01-01"), an_assignment("a2", "r2", "2025-01-01"), an_assignment("a3", "r1", "2025-06-01"),
        an_order("o1", "2026-06-30", "a3", "10"),
        a_potential("a1", 100_000), a_potential("a2", 50_000), a_potential("a3", 30_000), a_potential("a4", 20_000),
    ]  # fmt: skip
    write_rows(access, written, Settings())
    return ClickHouseReader(client)


@pytest.mark.parametrize(
    ("region", "day", "there"),
    [
        (REGION, BEFORE, [("a1", "r1", 48.0), ("a2", "r2", 48.1)]),
        (REGION, BETWEEN, [("a1", "r1", 48.0), ("a2", "r2", 48.1), ("a3", "r1", 48.3)]),
        (REGION, CLOSED, [("a2", "r2", 48.1), ("a3", "r1", 48.3)]),
        (REGION, TODAY, [("a3", "r1", 48.3), ("a4", "", 48.4)]),
        ("south", CLOSED, []),
        ("south", TODAY, [("a2", "r2", 43.0)]),
    ],
)  # fmt: skip
def test_the_map_of_a_day_has_what_was_open_then_where_it_was_then(
    reader: ClickHouseReader, region: str, day: date, there: list[tuple[str, str, float]]
) -> None:
    assert [(place.account_id, place.rep_id, place.lat) for place in reader.places(EVERYTHING, region, day)] == there


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (BETWEEN, [(REGION, "r1", 2, 130_000, 1760), (REGION, "r2", 1, 50_000, 1760)]),
        (CLOSED, [(REGION, "r1", 1, 30_000, 1760), (REGION, "r2", 1, 50_000, 1760)]),
        (TODAY, [(REGION, "r1", 1, 30_000, 1760), ("south", "r2", 1, 50_000, 880)]),
    ],
)
def test_the_table_of_a_day_has_the_regions_hours_and_open_accounts_of_then(
    reader: ClickHouseReader, day: date, told: list[tuple[str, str, int, float, float]]
) -> None:
    found = reader.territories(EVERYTHING, "", day)
    assert [(t.region_id, t.rep_id, t.accounts, t.potential_eur, t.capacity_hours) for t in found] == told
    assert reader.territories(SOUTH, "", day) == [t for t in found if t.region_id == "south"]


def test_the_fair_share_of_a_day_follows_how_ready_somebody_was_then(reader: ClickHouseReader) -> None:
    """130 and 50 thousand for the same hours: of their mean 40 of 90 parts above and below."""
    deviations = [t.deviation for t in reader.territories(EVERYTHING, REGION, BETWEEN)]
    assert deviations == pytest.approx([40 / 90, -40 / 90])


def test_a_place_of_another_region_is_not_told_whichever_day_is_asked_for(reader: ClickHouseReader) -> None:
    assert [place.account_id for place in reader.places(SOUTH, "south", TODAY)] == ["a2"]
    assert reader.places(SOUTH, REGION, BETWEEN) == []
