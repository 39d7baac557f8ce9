"""Which market events are near an alert, and which accounts it speaks of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from console.reading.answers.alerts import Alert, MarketNews
from console.reading.answers.territories import Place
from console.reading.nearness import MARGIN_KM, affected, near
from tests.support.console_visitors import ALERT

BREST = Place(account_id="A1042", lat=48.39, lon=-4.49, rep_id="R03", segment="A", potential_eur=1)
QUIMPER = Place(account_id="A1077", lat=48.0, lon=-4.1, rep_id="R07", segment="B", potential_eur=1)


def news(**fields: Any) -> MarketNews:
    plain = {"market_event_id": "m", "kind": "other", "day": date(2026, 2, 10), "account_id": "", "region_id": "", "lat": None,
             "lon": None, "radius_km": None, "note": ""}  # fmt: skip
    return MarketNews.model_validate(plain | fields)


def is_near(**fields: Any) -> bool:
    return bool(near([news(**fields)], {"A1042"}, [BREST]))


@pytest.mark.parametrize("fields", [
    {"account_id": "A1042"}, {"account_id": "A1042", "lat": 43.3, "lon": 5.4, "radius_km": 5}, {}, {"region_id": "west"},
    {"lat": 48.4, "lon": -4.5}, {"account_id": "A9", "lat": 48.4, "lon": -4.5}, {"lat": 48.0, "lon": -4.1, "radius_km": 60},
])  # fmt: skip
def test_an_event_is_near_by_name_by_distance_or_because_it_is_of_everything(fields: dict[str, Any]) -> None:
    assert is_near(**fields)


@pytest.mark.parametrize("fields", [
    {"account_id": "A9"}, {"lat": 43.3, "lon": 5.4}, {"lat": 43.3, "lon": 5.4, "radius_km": 100, "region_id": "west"},
    {"lat": 48.39, "lon": 4.49, "radius_km": 100},
])  # fmt: skip
def test_an_event_far_away_or_of_another_account_is_not_near(fields: dict[str, Any]) -> None:
    assert not is_near(**fields)


def test_the_margin_decides_at_the_edge_of_the_radius() -> None:
    north = BREST.lat + 0.5  # 55.6 km
    assert is_near(lat=north, lon=BREST.lon, radius_km=55.7 - MARGIN_KM)
    assert not is_near(lat=north, lon=BREST.lon, radius_km=55.5 - MARGIN_KM)


@pytest.mark.parametrize(("scope", "scope_id", "found"), [
    ("account", "A1042", [BREST]), ("zone", "z", [BREST]), ("territory", "R07", [BREST, QUIMPER]), ("segment", "B", [QUIMPER]),
    ("region", "west", [BREST, QUIMPER]),
])  # fmt: skip
def test_an_alert_speaks_of_the_accounts_of_its_scope_even_of_those_it_does_not_name(
    scope: str, scope_id: str, found: list[Place]
) -> None:
    alert = Alert.model_validate(ALERT | {"scope": scope, "scope_id": scope_id})
    assert affected(alert, [BREST, QUIMPER]) == found
