"""The reference scenarios beside a suggested plan: the greatest fairness, the shortest travel, and doing nothing.

Same problem, same rules, other weights in the search; then all plans are priced with the company's own weights, so
that they can be compared in EUR and in their own units.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from schemas.rows import PlanFigures, ScenarioRow
from schemas.settings import Weights
from solvers.budget import Budget, Meter
from solvers.dual import best_prices
from solvers.figures import by_ids, figures, plan_of
from solvers.objective import Costs, costs_of
from solvers.places import Places
from solvers.problem import Ints, Problem
from solvers.search import cheapest_insertion, improve, keeps_rules, worths, worthwhile
from solvers.solution import Solution

WEIGHT = 10.0  # times the usual: what a scenario is about outweighs nearly everything else
EFFORT = 4  # each scenario gets this part of the work of a solve


def max_fairness(weights: Weights) -> Weights:
    """Any deviation from the fair share costs, ten times as much."""
    slopes = tuple(WEIGHT * slope for slope in weights.balance_slopes)
    return weights.model_copy(update={"balance_free": 0.0, "balance_slopes": slopes})


def min_distance(weights: Weights) -> Weights:
    """A km costs ten times as much and unbalance nothing; overtime keeps its price."""
    slopes = (0.0, 0.0, 0.0)
    return weights.model_copy(update={"travel_per_km": WEIGHT * weights.travel_per_km, "balance_slopes": slopes})


def scenarios(
    problem: Problem,
    balanced: Solution,
    budget: Budget | None = None,
    places: Places | None = None,
    most_potential_eur: float = np.inf,
) -> tuple[ScenarioRow, ...]:
    """Doing nothing, the plan found, and the two extremes. `most_potential_eur` may change rep in each of them."""
    assignment = dict(zip(balanced.account_ids, balanced.assignment, strict=True))
    problem, places = by_ids(problem, places)
    budget = budget or Budget()
    meter = Meter(replace(budget, evaluations=budget.evaluations // EFFORT))
    costs = costs_of(problem)
    nothing = cheapest_insertion(costs, problem.current)
    fair = plan_with(problem, max_fairness(problem.weights), meter, most_potential_eur)
    meter = Meter(meter.budget)
    short = plan_with(problem, min_distance(problem.weights), meter, most_potential_eur)
    plans = {"nothing": nothing, "balanced": plan_of(problem, assignment), "max_fairness": fair, "min_distance": short}
    return tuple(_row(name, figures(costs, plan, places)) for name, plan in plans.items())


def plan_with(problem: Problem, weights: Weights, meter: Meter, most_potential_eur: float = np.inf) -> Ints:
    """(n,) the best plan found under other weights, in the order of the problem."""
    costs = costs_of(replace(problem, weights=weights))
    baseline = cheapest_insertion(costs, problem.current)
    bound = best_prices(costs, None, meter.clock_expired)
    starts = [baseline, *([bound.plan] if keeps_rules(costs, bound.plan, baseline) else [])]
    found = improve(costs, bound, starts, meter, problem.min_move_worth)
    plan = worthwhile(costs, found, otherwise=baseline)
    return within_potential(costs, plan, baseline, most_potential_eur)


def within_potential(costs: Costs, plan: Ints, baseline: Ints, most_eur: float) -> Ints:
    """The most valuable moves of a plan whose potential fits; the others are undone where the rules allow it."""
    p = costs.problem
    moved = np.flatnonzero(costs.changes[np.arange(p.accounts), plan])
    if not len(moved) or float(p.potential[moved].sum()) <= most_eur:
        return plan
    order = moved[np.argsort(-worths(costs, plan, moved), kind="stable")]
    kept = plan.copy()
    kept[order] = p.current[order]
    spent = 0.0
    for i in order:
        if spent + float(p.potential[i]) <= most_eur:
            kept[i] = plan[i]
            spent += float(p.potential[i])
    return worthwhile(costs, kept, otherwise=baseline) if keeps_rules(costs, kept, baseline) else baseline


def _row(name: str, told: PlanFigures) -> ScenarioRow:
    return ScenarioRow.model_validate({"scenario": name, **told.model_dump()})
