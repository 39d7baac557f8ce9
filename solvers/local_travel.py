"""What a visit costs on the way from one account to the next: the part of travel that the distance home does not know.

A tour through places of density d is about 0.7124 / sqrt(d) km long for each of them. The density of a rep's places around
an account says what share of a tour falls on it: little in the midst of the territory, much where the rep has nobody. One
factor per territory makes the sum over today's accounts the tour through them that `tour_km` estimates.

Because a tour grows with the root of the number of its places, a place more adds half of what falls on each. So two reps
differ by half the difference of their shares, and the other half stays that of the rep of today, whoever serves the account.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from solvers.places import Places
from solvers.problem import Bools, Floats, Ints, Problem
from solvers.travel import tour_km

TOUR_LAW = (
    0.7124  # length of the shortest tour through n places on an area is this times sqrt(n * area), for many places
)
ADDED = 0.5  # what a place more adds to a tour, of what falls on each
NEIGHBOURS = 8  # of the rep, to whom the distance says how dense its places are
REACH = 2.0  # times as far from home as nine tenths of the rep's places: beyond it the home stands for the places
METRES = 3  # decimals of a km: two runs that add up in another order pose the very same problem


def with_local_travel(problem: Problem, places: Places) -> Problem:
    """The problem with the local share of travel, from its territories of today and the places of its accounts."""
    flat = places.on_plane()
    return replace(problem, detour_km=detour_km(flat.accounts, problem.distance_km, problem.current, problem.visits))


def detour_km(points: Floats, distance_km: Floats, current: Ints, visits: Floats) -> Floats:
    """(n, k) straight-line km per visit between an account and the others of a rep's tour.

    points (n, 2) in km on a plane, distance_km (n, k) to the homes, current (n,) rep index or -1, visits (n,) a year. NaN for an
    account without a place, and for a rep none of whose accounts has one. The share of another's account is at most its
    distance home, so that a rep with few accounts is not kept from those around the home.
    """
    known = np.asarray(~np.isnan(points).any(1))
    shares = np.full(distance_km.shape[::-1], np.nan)
    for rep, (share, home_km) in enumerate(zip(shares, np.ascontiguousarray(distance_km.T), strict=True)):
        own = known & (current == rep)
        if own.any():
            share[:] = _by_rep(points, known, home_km, own)
            share *= _factor(points[own], visits[own], share[own])
            share[:] = np.where(own | np.isnan(home_km), share, np.minimum(share, home_km))
    today = np.where(current >= 0, shares[current, np.arange(len(current))], np.fmin.reduce(shares))
    return np.round((ADDED * shares + (1 - ADDED) * today).T, METRES)


def _by_rep(points: Floats, known: Bools, home_km: Floats, own: Bools) -> Floats:
    """(n,) km per visit for one rep, by the density of the rep's places alone.

    Accounts at one place are one stop: its km are theirs together, and whoever comes newly to it shares them.
    """
    stops, count = np.unique(points[own], axis=0, return_counts=True)
    reach = np.inf if np.isnan(home_km[own]).any() else REACH * float(np.quantile(home_km[own], 0.9))
    far = known & ~own & (home_km > reach)
    near = np.flatnonzero(known & ~far)
    found = KDTree(stops).query(points[near], k=np.arange(1, min(NEIGHBOURS + 1, len(stops)) + 1))
    apart, nearest = np.asarray(found[0]), np.asarray(found[1])
    there = apart[:, 0] == 0
    neighbours = np.where(there, min(NEIGHBOURS, len(stops) - 1), min(NEIGHBOURS, len(stops)))
    away = apart[np.arange(len(near)), neighbours - ~there]
    visitors = np.where(there, count[nearest[:, 0]] + ~own[near], 1)
    share = np.where(far, home_km * _per_km(min(NEIGHBOURS, len(stops))), np.nan)
    share[near] = away * _per_km(neighbours) / visitors
    return np.asarray(share)


def _per_km(neighbours: Ints | int) -> Floats:
    """Length of tour for each place, per km to the last of so many neighbours."""
    return np.asarray(TOUR_LAW * np.sqrt(np.pi / np.maximum(neighbours, 1)))


def _factor(own: Floats, visits: Floats, share: Floats) -> float:
    """What makes the year's km between the rep's own accounts that of the estimated tour; 1 where there is no way to drive."""
    linear = math.fsum((visits * share).tolist())
    year = tour_km(own) / len(own) * math.fsum(visits.tolist())
    return year / linear if linear > 0 and year > 0 else 1.0
