"""A plan in figures: its cost by term and what each term means in its own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from schemas.rows import PlanFigures
from solvers.describe import spread
from solvers.objective import Costs
from solvers.places import Places
from solvers.problem import Ints, Problem, reorder
from solvers.taking import take
from solvers.travel import travel_of_year


def by_ids(problem: Problem, places: Places | None = None) -> tuple[Problem, Places | None]:
    """Accounts and reps in the order of their ids, so that sums never depend on the order in which they were told."""
    accounts = np.array(sorted(range(problem.accounts), key=problem.account_ids.__getitem__))
    reps = np.array(sorted(range(problem.reps), key=problem.rep_ids.__getitem__))
    return reorder(problem, accounts, reps), None if places is None else places.reordered(accounts, reps)


def figures(costs: Costs, plan: Ints, places: Places | None = None) -> PlanFigures:
    """The figures of a plan (n,) of rep indices, -1 for nobody: such accounts cost nothing and count for no territory."""
    p = costs.problem
    served = np.flatnonzero(plan >= 0)
    costs, plan = _of(costs, served), plan[served]
    terms, uneven = costs.terms(plan), spread(costs, plan)
    changed = costs.changes[np.arange(len(plan)), plan]
    return PlanFigures(
        total_eur=terms.total_eur,
        travel_eur=terms.travel_eur,
        change_eur=terms.change_eur,
        balance_eur=terms.balance_eur,
        overtime_eur=terms.overtime_eur,
        contiguity_eur=terms.contiguity_eur,
        travel_km=terms.travel_km,
        travel_hours_per_client=0.0 if places is None else _hours_per_client(p, plan, served, places),
        spread=uneven.std_percent / 100,
        max_deviation=uneven.max_deviation_percent / 100,
        overtime_hours=terms.overtime_hours,
        move_count=int(terms.accounts_changed),
        potential_moved_eur=float(costs.problem.potential[changed].sum()),
    )


def plan_of(problem: Problem, assignment: Mapping[str, str]) -> Ints:
    """(n,) rep indices of a plan given as account -> rep id."""
    index = {rep: j for j, rep in enumerate(problem.rep_ids)}
    return np.array([index[assignment[account]] for account in problem.account_ids], dtype=np.int64)


def _of(costs: Costs, served: Ints) -> Costs:
    """The same prices and fair shares for some of the accounts."""
    p = costs.problem
    if len(served) == p.accounts:
        return costs
    part = replace(
        take(p, served, np.arange(p.reps)),
        edges=None,
        contiguity="off",
        apart=None,
        least_accounts=0,
        most_accounts=None,
    )
    rows = {name: getattr(costs, name)[served] for name in ("allowed", "changes", "km", "travel", "change", "fixed")}
    return replace(costs, problem=part, **rows)


def _hours_per_client(problem: Problem, plan: Ints, served: Ints, places: Places) -> float:
    """Hours on the road a year for one client, over all territories."""
    flat = places.on_plane()
    points, visits = flat.accounts[served], problem.visits[served]
    found = [
        travel_of_year(points[plan == j], visits[plan == j], flat.homes[j], problem.weights)
        for j in range(problem.reps)
    ]
    clients = sum(one.clients for one in found)
    return sum(one.year_hours for one in found) / clients if clients else 0.0
