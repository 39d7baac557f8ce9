"""Distances between places, and what a territory costs on the road: tour length and travel hours per client."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from schemas.settings import Weights
from solvers.problem import Floats, Ints

EARTH_KM = 6371.0088  # mean radius
DEGREE_KM = EARTH_KM * float(np.pi) / 180.0
TREE_TO_TOUR = 1.2  # measured against routing on two geographies: error 2.3-2.7 % after this factor
MOST_IN_TREE = 1_500  # places; beyond it the tree is taken from a regular sample and scaled by the root law
SPEED_KMH = 50.0  # door to door, country roads and towns


@dataclass(frozen=True, slots=True)
class TerritoryTravel:
    """Estimated travel of one territory. Accounts without a place drive nothing and count as no client here."""

    clients: int
    tour_km: float  # straight-line length of one tour through all places
    year_km: float  # road km of a year's visits
    year_hours: float
    hours_per_client: float  # a year; 0 for an empty territory


NO_TRAVEL = TerritoryTravel(0, 0.0, 0.0, 0.0, 0.0)


def haversine_km(places: Floats, homes: Floats) -> Floats:
    """(n, k) great-circle km between places (n, 2) and homes (k, 2), each latitude and longitude in degrees.

    NaN in either stays NaN: the distance is unknown.
    """
    a, b = np.radians(places)[:, None, :], np.radians(homes)[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    chord = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat map around the middle of some places; good to 1 % within a few hundred km. NaN stays NaN.

    Longitudes are unwrapped around a known one, so a region may lie across the date line.
    """

    latitude: float  # degrees, the middle
    longitude: float
    parallel: float  # length of a degree of longitude there, as a share of a degree of latitude

    @classmethod
    def around(cls, places: Floats) -> Plane | None:
        """The map of places (n, 2) in degrees; None when none is known."""
        known = places[~np.isnan(places).any(1)]
        if not len(known):
            return None
        latitude = float(known[:, 0].mean())
        longitude = float(known[0, 1] + _unwrapped(known[:, 1] - known[0, 1]).mean())
        return cls(latitude, longitude, float(np.cos(np.radians(latitude))))

    def km(self, places: Floats) -> Floats:
        """(n, 2) km east and north of the middle."""
        east = _unwrapped(places[:, 1] - self.longitude) * self.parallel
        return np.stack([east, places[:, 0] - self.latitude], axis=1) * DEGREE_KM

    def degrees(self, points: Floats) -> Floats:
        """(n, 2) latitude and longitude of points in km; the inverse of `km`."""
        longitude = self.longitude + points[:, 0] / (DEGREE_KM * max(self.parallel, 1e-9))
        return np.stack([self.latitude + points[:, 1] / DEGREE_KM, _unwrapped(longitude)], axis=1)


def _unwrapped(longitude: Floats) -> Floats:
    """Degrees within [-180, 180)."""
    return np.asarray((longitude + 180.0) % 360.0 - 180.0)


def tour_km(points: Floats) -> float:
    """Length of one round tour through points (n, 2) in km, estimated from their minimum spanning tree."""
    points = np.unique(points[~np.isnan(points).any(1)], axis=0)
    n = len(points)
    if n < 2:
        return 0.0
    if n <= 3:
        return float(pdist(points).sum() * (2 if n == 2 else 1))
    sample = points[:: -(-n // MOST_IN_TREE)]
    tree = float(minimum_spanning_tree(squareform(pdist(sample))).sum())
    return TREE_TO_TOUR * tree * float(np.sqrt(n / len(sample)))


def territory_travel(
    places: Floats, visits: Floats, home: Floats, weights: Weights, speed_kmh: float = SPEED_KMH
) -> TerritoryTravel:
    """`travel_of_year` for places (n, 2) and home (2,) in degrees."""
    plane = Plane.around(places)
    if plane is None:
        return NO_TRAVEL
    return travel_of_year(plane.km(places), visits, plane.km(home[None, :])[0], weights, speed_kmh)


def travel_of_year(
    points: Floats, visits: Floats, home: Floats, weights: Weights, speed_kmh: float = SPEED_KMH,
    tour: float | None = None,
) -> TerritoryTravel:  # fmt: skip
    """Travel of a year for the accounts of one rep.

    points (n, 2) and home (2,) in km on a plane, visits (n,) a year; `tour` is the length of one tour in straight-line
    km where it is known better than by `tour_km`.
    """
    known = ~np.isnan(points).any(1)
    clients = int(known.sum())
    if not clients:
        return NO_TRAVEL
    tour = tour_km(points[known]) if tour is None else tour
    out = np.nan_to_num(np.sqrt(((points[known] - home) ** 2).sum(1)))
    year_km = weights.road_factor * year_of(tour, out, visits[known], weights)
    hours = year_km / speed_kmh
    return TerritoryTravel(clients, tour, year_km, hours, hours / clients)


def year_of(tour: float, out: Floats, visits: Floats, weights: Weights) -> float:
    """A year's visits (n,) in the unit of `tour`, one round through all accounts, and `out` (n,), from home to each.

    Each visit drives its share of the tour, and each day tour the way out and home.
    """
    return float(tour / len(visits) * visits.sum() + 2 * (visits * out).sum() / weights.visits_per_tour)


def travel_before_after(
    places: Floats,
    visits: Floats,
    homes: Floats,
    before: Ints,
    after: Ints,
    weights: Weights,
    speed_kmh: float = SPEED_KMH,
) -> dict[int, tuple[TerritoryTravel, TerritoryTravel]]:
    """Travel before and after of the territories that change, by rep index.

    places (n, 2) and homes (k, 2) in degrees, before and after (n,) rep indices, -1 for nobody.
    """
    differs = before != after
    touched = sorted({int(j) for j in np.concatenate([before[differs], after[differs]]) if j >= 0})
    return {
        j: (
            territory_travel(places[before == j], visits[before == j], homes[j], weights, speed_kmh),
            territory_travel(places[after == j], visits[after == j], homes[j], weights, speed_kmh),
        )
        for j in touched
    }
