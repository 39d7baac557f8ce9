"""Where things are: the zone of an account, and what lies within reach of a market event."""

from __future__ import annotations

from math import asin, cos, floor, radians, sin, sqrt

from schemas.region_log import AccountSet, MarketEventSet

EARTH_KM = 6371.0088
CELLS_PER_DEGREE = 2
POSTAL_DIGITS = 3


def zone_of(account: AccountSet) -> str:
    """A cell of half a degree where the place is known, else the postal area; "" unknown."""
    if account.lat is not None and account.lon is not None:
        return f"{_cell(account.lat):+.1f}{_cell(account.lon):+.1f}"
    return f"postal {account.postal_code[:POSTAL_DIGITS]}" if account.postal_code else ""


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


def _cell(degrees: float) -> float:
    return floor(degrees * CELLS_PER_DEGREE) / CELLS_PER_DEGREE
