"""Who is neighbour of whom on the map: the graph on which territories hang together."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay, QhullError

from solvers.problem import Floats, Ints

METRES = 3  # decimals of a km: two runs that add up in another order draw the very same graph


def neighbour_edges(points: Floats) -> Ints:
    """(m, 2) neighbours among points (n, 2) in km on a plane, by the triangulation of Delaunay; whatever the order of points.

    Accounts at one place are neighbours in a row, the first of them stands for the place; places on a line are neighbours in
    its order. Who has no place (NaN) has no neighbour.
    """
    known = np.flatnonzero(~np.isnan(points).any(1))
    places, place_of = np.unique(np.round(points[known], METRES), axis=0, return_inverse=True)
    order = np.argsort(place_of.ravel(), kind="stable")
    held, place = known[order], place_of.ravel()[order]
    same = place[1:] == place[:-1]
    first = held[np.concatenate([[True], ~same])] if len(held) else held
    at_one_place = np.stack([held[:-1][same], held[1:][same]], axis=1)
    return np.concatenate([at_one_place, first[_between(places)]]).reshape(-1, 2).astype(np.int64)


def _between(places: Floats) -> Ints:
    """(m, 2) neighbours among places (q, 2) that differ and are in the order of their coordinates."""
    try:
        triangles = Delaunay(places).simplices if len(places) > 2 else np.empty((0, 3), np.int64)
    except QhullError:
        triangles = np.empty((0, 3), np.int64)
    if not len(triangles):  # one or two, or all on a line
        return (
            np.stack([np.arange(len(places) - 1), np.arange(1, len(places))], axis=1)
            if len(places)
            else np.empty((0, 2), np.int64)
        )
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1)
    return np.asarray(np.unique(pairs, axis=0))
