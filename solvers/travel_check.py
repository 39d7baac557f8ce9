"""Is the travel of a plan credible? Tours through the territories that change, routed, before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from schemas.errors import UnavailableError
from schemas.rows import TravelCheckRow
from schemas.settings import Weights
from solvers.figures import by_ids, plan_of
from solvers.places import Places
from solvers.problem import Bools, Floats, Ints, Problem
from solvers.roads import Roads
from solvers.routing import MOST_PLACES, length_of, routed_tour, routed_tour_km
from solvers.solution import Solution
from solvers.travel import SPEED_KMH, TerritoryTravel, travel_of_year, year_of

Router = Callable[[Floats], float | None]
Method = Literal["roads", "routed", "estimated"]
MOST_TERRITORIES = 60  # those with the most accounts moved; beyond it a check takes longer than a solve


def travel_check(
    problem: Problem,
    solution: Solution,
    places: Places,
    roads: Roads | None = None,
    router: Router = routed_tour_km,
) -> tuple[TravelCheckRow, ...]:
    """A row for each territory that changes, by rep id.

    By distances on the road where `roads` knows all of both territories, else by straight lines; where routing cannot say, the
    estimate stands. Places on a plane have no roads.
    """
    assignment = dict(zip(solution.account_ids, solution.assignment, strict=True))
    problem, ordered = by_ids(problem, places)
    places = ordered or places
    before, after = problem.current, plan_of(problem, assignment)
    moved = np.flatnonzero(before != after)
    hands = np.concatenate([before[moved], after[moved]])
    count = np.bincount(hands[hands >= 0], minlength=problem.reps)
    most = np.argsort(-count, kind="stable")[:MOST_TERRITORIES]
    check = _Check(problem, places, places.on_plane(), roads if places.geographic else None, router)
    return tuple(check.row(int(j), before == j, after == j) for j in np.sort(most) if count[j])


@dataclass(slots=True)
class _Check:
    problem: Problem
    places: Places  # as told
    flat: Places  # in km
    roads: Roads | None
    router: Router

    def row(self, rep: int, before: Bools, after: Bools) -> TravelCheckRow:
        sides = (np.flatnonzero(before), np.flatnonzero(after))
        by_road = [self._on_the_road(rep, own) for own in sides]
        if all(by_road):
            return _told(self.problem.rep_ids[rep], "roads", by_road)  # type: ignore[arg-type]
        tours = [self.router(self.flat.accounts[own]) for own in sides]
        method: Method = "estimated" if None in tours else "routed"
        told = [
            travel_of_year(
                self.flat.accounts[own], self.problem.visits[own], self.flat.homes[rep], self.problem.weights, tour=tour
            )
            for own, tour in zip(sides, tours, strict=True)
        ]
        return _told(self.problem.rep_ids[rep], method, told)

    def _on_the_road(self, rep: int, own: Ints) -> TerritoryTravel | None:
        """None where the roads are not known: also when their source does not answer, which is not asked again then."""
        own = own[~np.isnan(self.places.accounts[own]).any(1)]
        home = self.places.homes[rep]
        if self.roads is None or not len(own) or len(own) >= MOST_PLACES or np.isnan(home).any():
            return None
        ids = [self.problem.rep_ids[rep], *(self.problem.account_ids[i] for i in own)]
        try:
            known = self.roads.between(ids, np.vstack([home, self.places.accounts[own]]))
        except UnavailableError:
            self.roads = None
            return None
        return None if known is None else travel_by_road(*known, self.problem.visits[own], self.problem.weights)


def travel_by_road(km: Floats, hours: Floats | None, visits: Floats, weights: Weights) -> TerritoryTravel | None:
    """Travel of a year by road distances (n + 1, n + 1) of the home, which comes first, and n accounts with visits (n,).

    Without hours by the usual speed. None where routing cannot say.
    """
    order = routed_tour(km[1:, 1:])
    if order is None:
        return None
    tour_km, year_km = _tour_and_year(km, order, visits, weights)
    year_hours = year_km / SPEED_KMH if hours is None else _tour_and_year(hours, order, visits, weights)[1]
    return TerritoryTravel(len(visits), tour_km, year_km, year_hours, year_hours / len(visits))


def _tour_and_year(cost: Floats, order: list[int], visits: Floats, weights: Weights) -> tuple[float, float]:
    tour = length_of(order, cost[1:, 1:])
    return tour, year_of(tour, (cost[0, 1:] + cost[1:, 0]) / 2, visits, weights)


def _told(rep_id: str, method: Method, sides: Sequence[TerritoryTravel]) -> TravelCheckRow:
    before, after = sides
    return TravelCheckRow(
        rep_id=rep_id,
        method=method,
        clients_before=before.clients,
        clients_after=after.clients,
        tour_km_before=before.tour_km,
        tour_km_after=after.tour_km,
        year_km_before=before.year_km,
        year_km_after=after.year_km,
        hours_per_client_before=before.hours_per_client,
        hours_per_client_after=after.hours_per_client,
    )
