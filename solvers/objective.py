"""The objective in EUR a year, term by term: travel, change, balance, overtime. Least is best."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from schemas.settings import Weights
from solvers.contiguity import pieces
from solvers.penalty import Penalty, fair_shares, hours_penalty, potential_penalty
from solvers.problem import Bools, Floats, Ints, Problem


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan costs, in EUR a year and in each term's own unit. Also a difference of two plans."""

    travel_eur: float
    change_eur: float
    balance_eur: float
    overtime_eur: float
    travel_km: float  # km driven a year
    accounts_changed: float
    deviation_points: float  # sum over reps of the deviation from the fair share, percentage points
    overtime_hours: float  # above the free hours, a year
    contiguity_eur: float = 0.0  # price of the pieces, where contiguity is preferred
    pieces: float = 0.0  # of territories on the neighbour graph, beyond one each

    @property
    def total_eur(self) -> float:
        return self.travel_eur + self.change_eur + self.balance_eur + self.overtime_eur + self.contiguity_eur

    def __sub__(self, other: Terms) -> Terms:
        return Terms(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Everything the search and the bound need, computed once from a problem."""

    problem: Problem
    allowed: Bools  # (n, k)
    changes: Bools  # (n, k) the pair gives the account another rep
    km: Floats  # (n, k) km driven a year
    travel: Floats  # (n, k) EUR a year
    change: Floats  # (n,) EUR if the account changes its rep
    fixed: Floats  # (n, k) travel + change, inf where not allowed
    target: Floats  # (k,) fair potential, EUR
    free_hours: Floats  # (k,) hours a year without overtime
    balance: Penalty
    overtime: Penalty

    def loads(self, assignment: Ints) -> tuple[Floats, Floats]:
        """(k,) potential in EUR and (k,) hours a year per rep; unassigned accounts count for nobody."""
        p, at = self.problem, np.flatnonzero(assignment >= 0)
        reps = assignment[at]
        return (
            np.bincount(reps, p.potential[at], p.reps).astype(np.float64),
            np.bincount(reps, p.hours[at], p.reps).astype(np.float64),
        )

    def terms(self, assignment: Ints) -> Terms:
        """The cost of a complete assignment (n,) of rep indices."""
        rows = np.arange(self.problem.accounts)
        changed = self.changes[rows, assignment]
        load, hours = self.loads(assignment)
        broken = pieces(self.problem, assignment)
        return Terms(
            travel_eur=float(self.travel[rows, assignment].sum()),
            change_eur=float(self.change[changed].sum()),
            balance_eur=float(self.balance(load).sum()),
            overtime_eur=float(self.overtime(hours).sum()),
            travel_km=float(self.km[rows, assignment].sum()),
            accounts_changed=float(changed.sum()),
            deviation_points=float(100 * np.abs(deviation(load, self.target)).sum()),
            overtime_hours=float(np.maximum(hours - self.free_hours, 0).sum()),
            contiguity_eur=broken * self.problem.weights.territory_piece * (self.problem.contiguity == "preferred"),
            pieces=float(broken),
        )

    def total(self, assignment: Ints) -> float:
        return self.terms(assignment).total_eur


def costs_of(problem: Problem) -> Costs:
    """Price every pair of account and rep."""
    target, free_hours = fair_shares(problem)
    km = problem.visits[:, None] * travel_distance(problem) * km_per_visit(problem.weights)
    if problem.detour_km is not None:
        km = km + problem.visits[:, None] * _known(problem, problem.detour_km) * problem.weights.road_factor
    travel = km * problem.weights.travel_per_km
    change = problem.weights.handover + problem.weights.churn_share * problem.potential
    allowed = problem.allowed()
    changes = (np.arange(problem.reps) != problem.current[:, None]) & ~problem.orphan[:, None]
    fixed = np.where(allowed, travel + np.where(changes, change[:, None], 0.0), np.inf)
    balance = potential_penalty(target, problem.weights)
    overtime = hours_penalty(free_hours, problem.weights)
    return Costs(problem, allowed, changes, km, travel, change, fixed, target, free_hours, balance, overtime)


def repriced(costs: Costs, potential: Floats) -> Costs:
    """`costs_of` the same problem at other potentials (n,) EUR a year: ways and pairs stay, so most of the work is saved."""
    problem = replace(costs.problem, potential=potential)
    target, _ = fair_shares(problem)
    change = problem.weights.handover + problem.weights.churn_share * problem.potential
    fixed = costs.travel + np.where(costs.changes, change[:, None], 0.0)
    fixed[~costs.allowed] = np.inf
    balance = potential_penalty(target, problem.weights)
    return replace(costs, problem=problem, change=change, fixed=fixed, target=target, balance=balance)


def km_per_visit(weights: Weights) -> float:
    """Road km of one visit per straight-line km to the rep's home: out and back, shared by the visits of a tour."""
    return 2 * weights.road_factor / weights.visits_per_tour


def travel_distance(problem: Problem) -> Floats:
    """(n, k) km to the homes, the unknown ones filled."""
    return _known(problem, problem.distance_km)


def _known(problem: Problem, km: Floats) -> Floats:
    """(n, k) km with the unknown distances filled so that a distance nobody knows never argues for or against a move.

    Unknown to a rep: as far as the current rep. Unknown to the current rep: no travel term for that account at all.
    An orphan: the mean of what is known.
    """
    unknown = np.isnan(km)
    if not unknown.any():
        return km
    rows = np.arange(problem.accounts)
    known = np.maximum((~unknown).sum(1), 1)
    mean = np.where(unknown, 0.0, km).sum(1) / known
    neutral = np.where(problem.orphan, mean, km[rows, problem.current])
    filled = np.where(unknown, neutral[:, None], km)
    filled[np.isnan(neutral)] = 0.0
    return filled


def deviation(load: Floats, target: Floats) -> Floats:
    """(k,) share by which each load is away from its target; 0 where there is nothing to share."""
    return np.divide(load - target, target, out=np.zeros_like(target), where=target > 0)
