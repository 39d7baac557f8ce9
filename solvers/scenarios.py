"""The reference scenarios beside a suggested plan: the greatest fairness, the shortest travel, and doing nothing.

Same problem, same rules, other weights in the search; then all plans are priced with the company's own weights, so
that they can be compared in EUR and in their own units.
"""

from __future__ import annotations

from dataclasses import replace

from schemas.rows import PlanFigures, ScenarioRow
from schemas.settings import Weights
from solvers.budget import Budget, Meter
from solvers.dual import best_prices
from solvers.figures import by_ids, figures, plan_of
from solvers.limited import plan_within
from solvers.objective import costs_of
from solvers.orphans import baseline
from solvers.places import Places
from solvers.problem import Ints, Problem
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
) -> tuple[ScenarioRow, ...]:
    """Doing nothing, the plan found, and the two extremes."""
    assignment = dict(zip(balanced.account_ids, balanced.assignment, strict=True))
    problem, places = by_ids(problem, places)
    budget = budget or Budget()
    meter = Meter(replace(budget, evaluations=budget.evaluations // EFFORT))
    costs = costs_of(problem)
    nothing = baseline(costs)
    fair = plan_with(problem, max_fairness(problem.weights), meter)
    meter = Meter(meter.budget)
    short = plan_with(problem, min_distance(problem.weights), meter)
    plans = {"nothing": nothing, "balanced": plan_of(problem, assignment), "max_fairness": fair, "min_distance": short}
    return tuple(_row(name, figures(costs, plan, places)) for name, plan in plans.items())


def plan_with(problem: Problem, weights: Weights, meter: Meter) -> Ints:
    """(n,) the best plan found under other weights, in the order of the problem."""
    costs = costs_of(replace(problem, weights=weights))
    return plan_within(costs, meter, lambda priced, clock: best_prices(priced, None, clock.clock_expired)).plan


def _row(name: str, told: PlanFigures) -> ScenarioRow:
    return ScenarioRow.model_validate({"scenario": name, **told.model_dump()})
