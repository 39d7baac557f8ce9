"""How sure the figures of a plan are: the middle 80 % of each, over potentials drawn from their own intervals.

Hours and travel are not among them: they follow from visits and places, whatever the potentials are.
"""

from __future__ import annotations

import numpy as np

from schemas.rows import Figure, IntervalRow
from solvers.problem import ORPHAN, Floats, Ints, Problem

LOW, HIGH = 0.1, 0.9


def intervals(problem: Problem, plan: Ints, drawn: Floats, worth: Floats) -> tuple[IntervalRow, ...]:
    """Of worth, spread and largest deviation of the plan (n,), and of the potential of every territory it changes.

    `drawn` (s, n) potentials, EUR a year; `worth` (s,) what the plan saves under each. Before: orphans belong to nobody.
    """
    before, after = _territories(problem, problem.current, drawn), _territories(problem, plan, drawn)
    fair = drawn.sum(1)[:, None] * (problem.readiness / problem.readiness.sum())
    told = [
        _row("worth_eur", "", worth),
        _row("spread_before", "", _spreads(before / problem.readiness)),
        _row("spread_after", "", _spreads(after / problem.readiness)),
        _row("max_deviation_before", "", np.abs(_share(before - fair, fair)).max(1)),
        _row("max_deviation_after", "", np.abs(_share(after - fair, fair)).max(1)),
    ]
    for j in _changed(problem, plan):
        told.append(_row("potential_before_eur", problem.rep_ids[j], before[:, j]))
        told.append(_row("potential_after_eur", problem.rep_ids[j], after[:, j]))
    return tuple(told)


def _territories(problem: Problem, assignment: Ints, drawn: Floats) -> Floats:
    """(s, k) potential of each territory under each draw; an account of nobody counts for none."""
    owner, count = assignment - ORPHAN, problem.reps + 1  # nobody comes first
    return np.array([np.bincount(owner, potentials, count)[1:] for potentials in drawn], np.float64)


def _spreads(per_capacity: Floats) -> Floats:
    """(s,) standard deviation over reps, as a share of the mean; 0 where there is nothing to share."""
    return _share(per_capacity.std(1), per_capacity.mean(1))


def _changed(problem: Problem, plan: Ints) -> list[int]:
    """Indices of the reps who gain or lose an account."""
    moved = plan != problem.current
    return sorted({*plan[moved].tolist(), *problem.current[moved].tolist()} - {ORPHAN})


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _row(figure: Figure, rep_id: str, values: Floats) -> IntervalRow:
    low, high = np.quantile(values, (LOW, HIGH))
    digits = 2 if figure.endswith("_eur") else 6
    return IntervalRow(figure=figure, rep_id=rep_id, low=round(float(low), digits), high=round(float(high), digits))
