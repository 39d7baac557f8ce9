"""Territories from nothing: homes and balanced, compact territories for accounts nobody has divided yet.

Weighted Lloyd on a power diagram (squared distance plus a price per territory that evens out the loads) finds the
homes; then the bound, search and objective of rebalancing assign the accounts, every one an orphan, and the homes move
to the middle of what they got.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schemas.settings import Weights
from solvers.budget import Budget, Meter
from solvers.dual import best_prices
from solvers.objective import Costs, costs_of, deviation
from solvers.problem import ORPHAN, Floats, Ints, Problem, ProblemError
from solvers.search import cheapest_insertion, improve
from solvers.travel import Plane, haversine_km

LLOYD_ROUNDS = 25
PRICE_ROUNDS = 12  # price corrections per Lloyd round
PRICE_STEP = 0.4
RECENTRINGS = 1  # times the homes follow their accounts; further ones gain little
MEDIAN_ROUNDS = 20
SLOPES = (0.05, 1.0, 4.0)  # EUR per EUR: no relation is at stake yet, so balance weighs more than in a rebalancing
EVALUATIONS = 4_000_000  # pairs priced by the search, per round


@dataclass(frozen=True, slots=True)
class Quality:
    std_percent: float  # of potential over territories
    max_deviation_percent: float  # from the fair potential
    max_hours_deviation_percent: float  # from the fair hours
    travel_km: float  # road km a year between homes and accounts


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    homes: Floats  # (N, 2) latitude, longitude; NaN when no account has a place
    assignment: Ints  # (n,) territory per account
    quality: Quality


def design(
    places: Floats,
    potential: Floats,
    hours: Floats,
    reps: int,
    random_state: int = 7,
    weights: Weights | None = None,
    visits: Floats | None = None,
    tolerance: float = 0.05,
) -> Design:
    """Divide n accounts among `reps` territories of equal potential.

    places (n, 2) latitude and longitude in degrees, NaN where unknown (such accounts fill up light territories);
    potential (n,) EUR a year; hours (n,) a year; visits (n,) a year, as many for all when not given. `tolerance` is the
    deviation of potential beyond which balance outweighs almost any detour. Raises ProblemError on senseless input.
    """
    _check(places, potential, hours, reps, tolerance)
    visits = np.ones(len(potential)) if visits is None else visits
    weights = _strict(weights or Weights(), tolerance)
    known = ~np.isnan(places).any(1)
    plane = Plane.around(places) or Plane(0.0, 0.0, 1.0)
    points = plane.km(places)
    centres = _lloyd(points[known], potential[known], reps, np.random.default_rng(random_state))
    budget = Budget(evaluations=EVALUATIONS, random_state=random_state)
    for _ in range(RECENTRINGS):
        plan = _assign(_costs(places, potential, hours, visits, plane.degrees(centres), weights), budget)
        centres = _recentre(points, visits, plan, centres)
    homes = plane.degrees(centres)
    costs = _costs(places, potential, hours, visits, homes, weights)
    plan = _assign(costs, budget)
    return Design(homes, plan, _quality(costs, plan))


def _check(places: Floats, potential: Floats, hours: Floats, reps: int, tolerance: float) -> None:
    findings = []
    if reps < 1:
        findings.append(f"{reps} territories: there must be at least one")
    if places.shape != (len(potential), 2) or hours.shape != potential.shape:
        findings.append(f"shapes differ: places {places.shape}, potential {potential.shape}, hours {hours.shape}")
    elif (np.abs(places[:, 0]) > 90).any() or (np.abs(places[:, 1]) > 360).any():
        findings.append("places are not latitude and longitude in degrees")
    if not 0 < tolerance < 1:
        findings.append(f"tolerance is {tolerance}, must be between 0 and 1")
    if findings:
        raise ProblemError(findings)


def _strict(weights: Weights, tolerance: float) -> Weights:
    shape = {
        "balance_free": min(weights.balance_free, 0.5 * tolerance),
        "balance_knees": (0.8 * tolerance, tolerance),
        "balance_slopes": SLOPES,
    }
    return weights.model_copy(update=shape)


def _costs(places: Floats, potential: Floats, hours: Floats, visits: Floats, homes: Floats, weights: Weights) -> Costs:
    """The rebalancing problem in which nobody serves anybody yet, priced."""
    n, k = len(potential), len(homes)
    greenfield = Problem(
        account_ids=tuple(str(i) for i in range(n)),
        rep_ids=tuple(str(j) for j in range(k)),
        potential=potential,
        hours=hours,
        visits=visits,
        distance_km=haversine_km(places, homes),
        current=np.full(n, ORPHAN),
        capacity=np.ones(k),
        movable=np.ones(n, bool),
        held_because=("",) * n,
        weights=weights,
    )
    return costs_of(greenfield)


def _assign(costs: Costs, budget: Budget) -> Ints:
    meter = Meter(budget)
    bound = best_prices(costs)
    starts = [bound.plan, cheapest_insertion(costs, costs.problem.current)]
    return improve(costs, bound, starts, meter, hurdle=0.0)


def _lloyd(points: Floats, weight: Floats, reps: int, random: np.random.Generator) -> Floats:
    """(reps, 2) centres in km of a power diagram with nearly equal weights; NaN without points."""
    if not len(points):
        return np.full((reps, 2), np.nan)
    weight = weight if weight.sum() > 0 else np.ones(len(points))
    centres = _scattered(points, weight, reps, random)
    price = np.zeros(reps)
    fair = weight.sum() / reps
    for _ in range(LLOYD_ROUNDS):
        squared = ((points[:, None, :] - centres) ** 2).sum(-1)
        scale = float(squared.min(1).mean())
        for _ in range(PRICE_ROUNDS):
            cell = (squared + price).argmin(1)
            price += PRICE_STEP * scale * np.clip(np.bincount(cell, weight, reps) / fair - 1, -1, 1)
        cell = (squared + price).argmin(1)
        centres = _means(points, weight, cell, centres)
    return centres


def _scattered(points: Floats, weight: Floats, reps: int, random: np.random.Generator) -> Floats:
    """Seeds drawn far apart (k-means++)."""
    chosen = [points[random.choice(len(points), p=weight / weight.sum())]]
    nearest = ((points - chosen[0]) ** 2).sum(1)
    for _ in range(reps - 1):
        odds = nearest * weight
        pick = random.choice(len(points), p=odds / odds.sum()) if odds.sum() > 0 else random.integers(len(points))
        chosen.append(points[pick])
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(1))
    return np.array(chosen)


def _means(points: Floats, weight: Floats, cell: Ints, centres: Floats) -> Floats:
    """Weighted means of the cells; an empty cell keeps its centre."""
    mass = np.bincount(cell, weight, len(centres))
    sums = np.stack([np.bincount(cell, weight * points[:, axis], len(centres)) for axis in (0, 1)], axis=1)
    return np.where(mass[:, None] > 0, sums / np.where(mass > 0, mass, 1.0)[:, None], centres)


def _recentre(points: Floats, visits: Floats, plan: Ints, centres: Floats) -> Floats:
    """(k, 2) geometric medians of the territories, weighted by visits: the homes that drive least."""
    known = ~np.isnan(points).any(axis=1)
    medians = centres.copy()
    for j in range(len(centres)):
        own = np.flatnonzero(known & (plan == j))
        if len(own) and visits[own].sum() > 0:
            medians[j] = _median(points[own], visits[own])
    return medians


def _median(points: Floats, weight: Floats) -> Floats:
    """Weiszfeld's iteration from the weighted mean."""
    at = np.average(points, axis=0, weights=weight)
    for _ in range(MEDIAN_ROUNDS):
        pull = weight / np.maximum(np.sqrt(((points - at) ** 2).sum(1)), 1e-3)
        at = (points * pull[:, None]).sum(0) / pull.sum()
    return np.asarray(at)


def _quality(costs: Costs, plan: Ints) -> Quality:
    load, hours = costs.loads(plan)
    p = costs.problem
    away = 100 * deviation(load, costs.target)
    busy = 100 * deviation(hours, np.full(p.reps, p.hours.sum() / p.reps))
    km = float(costs.km[np.arange(p.accounts), plan].sum())
    return Quality(float(away.std()), float(np.abs(away).max()), float(np.abs(busy).max()), km)
