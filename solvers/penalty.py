"""Convex piecewise linear penalties on a rep's load, EUR: their value, and their conjugate for the bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schemas.settings import Weights
from solvers.problem import Floats, Ints, Problem

HARD_HOURS = 1.15  # overtime_hard starts at this multiple of the free hours


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """For each of k reps a sum of hinges: slope * max(0, sign * (load - kink))."""

    kinks: Floats  # (q, k), in the unit of the load
    signs: tuple[int, ...]  # (q,) +1: above the kink costs, -1: below costs
    slopes: tuple[float, ...]  # (q,) EUR per unit, added to the hinges before it

    def __call__(self, load: Floats, rep: int | slice = slice(None)) -> Floats:
        """EUR for loads of any shape that broadcasts against the reps (..., k), or of one rep."""
        total: Floats = np.zeros(np.shape(load))
        for kink, sign, slope in zip(self.kinks[:, rep], self.signs, self.slopes, strict=True):
            if slope:
                total = total + slope * np.maximum(sign * (load - kink), 0.0)
        return np.asarray(total)

    def of(self, load: Floats, rep: Ints) -> Floats:
        """EUR for load[m] of rep[m], any number of pairs."""
        total: Floats = np.zeros(len(load))
        for kink, sign, slope in zip(self.kinks, self.signs, self.slopes, strict=True):
            total = total + slope * np.maximum(sign * (load - kink[rep]), 0.0)
        return total

    @property
    def steepest(self) -> float:
        """EUR per unit: no price beyond it can help the bound."""
        return max(sum(s for s, g in zip(self.slopes, self.signs, strict=True) if g == side) for side in (1, -1))

    def breakpoints(self, most: float) -> Floats:
        """(q + 2, k) where the conjugate on loads of [0, most] may be attained."""
        ends = np.zeros((1, self.kinks.shape[1]))
        return np.asarray(np.clip(np.concatenate([ends, self.kinks, ends + most]), 0.0, most))


def potential_penalty(target: Floats, weights: Weights) -> Penalty:
    """Balance: EUR for a potential away from the fair share `target` (k,) EUR, symmetric."""
    shares = (weights.balance_free, *weights.balance_knees)
    steps = tuple(float(s) for s in np.diff((0.0, *weights.balance_slopes)))
    kinks = [target * (1 + sign * share) for sign in (1, -1) for share in shares]
    return Penalty(np.array(kinks), (1, 1, 1, -1, -1, -1), steps + steps)


def hours_penalty(free_hours: Floats, weights: Weights) -> Penalty:
    """Overtime: EUR for hours above the free hours (k,), steep above 1.15 times that."""
    steps = (weights.overtime, weights.overtime_hard - weights.overtime)
    return Penalty(np.array([free_hours, HARD_HOURS * free_hours]), (1, 1), steps)


def fair_shares(problem: Problem) -> tuple[Floats, Floats]:
    """(k,) fair potential in EUR, proportional to capacity times seniority, and (k,) free hours a year, to capacity alone.

    Who is new works whole weeks from the first day, yet does not make of a full territory what a senior does.
    """
    free_hours = problem.weights.hours_slack * problem.hours.sum() * (problem.capacity / problem.capacity.sum())
    return problem.potential.sum() * (problem.readiness / problem.readiness.sum()), free_hours
