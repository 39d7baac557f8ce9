"""Is the travel of a plan credible? Tours through the territories that change, routed, before and after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schemas.rows import TravelCheckRow
from solvers.figures import by_ids, plan_of
from solvers.places import Places
from solvers.problem import Floats, Ints, Problem
from solvers.routing import routed_tour_km
from solvers.solution import Solution
from solvers.travel import travel_of_year

Router = Callable[[Floats], float | None]
MOST_TERRITORIES = 60  # those with the most accounts moved; beyond it a check takes longer than a solve


def travel_check(
    problem: Problem, solution: Solution, places: Places, router: Router = routed_tour_km
) -> tuple[TravelCheckRow, ...]:
    """A row for each territory that changes, by rep id. Where routing cannot say, the estimate stands ("estimated")."""
    assignment = dict(zip(solution.account_ids, solution.assignment, strict=True))
    problem, ordered = by_ids(problem, places)
    flat = (ordered or places).on_plane()
    before, after = problem.current, plan_of(problem, assignment)
    moved = np.flatnonzero(before != after)
    hands = np.concatenate([before[moved], after[moved]])
    count = np.bincount(hands[hands >= 0], minlength=problem.reps)
    most = np.argsort(-count, kind="stable")[:MOST_TERRITORIES]
    return tuple(_row(problem, flat, before, after, int(j), router) for j in np.sort(most) if count[j])


def _row(problem: Problem, flat: Places, before: Ints, after: Ints, rep: int, router: Router) -> TravelCheckRow:
    told, routed = [], True
    for plan in (before, after):
        own = plan == rep
        points, visits = flat.accounts[own], problem.visits[own]
        tour = router(points)
        routed = routed and tour is not None
        told.append(travel_of_year(points, visits, flat.homes[rep], problem.weights, tour=tour))
    return TravelCheckRow(
        rep_id=problem.rep_ids[rep],
        method="routed" if routed else "estimated",
        clients_before=told[0].clients,
        clients_after=told[1].clients,
        tour_km_before=told[0].tour_km,
        tour_km_after=told[1].tour_km,
        year_km_before=told[0].year_km,
        year_km_after=told[1].year_km,
        hours_per_client_before=told[0].hours_per_client,
        hours_per_client_after=told[1].hours_per_client,
    )
