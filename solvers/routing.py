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


def routed_tour_km(points: Floats) -> float | None:
    """Length in straight lines of one round tour through points (n, 2) in km; None where routing cannot say."""
    points = np.unique(points[~np.isnan(points).any(1)], axis=0)
    distance_km = squareform(pdist(points)) if len(points) > 1 else np.zeros((len(points), len(points)))
    order = routed_tour(distance_km)
    return None if order is None else length_of(order, distance_km)


def routed_tour(distance_km: Floats, seconds: int = SECONDS) -> list[int] | None:
    """The order (n,) of one short round tour through places with these distances (n, n), which may differ by direction.

    None where routing cannot say: too many places, no solution, or the time limit struck.
    """
    n = len(distance_km)
    if n <= 2:
        return list(range(n))
    if n > MOST_PLACES:
        return None
    metres = np.rint(distance_km * METRES).astype(np.int64).tolist()
    found = [_routed(metres, start, seconds) for start in STARTS]
    known = [order for order in found if order is not None]
    return min(known, key=lambda order: length_of(order, distance_km)) if len(known) == len(STARTS) else None


def length_of(order: list[int], cost: Floats) -> float:
    """What a round tour in this order costs, by the costs (n, n) from place to place."""
    return float(cost[order, np.roll(order, -1)].sum()) if len(order) > 1 else 0.0


def _routed(metres: list[list[int]], start: int, seconds: int) -> list[int] | None:
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
    order, at = [], routing.Start(0)
    while not routing.IsEnd(at):
        order.append(manager.IndexToNode(at))
        at = found.Value(routing.NextVar(at))
    return order
