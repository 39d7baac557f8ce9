"""The length of a tour by OR-Tools routing, to check what the estimates say.

Local search from two first tours, to its local optimum: it ends by itself, so the same places give the same length on any
machine; the time limit is for emergencies. On territories of 87 to 120 accounts it took 0.05 to 0.12 s of CPU a start, and the
better of the two was at most 0.3 % longer than guided local search for 4 s from the same starts, but for one start in six.
"""

from __future__ import annotations

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from scipy.spatial.distance import pdist, squareform

from solvers.problem import Floats

METRES = 1000.0
STARTS = (routing_enums_pb2.FirstSolutionStrategy.SAVINGS, routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC)
MOST_PLACES = (
    300  # beyond it routing takes too long for a check: 1.4 to 2.2 s of CPU a start at 300, 3.5 to 4.2 s at 400
)
SECONDS = 60  # thirty times what is needed: where it strikes, two machines say different things


def routed_tour_km(points: Floats, distance_km: Floats | None = None, seconds: int = SECONDS) -> float | None:
    """Length of one round tour through points (n, 2) in km, by straight lines or by the distances (n, n) given.

    None where routing cannot say: too many places, no solution, or the time limit struck.
    """
    if distance_km is None:
        points = np.unique(points[~np.isnan(points).any(1)], axis=0)
        distance_km = squareform(pdist(points)) if len(points) > 1 else np.zeros((len(points), len(points)))
    n = len(distance_km)
    if n < 2:
        return 0.0
    if n == 2:
        return float(distance_km[0, 1] + distance_km[1, 0])
    if n > MOST_PLACES:
        return None
    metres = np.rint(distance_km * METRES).astype(np.int64).tolist()
    found = [_routed(metres, start, seconds) for start in STARTS]
    known = [length for length in found if length is not None]
    return min(known) if len(known) == len(STARTS) else None


def _routed(metres: list[list[int]], start: int, seconds: int) -> float | None:
    manager = pywrapcp.RoutingIndexManager(len(metres), 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(metres))
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = start
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    search.time_limit.FromSeconds(seconds)
    found = routing.SolveWithParameters(search)
    if found is None or routing.solver().WallTime() >= METRES * seconds:
        return None
    return float(found.ObjectiveValue()) / METRES
