"""A plan under change: what each single move would cost, kept up to date move by move."""

from __future__ import annotations

import numpy as np

from solvers.objective import Costs
from solvers.problem import ORPHAN, Floats, Ints


class Neighbourhood:
    """The assignment with its loads and, for every pair, the EUR of adding the account there.

    Moving i from a to b changes the objective by joining[i, b] + leaving[i]. `hurdle` EUR are asked of every changed
    account on top of its cost. After a move only the columns of a and b change. `evaluations` counts pairs priced.
    """

    def __init__(self, costs: Costs, assignment: Ints, hurdle: float = 0.0) -> None:
        self.costs, self.evaluations = costs, 0
        self.assignment = assignment.copy()
        self.fixed = costs.fixed + hurdle * costs.changes
        self.load, self.hours = costs.loads(self.assignment)
        self.moves = self._count_moves()
        self.joining = np.full(self.fixed.shape, np.inf)
        self.leaving = np.zeros(len(assignment))
        self._refresh(np.arange(self.fixed.shape[1]))

    def __len__(self) -> int:
        return len(self.assignment)

    def copy_from(self, other: Neighbourhood) -> None:
        """Take over the plan of another neighbourhood of the same problem; the evaluations stay counted here."""
        for name in ("assignment", "load", "hours", "joining", "leaving"):
            getattr(self, name)[...] = getattr(other, name)
        self.moves = other.moves

    def copy(self) -> Neighbourhood:
        twin = object.__new__(Neighbourhood)
        twin.costs, twin.fixed, twin.evaluations, twin.moves = self.costs, self.fixed, 0, self.moves
        for name in ("assignment", "load", "hours", "joining", "leaving"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def total(self) -> float:
        """EUR a year with the hurdles."""
        pairs = self.fixed[np.arange(len(self)), self.assignment].sum()
        return float(pairs + self.costs.balance(self.load).sum() + self.costs.overtime(self.hours).sum())

    def best_moves(self, full: bool) -> tuple[Ints, Floats]:
        """(n,) the best other rep of each account and the EUR it changes; `full`: no further account may change."""
        self.evaluations += len(self)  # the scan itself is cheap beside pricing
        target = self.joining.argmin(1)
        change = self.joining[np.arange(len(self)), target] + self.leaving
        if not full:
            return target, change
        current = self.costs.problem.current
        fresh = (self.assignment == current) & (current != ORPHAN)
        return target, np.where(fresh, np.inf, change)

    def move(self, account: int, rep: int) -> int:
        """Give the account to `rep` and return the rep it had (-1: none)."""
        p, old = self.costs.problem, int(self.assignment[account])
        for sign, j in ((-1.0, old), (1.0, rep)):
            if j != ORPHAN:
                self.load[j] += sign * p.potential[account]
                self.hours[j] += sign * p.hours[account]
        self.moves += self._counts(account, rep) - self._counts(account, old)
        self.assignment[account] = rep
        self._refresh(np.array([j for j in (old, rep) if j != ORPHAN]))
        return old

    def _counts(self, account: int, rep: int) -> int:
        current = self.costs.problem.current[account]
        return int(current not in (ORPHAN, rep) and rep != ORPHAN)

    def _count_moves(self) -> int:
        current = self.costs.problem.current
        return int(((self.assignment != current) & (current != ORPHAN)).sum())

    def _refresh(self, reps: Ints) -> None:
        """Price joining and leaving anew for these reps (columns)."""
        c, p = self.costs, self.costs.problem
        self.evaluations += len(self) * len(reps)
        for j in reps:
            load, hours = self.load[j], self.hours[j]
            now = c.balance(load, int(j)) + c.overtime(hours, int(j))
            there = c.balance(load + p.potential, int(j)) + c.overtime(hours + p.hours, int(j))
            self.joining[:, j] = self.fixed[:, j] + there - now
            own = np.flatnonzero(self.assignment == j)
            self.joining[own, j] = np.inf
            without = c.balance(load - p.potential[own], int(j)) + c.overtime(hours - p.hours[own], int(j))
            self.leaving[own] = without - now - self.fixed[own, j]
