"""Zones: cells where the place is known, postal areas elsewhere; people are told the largest place."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import h3
from hypothesis import given
from hypothesis import strategies as st

from schemas.region_log import AccountSet, MarketEventSet
from schemas.topics import ALERTS
from streams.handlers.region.places import ZONE_RESOLUTION, distance_km, town_of, zone_at, zone_of
from tests.support.region import a_region, an_account_set, noon, sunday


def an_account(city: str = "", lat: float | None = None, lon: float | None = None, postal_code: str = "") -> AccountSet:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return AccountSet("north", "a", "e", 0, at, lat=lat, lon=lon, city=city, postal_code=postal_code)


@given(lat=st.floats(-89, 89), lon=st.floats(-180, 180))
def test_a_place_lies_near_the_middle_of_its_zone(lat: float, lon: float) -> None:
    zone = zone_at(lat, lon, "75001")
    assert h3.get_resolution(zone) == ZONE_RESOLUTION
    assert distance_km(lat, lon, *h3.cell_to_latlng(zone)) < 45


def test_without_a_place_the_zone_is_the_postal_area_and_without_that_nothing() -> None:
    assert zone_of(an_account(postal_code="75001")) == "postal 750"
    assert zone_of(an_account(lat=48.85)) == ""
    assert zone_of(an_account()) == ""


def test_the_largest_place_names_a_zone() -> None:
    assert town_of([an_account("Sens"), an_account("Auxerre"), an_account("Sens"), an_account()]) == "Sens"
    assert town_of([an_account("Sens"), an_account("Auxerre")]) == "Auxerre"
    assert town_of([an_account()]) == ""


def test_an_alert_of_a_zone_tells_its_largest_place_in_title_and_evidence() -> None:
    bench = a_region(10, 10)
    bench.say(*(an_account_set(f"a{i:02d}", -3.0 + i / 20, city="Vannes" if i else "Auray") for i in range(20)))
    bench.weeks(0, 30)
    opened = noon(sunday(29))
    bench.say(MarketEventSet("m1", "m1", "competitor_opened", opened, 48.0, -2.9, 15.0, expected_effect=-0.5))
    bench.weeks(30, 32)
    (said,) = {row["alert_id"]: row for row in bench.rows(ALERTS) if row["scope"] == "zone"}.values()
    assert h3.is_valid_cell(said["scope_id"])
    assert json.loads(said["evidence"])["town"] == "Vannes"
    assert said["scope_id"] not in said["title"]
