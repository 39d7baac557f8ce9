"""What an alert speaks of on the map, and which market events are near it: by name, by distance, or because they are of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Final

from console.reading.answers.alerts import Alert, MarketNews
from console.reading.answers.territories import Place

MARGIN_KM: Final = 10.0
"""How far beyond its radius an event still counts as near: places are often the middle of a town, and customers travel."""
EARTH_KM: Final = 6371.0088
KM_PER_DEGREE: Final = 111.0
"""Of latitude, at the least: what is further apart to the north needs no exact distance."""


def near(news: Iterable[MarketNews], accounts: Collection[str], places: Sequence[Place]) -> list[MarketNews]:
    """Those that touch the affected accounts, in their order; `places` are where the affected accounts are.

    One that has a place is near by distance alone, or because it names an affected account. One without a place is near
    when it names an affected account, or none at all.
    """
    return [n for n in news if _touches(n, accounts, places)]


def _touches(news: MarketNews, accounts: Collection[str], places: Sequence[Place]) -> bool:
    if news.account_id in accounts:
        return True
    if news.lat is None or news.lon is None:
        return not news.account_id
    reach = news.reach_km + MARGIN_KM
    return any(
        abs(place.lat - news.lat) * KM_PER_DEGREE <= reach
        and _apart_km((news.lat, news.lon), (place.lat, place.lon)) <= reach
        for place in places
    )


def affected(alert: Alert, places: Iterable[Place]) -> list[Place]:
    """Where the accounts are that the alert speaks of. It names a hundred at most, and none of a segment or a region."""
    match alert.scope:
        case "territory":
            return [place for place in places if place.rep_id == alert.scope_id or place.account_id in alert.accounts]
        case "segment":
            return [place for place in places if place.segment == alert.scope_id]
        case "region":
            return list(places)
        case _:
            return [place for place in places if place.account_id in alert.accounts]


def _apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places, each latitude and longitude in degrees."""
    (lat, lon), (other_lat, other_lon) = ((radians(a), radians(b)) for a, b in (one, other))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(sqrt(half), 1.0))
