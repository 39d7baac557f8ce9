"""Verdicts on the neighbour graph: parts of it that no territory can span in one piece."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from schemas.verdict_sentences import say
from solvers.problem import Bools, Problem
from solvers.verdict import some


def disconnected(p: Problem) -> tuple[str, str] | None:
    if p.contiguity == "off" or p.edges is None:
        return None
    links = coo_matrix((np.ones(len(p.edges)), (p.edges[:, 0], p.edges[:, 1])), (p.accounts, p.accounts))
    parts, part = connected_components(links, directed=False)
    if parts == 1:
        return None
    largest = int(np.bincount(part).argmax())
    names = some([p.account_ids[i] for i in np.flatnonzero(part != largest)])
    detail = say("disconnected", parts=int(parts), accounts=names)
    pairs = [_nearest_pair(p, part == other, part == largest) for other in range(parts) if other != largest]
    joined = some([pair for pair in pairs if pair])
    more = int(parts) - 1
    return detail, say("way.joined_by", links=more, pairs=joined) if joined else say("way.joined", links=more)


def _nearest_pair(p: Problem, part: Bools, largest: Bools) -> str:
    """The two accounts of the part and of the largest one whose ways to all homes differ least: by the triangle inequality they
    are at least so far apart. "" where no places are known."""
    known = ~np.isnan(p.distance_km).any(axis=1)
    here, there = np.flatnonzero(part & known), np.flatnonzero(largest & known)
    if not len(here) or not len(there):
        return ""
    apart, nearest = (np.asarray(one) for one in cKDTree(p.distance_km[there]).query(p.distance_km[here], p=np.inf))
    i = int(apart.argmin())
    return say("each.pair", account=p.account_ids[here[i]], other=p.account_ids[there[nearest[i]]])
