"""Where things are: the zone of an account, and what lies within reach of a market event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

import h3

from schemas.region_log import AccountSet, MarketEventSet

EARTH_KM = 6371.0088
ZONE_RESOLUTION = 4
"""Of H3: cells of some 1,770 km2, about 50 km across."""
POSTAL_DIGITS = 3


def zone_of(account: AccountSet) -> str:
    """The zone of an account, "" unknown."""
    return zone_at(account.lat, account.lon, account.postal_code)


def zone_at(lat: float | None, lon: float | None, postal_code: str) -> str:
    """The H3 cell where the place is known, else the postal area; "" unknown."""
    if lat is not None and lon is not None:
        cell: str = h3.latlng_to_cell(lat, lon, ZONE_RESOLUTION)
        return cell
    return f"postal {postal_code[:POSTAL_DIGITS]}" if postal_code else ""


def town_of(accounts: Iterable[AccountSet]) -> str:
    """Where most of these accounts are, the first by name of several; "" unknown."""
    counted = Counter(account.city for account in accounts if account.city)
    return min(counted, key=lambda city: (-counted[city], city), default="")


def touches(event: MarketEventSet, account: AccountSet) -> bool:
    """Whether the event speaks of this account: by name, by distance, or of everything."""
    if event.account_id is not None:
        return event.account_id == account.account_id
    if event.lat is None or event.lon is None or event.radius_km is None:
        return True
    if account.lat is None or account.lon is None:
        return False
    return distance_km(event.lat, event.lon, account.lat, account.lon) <= event.radius_km


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance (haversine)."""
    up, across = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    half = sin(up) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(across) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))
