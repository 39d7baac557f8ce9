"""Territories on the neighbour graph: into how many pieces a plan divides them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from solvers.problem import Bools, Ints, Problem


def pieces(problem: Problem, plan: Ints, counted: Bools | None = None) -> int:
    """Connected pieces of all territories of a plan (n,) beyond one for each; 0 where contiguity is off.

    Only the `counted` (n,) accounts; without that, accounts nobody serves (-1) count as one territory more.
    """
    if problem.edges is None or problem.contiguity == "off":
        return 0
    a, b = problem.edges[:, 0], problem.edges[:, 1]
    same = plan[a] == plan[b]
    links = coo_matrix((np.ones(int(same.sum())), (a[same], b[same])), (len(plan), len(plan)))
    _, piece = connected_components(links, directed=False)
    if counted is not None:
        piece, plan = piece[counted], plan[counted]
    return len(np.unique(piece)) - len(np.unique(plan))
